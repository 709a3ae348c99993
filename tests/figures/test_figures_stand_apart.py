import subprocess
import sys

MODULES = (
    "activations charts claims classes declare digits kernels learning maps network oips "
    "page performance pictures probes receptive style tiles units"
).split()
UNWANTED = ("jax", "flax", "matplotlib.pyplot", "cnnbook.nets")


def test_figures_know_no_network_and_never_import_jax_or_pyplot():
    lines = ["import sys", *(f"import cnnbook.figures.{module}" for module in MODULES)]
    lines.append(f"print([name for name in {UNWANTED} if name in sys.modules])")
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

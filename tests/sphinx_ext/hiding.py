"""Hides all of cnnbook that knows CNNs, and its libraries, from every process of a foreign book's build.

As `sitecustomize.py` on their path, Python imports it when it starts: the build, and the cells' kernels.
"""

import sys
from importlib.abc import MetaPathFinder

GENERIC = {"publishing", "sphinx_ext"}
"""What a book about anything else uses."""

SERVING = {
    "bookfiles",
    "build_state",
    "digests",
    "files",
    "formatting",
    "machine",
    "results",
    "sources",
    "store",
    "timing",
}
"""What these two use of the modules that serve all."""

LIBRARIES = {"flax", "jax", "jaxlib", "mlxtend", "optax", "orbax", "sklearn"}


class Hiding(MetaPathFinder):
    """Refuses to import what is hidden."""

    def find_spec(self, name, path=None, target=None):
        """Nothing for what is not hidden, so that the other finders look for it."""
        first, _, rest = name.partition(".")
        part = rest.partition(".")[0]
        if first in LIBRARIES or (first == "cnnbook" and part and part not in GENERIC | SERVING):
            raise ModuleNotFoundError(f"{name} is hidden from this book", name=name)


sys.meta_path.insert(0, Hiding())

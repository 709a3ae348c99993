"""Commands about figures start at once: they import nothing that computes."""

import subprocess
import sys

import pytest

from helpers import BOOK

HEAVY = ("jax", "flax", "xarray", "matplotlib", "sphinx", "pandas")

PROBE = """
import sys
from cnnbook.cli import main

code = main(sys.argv[1:])
print(code, *[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["figures"],
        ["cite", "fig-journey", "--format", "ris"],
        ["metadata"],
        ["verify", "book/_static/journey.png"],
    ],
    ids=lambda words: words[0],
)
def test_a_command_imports_nothing_that_computes(words):
    probe = PROBE.format(heavy=HEAVY)
    ended = subprocess.run(
        [sys.executable, "-c", probe, *words], cwd=BOOK, capture_output=True, text=True, check=True
    )
    assert ended.stderr.splitlines()[-1] in ("0", "1")

"""A new experiment is a module, a claim in the ledger and a chapter: nothing else is edited."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from helpers import BOOK

MODULE = '''"""How much of an image is ink?"""

from dataclasses import dataclass

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """From which pixel value on there is ink."""

    level: int = number(128, "least pixel value that is ink", least=1, most=255)


@experiment(
    config=Config(),
    nets="none",
    variables=[variable("ink", "image", "share of pixels that are ink")],
    statistics=[statistic("ink_share", lambda r: r.ink, "share of pixels that are ink")],
    facts=[fact("share", "ink", ".1%")],
)
def ink(run: Measurement[Config]) -> Measured:
    """The share of inked pixels of each test image."""
    return {"ink": (run.digits.test_images >= run.config.level).mean(axis=(1, 2))}
'''

CLAIM = """
  - id: X1
    section: Patterns in maps?
    claim: Most of an image is paper.
    chapter: book/ink
    figure: fig-network
    level: display
    parts:
      - {statistic: ink.ink_share, says: "share of ink", holds: below 0.5, fails: at least 0.5, null: 0}
"""

CHAPTER = "# Ink\n\n{value}`ink.share` of the pixels are ink: {verdict}`X1`.\n"

SCRIPT = """
import json, sys
from pathlib import Path
from cnnbook.claims import judge, read_ledger
from cnnbook.experiments.facts import facts_of
from cnnbook.workspace import open_book

book = open_book(root=Path(sys.argv[1]), profile="draft", choice="sample")
result = book.result("ink")
(claim,) = [claim for claim in read_ledger(book.root) if claim.id == "X1"]
judged = judge(claim, {"ink": result}, is_sample=False)
facts = facts_of(book.runner.experiments["ink"], result)
json.dump({"facts": facts, "verdict": judged.verdict, "mean": float(result.ink),
           "low": judged.measured[0].ends[0], "high": judged.measured[0].ends[1]}, sys.stdout)
"""


@pytest.fixture(scope="module")
def added(tmp_path_factory) -> dict:
    """What a copy of the book says of an experiment that was added to it."""
    root = tmp_path_factory.mktemp("added")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("src", "seeds", "book"):
        shutil.copytree(BOOK / folder, root / folder, ignore=ignored)
    (root / "src" / "cnnbook" / "experiments" / "ink.py").write_text(MODULE)
    (root / "book" / "ink.md").write_text(CHAPTER)
    with (root / "seeds" / "claims.yaml").open("a") as ledger:
        ledger.write(CLAIM)
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "CNNBOOK_CACHE": str(root / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_added_module_is_found_measured_and_resampled(added):
    assert 0 < added["low"] < added["mean"] < added["high"] < 0.3
    assert added["high"] - added["low"] < 0.02


def test_its_facts_are_what_the_chapter_quotes(added):
    quoted = re.findall(r"\{value\}`ink\.(\w+)`", CHAPTER)
    assert set(quoted) == set(added["facts"])
    assert added["facts"]["share"] == f"{100 * added['mean']:.1f} %"


def test_its_claim_is_judged_by_the_rule_in_the_ledger(added):
    assert added["verdict"] == "confirmed"

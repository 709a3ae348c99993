"""The API pages: each part that a cell may import has a page, and each of its modules stands there."""

import re
from pathlib import Path

import pytest
import yaml
from wholebook import ROOT

PARTS = ("workspace", "maps", "fcp", "oip", "nets")
DOCUMENTED = re.compile(r"^\.\. automodule:: (\S+)$", re.MULTILINE)


def page(part: str) -> Path:
    return ROOT / "book" / f"api-{part}.md"


def modules(part: str) -> list[str]:
    """The part itself, and if it is a package, all modules and packages in it."""
    source = ROOT / "src"
    paths = [path.relative_to(source).with_suffix("") for path in (source / "cnnbook" / part).rglob("*.py")]
    inside = sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)
    return inside or [f"cnnbook.{part}"]


@pytest.mark.parametrize("part", PARTS)
def test_every_module_of_a_part_is_documented_once_and_no_other(part: str) -> None:
    """A module that was moved, added or dropped is to be moved, added or dropped on the page as well."""
    assert DOCUMENTED.findall(page(part).read_text()) == modules(part)


def test_every_page_is_in_the_table_of_contents_below_the_overview() -> None:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    entries = [entry for part in parts for entry in part["chapters"] if "sections" in entry]
    assert [entry["file"] for entry in entries] == ["book/api"]
    assert [section["file"] for section in entries[0]["sections"]] == [f"book/api-{part}" for part in PARTS]

"""For contributors: the page they read, with its layout and its example; hooks and the hosted workflow."""

import re
import runpy
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import yaml

from helpers import BOOK


@pytest.fixture(scope="module")
def layout() -> Mapping[str, Any]:
    """What `tools/layout.py` defines."""
    return runpy.run_path(str(BOOK / "tools" / "layout.py"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one module, and one package that has a module and a package."""
    for name in ("", "inner", "inner/deep"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "__init__.py").write_text(f'"""What {name or "the package"} holds."""')
    (tmp_path / "alone.py").write_text('"""One module.\n\nMore about it.\n"""')
    (tmp_path / "inner" / "detail.py").write_text("")
    return tmp_path


def test_packages_and_modules_stand_with_the_first_lines_of_their_docstrings(layout, package: Path) -> None:
    assert list(layout["lines"](package)) == [
        "- `alone.py` One module.",
        "- `inner/` What inner holds.",
        "  - `deep/` What inner/deep holds.",
    ]


def test_a_module_without_a_docstring_is_refused(layout, package: Path) -> None:
    (package / "alone.py").write_text("")
    with pytest.raises(ValueError, match=r"alone\.py: expected a docstring; its first line says"):
        list(layout["lines"](package))


def test_the_layout_replaces_what_stands_between_the_two_comments(layout) -> None:
    replace: Callable[[str, str], str] = layout["with_layout"]
    page = f"before\n{layout['BEGIN']}\nold\n{layout['END']}\nafter"
    once = replace(page, "- a\\1")
    assert once == f"before\n{layout['BEGIN']}\n\n- a\\1\n\n{layout['END']}\nafter"
    assert replace(once, "- a\\1") == once


def test_a_page_without_the_comments_is_refused(layout) -> None:
    with pytest.raises(ValueError, match="expected the two comments"):
        layout["with_layout"]("a page", "- a")


def test_an_api_page_keeps_its_head_and_gets_a_section_for_each_module_at_any_depth(
    layout, package: Path
) -> None:
    page = "# Title\n\nText.\n\n## gone\n\nold\n"
    wanted = "# Title\n\nText.\n"
    for part in ("alone", "inner", "inner.deep", "inner.detail"):
        name = f"{package.name}.{part}"
        wanted += f"\n## {name}\n\n```{{eval-rst}}\n.. automodule:: cnnbook.{name}\n```\n"
    assert layout["with_sections"](page, package) == wanted
    assert layout["with_sections"](wanted, package) == wanted


def test_every_page_that_follows_from_the_modules_is_up_to_date(layout) -> None:
    """If not: `make layout`."""
    assert [path.name for path, text in layout["pages"]().items() if path.read_text() != text] == []


def test_hooks_and_workflow_run_the_same_commands_as_people_do() -> None:
    """Hooks call targets of the Makefile or tools of this repository, the workflow calls `.ci/run`."""
    targets = set(re.findall(r"^([a-z]+):", (BOOK / "Makefile").read_text(), re.MULTILINE))
    (repository,) = yaml.safe_load((BOOK / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert repository["repo"] == "local"
    assert {entry.split()[1] for entry in entries if entry.startswith("make ")} == {"lint", "typecheck"}
    assert {"lint", "typecheck"} <= targets
    assert all((BOOK / entry.split()[1]).is_file() for entry in entries if not entry.startswith("make "))
    jobs = yaml.safe_load((BOOK / ".github" / "workflows" / "check.yml").read_text())["jobs"]
    assert [step["run"] for step in jobs["run"]["steps"] if "run" in step] == [".ci/run"]
    assert (BOOK / ".ci" / "run").read_text().rstrip().endswith("make test")


def test_the_experiment_in_contributing_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code runs, measures a network, and its statistic counts the biases below zero: one of two."""
    page = (BOOK / "CONTRIBUTING.md").read_text()
    source = next(
        code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "@experiment(" in code
    )
    module = types.ModuleType("biases")
    monkeypatch.setitem(sys.modules, "biases", module)
    exec(source, module.__dict__)
    experiment = module.biases
    assert (experiment.name, experiment.question) == ("biases", "Are the biases of Conv_1 negative?")
    net = types.SimpleNamespace(weights={"conv_1.bias": np.array([-0.1, 0.2])})
    biases = experiment.measure(net, None)["bias"]
    result = xr.Dataset(
        {"bias": (("state", "net", "map_conv_1"), [[biases], [[-1.0, -1.0]]])},
        coords={"state": ["trained", "untrained"]},
    )
    assert experiment.statistic("negative_share").of(result).values.tolist() == [0.5]

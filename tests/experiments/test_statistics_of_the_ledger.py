"""Every statistic that decides a verdict is compared with a number in the tests of its experiment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnbook.claims import read_ledger
from cnnbook.experiments import find_experiments
from helpers import BOOK

STATISTICS = sorted(
    {
        (part.experiment, part.statistic)
        for claim in read_ledger(BOOK)
        for part in claim.parts
        if part.experiment in find_experiments()
    }
)


def files_of(experiment: str) -> list[Path]:
    """The test files of an experiment: "codes" has `test_codes.py`, and those that say more behind "_of_"."""
    folder = Path(__file__).parent
    return [folder / f"test_{experiment}.py", *folder.glob(f"test_{experiment}_of_*.py")]


def functions(source: str) -> Iterator[ast.FunctionDef]:
    """All functions of a module."""
    return (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef))


def compares(function: ast.FunctionDef) -> bool:
    """Whether a test asserts something, by `assert` or by NumPy's `assert_…`."""
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Attribute) and node.attr.startswith("assert_"))
        for node in ast.walk(function)
    )


def named(function: ast.FunctionDef) -> set[str]:
    """What a test names, in its parameters too: texts, and attributes such as `found.contour_gain`."""
    nodes = list(ast.walk(function))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def asserted(source: str) -> set[str]:
    """What the tests of a module name that assert something."""
    found = [named(each) for each in functions(source) if each.name.startswith("test_") and compares(each)]
    return set().union(*found)


def test_only_tests_that_assert_something_count():
    source = """
@pytest.mark.parametrize("name", ["first"])
def test_by_value(name): assert value(name) == result.second
def test_without(): value("third")
def helper(): assert "fourth"
def test_by_numpy(): np.testing.assert_allclose(value("fifth"), 1)
"""
    assert asserted(source) & {"first", "second", "third", "fourth", "fifth"} == {"first", "second", "fifth"}


@pytest.mark.parametrize(("experiment", "statistic"), STATISTICS)
def test_a_statistic_of_the_ledger_is_tested_with_its_experiment(experiment, statistic):
    files = [path for path in files_of(experiment) if path.is_file()]
    assert files, f"tests/experiments/test_{experiment}.py: expected the tests of {experiment}"
    found = set().union(*(asserted(path.read_text(encoding="utf-8")) for path in files))
    assert statistic in found, f"{experiment}.{statistic}: expected a test with a number worked by hand"

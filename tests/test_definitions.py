"""What a function is defined by: what counts as a change, and what does not."""

import ast

import pytest

from cnnbook import definitions
from cnnbook.definitions import definition, normalised, parse_module

SOURCE = """
from cnnbook.strips import strip_axis

LIMIT = 3
'''How many.'''

def helper(value):
    return value + LIMIT

def bystander():
    return 1

def measure(value):
    '''Measure it.'''
    for _ in range(2):
        value = helper(value)
    return strip_axis([value])
"""


def defined(text: str, name: str = "measure") -> str:
    module = parse_module("cnnbook.made_up", text)
    return definition(module, module.defined[name])


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    """Let the made-up module be found by its name, whatever its text is."""
    real = definitions.read_module

    def read(name):
        return current[0] if name == "cnnbook.made_up" else real(name)

    current = [parse_module("cnnbook.made_up", SOURCE)]
    monkeypatch.setattr(definitions, "read_module", read)
    definitions._meaning.cache_clear()
    yield current
    definitions._meaning.cache_clear()


def changed(made_up, old: str, new: str) -> bool:
    """Whether `measure` has another definition once a piece of the source is replaced."""
    before = defined(SOURCE)
    assert old in SOURCE
    text = SOURCE.replace(old, new)
    made_up[0] = parse_module("cnnbook.made_up", text)
    definitions._meaning.cache_clear()
    return defined(text) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(2)", "range(3)"),
        ("value + LIMIT", "value - LIMIT"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("    return strip_axis", "        return strip_axis"),
        ("strip_axis([value])", "strip_axis([value, 1])"),
    ],
)
def test_a_change_of_itself_or_of_what_it_uses_is_one(made_up, old, new):
    assert changed(made_up, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 1", "return 2"),
        ("    for _", "    # Twice.\n    for _"),
        ("Measure it.", "Measure it twice."),
        ("How many.", "So many."),
        ("helper(value)\n", "helper(\n            value,\n        )\n"),
    ],
)
def test_its_neighbours_comments_docstrings_and_line_breaks_are_none(made_up, old, new):
    assert not changed(made_up, old, new)


def test_what_another_module_of_the_package_defines_is_followed():
    assert "cnnbook.strips.strip_axis" in defined(SOURCE)


def test_a_formatted_string_is_one_piece_in_every_version_of_python():
    text = "name = f'{value!r:>{width}} {{kept}}'  # a comment\n"
    assert normalised(text, ast.parse(text).body[0]) == "name = f'{value!r:>{width}} {{kept}}' ;"


def test_names_that_are_left_out_are_not_followed():
    module = parse_module("cnnbook.made_up", SOURCE)
    found = definition(module, module.defined["measure"], without=[("cnnbook.strips", "strip_axis")])
    assert "cnnbook.strips" not in found
    assert "cnnbook.made_up.helper" in found

"""Pages that no source stands for are written when what stands on them, or around them, has changed."""

from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.project import Project

from cnnbook.sphinx_ext.incremental import WRITTEN, GeneratedPages, share_table_of_contents

PAGES = [("figures/fig-a", {"body": "a"}, "page.html"), ("figures/fig-b", {"body": "b"}, "page.html")]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A folder that holds both pages."""
    (tmp_path / "figures").mkdir()
    for name, _, _ in PAGES:
        (tmp_path / f"{name}.html").touch()
    return tmp_path


def written(doctrees: Path, output: Path, pages=PAGES, surroundings: str = "same") -> list[str]:
    """What a build writes, which then ends well."""
    generated = GeneratedPages(doctrees, surroundings)
    names = [name for name, _, _ in generated.changed_pages(pages, output)]
    generated.save()
    return names


def test_a_first_build_writes_all_and_a_second_none(tmp_path, output):
    assert written(tmp_path, output) == ["figures/fig-a", "figures/fig-b"]
    assert written(tmp_path, output) == []


def test_only_the_page_whose_content_has_changed_is_written(tmp_path, output):
    written(tmp_path, output)
    assert written(tmp_path, output, [PAGES[0], ("figures/fig-b", {"body": "B"}, "page.html")]) == [
        "figures/fig-b"
    ]


def test_all_are_written_when_their_surroundings_have_changed(tmp_path, output):
    written(tmp_path, output)
    assert written(tmp_path, output, surroundings="other") == ["figures/fig-a", "figures/fig-b"]


def test_a_page_that_is_not_there_is_written(tmp_path, output):
    written(tmp_path, output)
    (output / "figures" / "fig-a.html").unlink()
    assert written(tmp_path, output) == ["figures/fig-a"]


def test_a_build_that_did_not_end_well_is_not_remembered(tmp_path, output):
    list(GeneratedPages(tmp_path, "same").changed_pages(PAGES, output))
    assert written(tmp_path, output) == ["figures/fig-a", "figures/fig-b"]


@pytest.mark.parametrize("content", ["", "[", "[1]"])
def test_a_damaged_memory_makes_all_pages_anew(tmp_path, output, content):
    (tmp_path / WRITTEN).write_text(content)
    assert written(tmp_path, output) == ["figures/fig-a", "figures/fig-b"]


def test_pages_in_one_folder_share_the_contents_and_others_have_their_own():
    app = Sphinx.__new__(Sphinx)
    app.env = BuildEnvironment.__new__(BuildEnvironment)
    app.env.project = Project("", {})
    app.env.project.docnames = {"figures/index"}
    asked = []

    def contents(page: str, **options) -> str:
        asked.append(page)
        return f"from {page.rpartition('/')[0]} {options}"

    def shown(page: str, **options) -> str:
        context = {"toctree": lambda **options: contents(page, **options)}
        share_table_of_contents(app, page, "", context, None)
        return context["toctree"](**options)

    assert shown("figures/fig-a", maxdepth=2) == "from figures {'maxdepth': 2}"
    assert shown("figures/fig-b", maxdepth=2) == "from figures {'maxdepth': 2}"
    shown("figures/fig-b", maxdepth=3)
    shown("atlas/conv_1", maxdepth=2)
    shown("figures/index", maxdepth=2)
    assert asked == ["figures/fig-a", "figures/fig-b", "atlas/conv_1", "figures/index"]

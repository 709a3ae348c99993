"""The book's folder and configuration are judged rightly."""

import pytest

from cnnbook.doctor.book import check_configuration, check_folder, check_profile
from cnnbook.inputs import book_root


def _levels(text):
    return {finding.check: finding.level for finding in check_configuration(text)}


def test_the_books_own_folder_and_configuration_are_free_of_problems():
    root = book_root()
    assert check_folder(root).level == "ok"
    assert set(_levels((root / "_config.yml").read_text()).values()) == {"ok"}


def test_no_book_here_is_a_problem():
    assert check_folder(None).level == "problem"


def test_a_book_without_the_files_of_jupyter_book_1_is_a_problem(tmp_path):
    (tmp_path / "_toc.yml").touch()
    found = check_folder(tmp_path)
    assert found.found == f"{tmp_path} has no _config.yml"
    assert found.mend == f"cd {tmp_path} && git checkout _config.yml"


def test_a_trace_of_jupyter_book_2_is_a_note(tmp_path):
    for name in ("_config.yml", "_toc.yml", "myst.yml"):
        (tmp_path / name).touch()
    found = check_folder(tmp_path)
    assert (found.level, found.mend) == ("note", f"rm {tmp_path / 'myst.yml'}")


@pytest.mark.parametrize(
    ("execute", "level"),
    [
        ("{}", "problem"),  # Jupyter Book's own 30 s
        ("{timeout: 60}", "problem"),
        ("{timeout: long}", "problem"),
        ("{timeout: 300}", "ok"),
        ("{timeout: -1}", "ok"),  # no limit
    ],
)
def test_cells_need_time(execute, level):
    assert _levels(f"execute: {execute}")["cell timeout"] == level


def test_the_timeout_that_nobody_set_is_said():
    assert check_configuration("title: A book")[0].found == (
        "30 s, Jupyter Book's own, since none is set; expected 300 s or more"
    )


OPTIONS = "sphinx: {config: {html_theme_options: {home_page_in_toc: true}}}\n"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("title: A book", "ok"),
        (OPTIONS, "ok"),
        (OPTIONS + "launch_buttons: {colab_url: there}", "problem"),
        (OPTIONS + "repository: {url: there}", "problem"),
        ("launch_buttons: {colab_url: there}", "ok"),
    ],
)
def test_theme_options_are_a_problem_where_they_make_something_else_vanish(text, level):
    assert _levels(text)["theme options"] == level


@pytest.mark.parametrize("text", ["a: [", "- a list", "a: b: c"])
def test_a_configuration_that_cannot_be_read_is_one_problem(text):
    assert _levels(text) == {"_config.yml": "problem"}


def test_an_empty_configuration_has_jupyter_books_timeout():
    assert _levels("")["cell timeout"] == "problem"


def test_profiles_are_known(monkeypatch):
    assert check_profile("paper").found == "paper: 20 networks"
    monkeypatch.setenv("CNNBOOK_PROFILE", "diary")
    assert (check_profile(None).level, check_profile(None).mend) == ("problem", "unset CNNBOOK_PROFILE")

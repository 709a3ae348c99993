"""The register of figures: append-only, and the same list that the chapters show."""

import re
import subprocess
from pathlib import Path

import pytest

from cnnbook import __version__
from cnnbook.publishing.registry import FIGURES, RegistryEntry, parse_registry, read_registry
from helpers import BOOK

HERE = Path("figures.yaml")
PLACE = f"book/{FIGURES}"

LINES = """
- {id: fig-rain, title: Rain, since: 1.0, withdrawn: null}
- {id: fig-rain-by-day, title: Rain by day, since: 1.1}
- {id: fig-fog, title: Fog, since: 1.0, withdrawn: "in 2.0: the station was moved"}
"""


def git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(BOOK), *words], capture_output=True, text=True, check=True).stdout


def committed() -> list[tuple[str, str]]:
    """Each committed version of the register: commit and text, oldest first."""
    try:
        if git("rev-parse", "--is-shallow-repository").strip() != "false":
            pytest.skip("the history is not all here: a shallow clone")
        commits = git("log", "--format=%H", "--reverse", "--diff-filter=AM", "--", PLACE).split()
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("needs git and the book's history")
    return [(commit, git("show", f"{commit}:{PLACE}")) for commit in commits]


def shown() -> dict[str, str]:
    """The figures that chapters show, and where."""
    pages = [BOOK / "index.md", *sorted((BOOK / "book").glob("*.md"))]
    return {
        figure_id: page.name
        for page in pages
        for figure_id in re.findall(r"^:::+\s*\{citable-figure\}\s+(\S+)", page.read_text(), re.MULTILINE)
    }


def test_no_figure_ever_published_is_gone_or_means_something_else():
    now = read_registry(BOOK).entries
    for commit, text in committed():
        for entry in parse_registry(text, HERE).entries.values():
            assert entry.id in now, (
                f"{entry.id} was published in {commit[:12]}; withdraw it, do not remove it"
            )
            assert now[entry.id].title == entry.title, f"{entry.id}: another title than in {commit[:12]}"
            assert now[entry.id].since == entry.since
            assert bool(now[entry.id].withdrawn) >= bool(entry.withdrawn), (
                f"{entry.id} was withdrawn for good"
            )


def test_a_later_figure_comes_after_the_earlier_ones():
    now = list(read_registry(BOOK).entries)
    for _, text in committed():
        before = list(parse_registry(text, HERE).entries)
        assert now[: len(before)] == before


def test_chapters_show_the_figures_of_the_register_and_no_others():
    present = {entry.id for entry in read_registry(BOOK).entries.values() if not entry.withdrawn}
    assert set(shown()) == present


def test_every_title_is_short_and_its_own():
    titles = [entry.title for entry in read_registry(BOOK).entries.values()]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 70 and not title.endswith(".") for title in titles)


def test_no_figure_is_from_a_version_to_come():
    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    assert all(numbers(e.since) <= numbers(__version__) for e in read_registry(BOOK).entries.values())


def test_entries_are_found_by_id():
    registry = parse_registry(LINES, HERE)
    assert registry.entry("fig-rain") == RegistryEntry(id="fig-rain", title="Rain", since="1.0")
    assert registry.entry("fig-fog").withdrawn == "in 2.0: the station was moved"


def test_an_unknown_figure_is_reported_with_similar_ids():
    with pytest.raises(
        ValueError, match=r"'fig-rein': no such figure in figures\.yaml; did you mean fig-rain\b"
    ):
        parse_registry(LINES, HERE).entry("fig-rein")
    with pytest.raises(
        ValueError, match=r"'xyz': no such figure in figures\.yaml; 'cnnbook figures' lists all"
    ):
        parse_registry(LINES, HERE).entry("xyz")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fig-rain: Rain", r"figures\.yaml: expected a list of figures"),
        ("- {id: fig-rain, since: 1.0}", r"entry \{'id': 'fig-rain', 'since': 1\.0\} has no 'title'"),
        ("- {title: Rain, since: 1.0}", r"has no 'id'"),
        ("- fig-rain", r"entry 'fig-rain' has no 'id'"),
        ("- {id: Rain, title: Rain, since: 1.0}", r"figure_id='Rain': expected 'fig-'"),
        (
            LINES + "- {id: fig-rain, title: Drizzle, since: 2.0}",
            r"fig-rain is there twice, as 'Rain' and 'Driz",
        ),
    ],
)
def test_a_register_that_cannot_be_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_registry(text, HERE)


def test_an_empty_register_has_no_figures():
    assert parse_registry("# nothing yet\n", HERE).entries == {}


def test_a_book_without_a_register_is_told_what_it_is(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"figures\.yaml: not found; it lists every figure ever published"
    ):
        read_registry(tmp_path)

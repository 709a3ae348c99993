"""The tiny book, built by the real command: what the builder sees and what is on the disk."""

import pytest
from filelock import FileLock
from tiny import Outcome, Story

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("tinybook")]

COLOUR = "\x1b["


def test_a_good_build_ends_well_and_says_where_the_book_is(story: Story):
    assert story.first.code == 0, story.first.err
    assert story.first.out.rstrip().splitlines()[-1] == "The book is at _build/html/index.html"


def test_where_the_book_is_stands_in_one_line_and_in_one_alone(story: Story):
    said = story.first.out + story.first.err
    assert said.count("_build/html/index.html") == 1
    assert "Finished generating HTML" not in said


def test_a_good_build_says_which_cells_ran(story: Story):
    assert "Reading 3 of 3 pages." in story.first.err
    assert "book/lines: cells ran in" in story.first.err


def test_into_a_file_no_colour_codes_are_written(story: Story):
    said = [story.first, story.broken]
    assert not [outcome for outcome in said if COLOUR in outcome.out + outcome.err]


def test_a_second_build_reads_nothing_and_runs_nothing(story: Story):
    outcome, runs = story.again
    assert outcome.code == 0
    assert "No page has changed." in outcome.err
    assert runs == 1


def test_after_an_edit_to_the_style_sheet_it_is_published(story: Story):
    outcome, style = story.style_edited
    assert outcome.code == 0
    assert "/* edited */" in style


def test_after_an_edit_to_prose_only_that_page_is_read_and_no_cell_runs(story: Story):
    outcome, runs, page = story.prose_edited
    assert outcome.code == 0
    assert "Reading 1 of 3 pages." in outcome.err
    assert "Only prose" in page
    assert runs == 1


def test_when_what_cells_depend_on_changes_they_run_and_the_page_shows_it(story: Story):
    outcome, runs, page = story.other_state
    assert outcome.code == 0
    assert runs == 1
    assert "run in state two" in page
    assert "99.42 % (two)" in page


def test_a_build_that_writes_pages_again_gives_the_bytes_of_a_clean_build(story: Story):
    again, clean = story.written_again, story.written_clean
    assert again.keys() == clean.keys()
    assert [name for name in clean if clean[name] != again[name]] == []


def test_a_figure_is_put_in_place_when_its_cell_did_not_have_to_run(story: Story):
    outcome, runs, png = story.output_gone
    assert outcome.code == 0
    assert runs == 1
    assert png.startswith(b"\x89PNG")


def test_a_damaged_figure_makes_its_cell_run_again(story: Story):
    outcome, runs = story.figure_damaged
    assert outcome.code == 0
    assert "fig-line-dark.svg is damaged" in outcome.err
    assert runs == 2


def test_a_failing_cell_is_named_with_chapter_cell_and_error(story: Story):
    assert story.broken.code == 1
    assert (
        "book/prose.md:18: ERROR: cell 2 of 3 failed: ZeroDivisionError: division by zero" in story.broken.err
    )
    assert "----> 2     return one / 0" in story.broken.err


@pytest.mark.parametrize(
    "message",
    [
        ":29: WARNING: figure_id='Fig_Malformed': expected 'fig-' and then words of a-z and 0-9",
        ":35: WARNING: fig-never-made: no cell has published it; a cell must call book.publish('fig-n",
        ":35: WARNING: fig-never-made: alt text 'fig-never-made.svg' is a name",
        ":35: WARNING: fig-never-made: not in book/figures.yaml; add this line at its end: - {id: f",
        ":41: WARNING: fig-repeats: the alt text repeats the caption",
        ":47: WARNING: fig-bare: no alt text; expected ':alt:'",
        ":47: WARNING: fig-bare: no caption; expected a paragraph",
        ":50: WARNING: fig-late: an option stands below text",
        ":50: WARNING: fig-late: alt: value 'accuracy.meen' is unknown; did you mean accuracy.mean?",
        ":58: WARNING: duplicate label fig-line, other instance in",
        ":64: WARNING: value 'accuracy.meam' is unknown; did you mean accuracy.mean?",
        ":64: WARNING: value 'nothing.at.all' is unknown",
        ":66: WARNING: undefined label: 'fig-nowhere'",
        ":66: WARNING: 'myst' cross-reference target not found: 'nowhere.md'",
        ":66: WARNING: undefined label: 'nowhere'",
        """WARNING: could not find bibtex key "nobody1999\"""",
        r":68: WARNING: formula '\\unheardof': '\\unheardof' cannot be written as MathML",
        r":68: WARNING: formula '\\frac{1}{' is not sound: NoAvailableTokensError",
        ":11: WARNING: the image that this cell shows has no alt text",
        "WARNING: image book/_static/line.png: no alt text",
        ":73: WARNING: image book/_static/line.png: alt text 'line.png' is a name",
        ":73: WARNING: figure: no caption",
        ':77: WARNING: Duplicate explicit target name: "fig-repeats"',
    ],
)
def test_every_fault_of_a_chapter_is_reported_in_one_build(story: Story, message: str):
    assert any(message in line and "prose.md" in line for line in story.broken.err.splitlines()), (
        story.broken.err
    )


def test_faults_are_counted_and_the_build_is_not_published(story: Story):
    faults = sum(": WARNING: " in line or ": ERROR: " in line for line in story.broken.err.splitlines())
    assert (
        f"Not published: {faults} problems, named above; what was published before is unchanged."
        in story.broken.err
    )
    assert story.pages_after_broken == {}


def test_a_second_build_does_not_forget_what_was_wrong_in_the_first(story: Story):
    assert story.broken_again.code == 1
    assert _faults(story.broken_again) == _faults(story.broken)


def test_a_page_that_refers_to_what_another_no_longer_has_is_reported_too(story: Story):
    assert any("lines.md" in fault and "lecun1998gradient" in fault for fault in _faults(story.broken))


def _faults(outcome: Outcome) -> set[str]:
    return {line for line in outcome.err.splitlines() if ": WARNING: " in line or ": ERROR: " in line}


def test_a_mended_chapter_builds(story: Story):
    assert story.mended.code == 0, story.mended.err


def test_a_build_on_the_sample_says_so_on_every_page(story: Story):
    notice = "Built on the sample of 5,000 digits: no number here is a result about MNIST."
    assert story.sample.code == 0
    assert all(notice in text for text in story.sample_pages.values())
    assert not any(notice in text for text in story.first_pages.values())


def test_a_mistake_of_the_builder_is_told_in_one_line(story: Story):
    outcome = story.book.build(state="mistaken")
    assert outcome.code == 1
    assert outcome.err == "Error: TINY_STATE='mistaken': expected another word\n"


def test_ctrl_c_ends_a_build_in_one_line(story: Story):
    outcome = story.book.interrupt(state="waiting", when="waiting for Ctrl-C")
    assert outcome.code == 130
    assert outcome.err == "waiting for Ctrl-C\nInterrupted; nothing was published.\n"


def test_a_build_waits_for_another_one_and_says_so(story: Story):
    lock = FileLock(story.book.root / "_build" / ".doctrees" / ".build.lock")
    lock.acquire()
    process = story.book.start(state="mistaken")
    assert process.stderr is not None
    said = process.stderr.readline()
    lock.release()
    process.communicate(timeout=600)
    assert said.startswith("Waiting for another build that uses")

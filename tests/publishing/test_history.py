"""What became of a figure between versions: numbers worked by hand, pictures by their pixels, words."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from PIL import Image
from recorded import content, figure, file_entry, withdrawn, write_built

from cnnbook.publishing import history
from cnnbook.publishing.built import version_folders, version_key
from cnnbook.publishing.data_files import compare_csv
from cnnbook.publishing.record import FigureRecord

HEAD = "variable,unit,net,digit,value\n"


def png(colour: tuple[int, int, int], size: tuple[int, int] = (3, 2), text: str = "") -> bytes:
    """A picture of one colour; `text` changes its bytes and not its pixels."""
    stream = io.BytesIO()
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("version", text)
    Image.new("RGB", size, colour).save(stream, "png", pnginfo=info)
    return stream.getvalue()


@pytest.fixture
def changes(tmp_path):
    """What differs between two records, whose files are given by "old.csv" and the like."""

    def compare(
        old: FigureRecord, new: FigureRecord, files: Mapping[str, str | bytes] = MappingProxyType({})
    ) -> history.Changes:
        placed = []
        for side, record in (("old", old), ("new", new)):
            placed.append(replace(record, folder=tmp_path / side))
            (tmp_path / side).mkdir()
            for suffix in (".csv", ".png"):
                if (content := files.get(side + suffix)) is not None:
                    data = content.encode() if isinstance(content, str) else content
                    placed[-1].path(suffix).write_bytes(data)
        return history.changes_since(*placed)

    return compare


def table(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


def test_nothing_differs_between_a_figure_and_itself(changes):
    found = changes(figure(), figure(), {"old.csv": HEAD, "new.csv": HEAD})
    assert found.same
    assert found.numbers == []
    assert found.looks_same is None
    assert found.summary == ["The picture is the same.", "The data are the same."]


def test_numbers_are_compared_value_by_value():
    old = table(
        "accuracy,1,0,,0.99", "accuracy,1,1,,0.98", "count,1,,four,7", "loss,1,0,,0.5", "name,,,four,a"
    )
    new = table(
        "accuracy,1,0,,0.97", "accuracy,1,1,,0.980", "count,1,,four,7", "loss,1,0,,0.5", "name,,,four,b"
    )
    assert compare_csv(old, new) == [
        {
            "variable": "accuracy", "unit": "1", "unit_changed": False, "compared": 2, "differing": 1,
            "largest_difference": pytest.approx(0.02), "added": 0, "removed": 0,
        },
        {
            "variable": "name", "unit": "", "unit_changed": False, "compared": 1, "differing": 1,
            "largest_difference": None, "added": 0, "removed": 0,
        },
    ]  # fmt: skip


def test_values_that_came_and_went_are_counted_and_not_compared():
    old = table("accuracy,1,0,,0.99", "accuracy,1,1,,0.98", "gone,px,,,1")
    new = table("accuracy,1,1,,0.98", "accuracy,1,2,,0.10", "accuracy,1,3,,0.10")
    accuracy, gone = compare_csv(old, new)
    assert (accuracy["compared"], accuracy["differing"]) == (1, 0)
    assert (accuracy["added"], accuracy["removed"], accuracy["largest_difference"]) == (2, 1, None)
    assert (gone["variable"], gone["unit"], gone["added"], gone["removed"]) == ("gone", "px", 0, 1)


def test_a_value_belongs_to_its_place_whatever_the_order_of_rows_and_columns():
    old = "variable,unit,a,b,value\nx,1,0,1,5\nx,1,1,0,6\n"
    new = "variable,unit,b,c,a,value\nx,1,0,,1,6\nx,1,1,,0,5\n"
    assert compare_csv(old, new) == []


def test_what_is_missing_in_both_is_the_same_and_in_one_is_not():
    old, new = table("x,1,0,,NaN", "x,1,1,,NaN"), table("x,1,0,,NaN", "x,1,1,,3")
    (change,) = compare_csv(old, new)
    assert (change["differing"], change["largest_difference"]) == (1, None)


def test_another_unit_is_a_difference():
    (change,) = compare_csv(table("x,px,0,,1"), table("x,%,0,,1"))
    assert change["unit_changed"]
    assert change["differing"] == 0


def test_what_is_no_data_file_is_refused(changes):
    with pytest.raises(
        ValueError, match=r"new_csv: no column 'variable'; expected the data file of a figure"
    ):
        changes(figure(), figure(), {"old.csv": HEAD, "new.csv": "<html>"})


def test_pictures_are_compared_by_their_pixels(changes):
    old, new = figure(), figure(files=[file_entry("fig-accuracy.png", b"other")])
    pictures = {"old.png": png((1, 2, 3), text="1.0"), "new.png": png((1, 2, 3), text="1.1")}
    same = changes(old, new, pictures)
    assert same.looks_same
    assert same.same
    assert same.summary[0] == "The picture is the same, pixel by pixel."
    assert "fig-accuracy.svg" in same.summary[1]
    assert same.summary[1].endswith(" removed.")
    assert "fig-accuracy.png" not in same.summary[1]


@pytest.mark.parametrize("other", [png((1, 2, 4)), png((1, 2, 3), size=(3, 3))])
def test_a_pixel_or_a_size_that_differs_is_a_difference(changes, other):
    found = changes(figure(), figure(), {"old.png": png((1, 2, 3)), "new.png": other})
    assert found.looks_same is False
    assert not found.same
    assert found.summary[0] == "The picture differs."


def test_a_difference_is_told_in_sentences(changes):
    new = figure(
        title="Another",
        alt="Other words",
        data={"digest": "e" * 64},
        versions={"numpy": "2.2.0", "jax": "0.10.2"},
        drawn_by={**(figure().drawn_by or {}), "first_line": 12},
    )
    old_csv = table("accuracy,1,0,,0.99", "size,px,0,,3")
    new_csv = table("accuracy,1,0,,0.97", "size,px,0,,7", "size,px,1,,7")
    found = changes(figure(), new, {"old.csv": old_csv, "new.csv": new_csv})
    assert not found.same
    assert found.summary == [
        "The picture is the same.",
        "accuracy: 1 of 1 values differs, by at most 0.02.",
        "size: 1 of 1 values differs, by at most 4 px; 1 value added.",
        "Worded differently: title, alt text.",
        "The lines of cnnbook.figures.counts.accuracy_figure differ or moved.",
        "Versions: numpy 2.1.0 → 2.2.0.",
    ]


def test_files_that_came_and_went_are_named(changes):
    one, other = file_entry("fig-accuracy.png"), file_entry("fig-accuracy.pdf")
    found = changes(figure(files=[one]), figure(files=[other]))
    assert found.summary[1] == "Files: fig-accuracy.pdf added; fig-accuracy.png removed."


def test_a_withdrawal_is_all_there_is_to_tell(changes):
    found = changes(figure("fig-old"), withdrawn())
    assert found.summary == ["Withdrawn: in 0.9: counted twice"]
    assert not found.same
    again = history.changes_since(withdrawn(), withdrawn())
    assert not [sentence for sentence in again.summary if "Withdrawn" in sentence]
    assert again.same


def test_two_figures_are_not_compared(changes):
    with pytest.raises(ValueError, match=r"new: of fig-b; expected one of fig-accuracy"):
        changes(figure(), figure("fig-b"))


def test_a_difference_that_has_no_size_is_counted_all_the_same(changes):
    old, new = table("x,1,0,,inf"), table("x,1,0,,1")
    found = changes(figure(), figure(data=None), {"old.csv": old, "new.csv": new})
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    assert "x: 1 of 1 values differs." in found.summary


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """Versions 0.9, 0.10 and 1.0 of a book, and what is no version."""
    for version in ("0.9", "0.10", "1.0"):
        records = [figure()] if version == "0.9" else [figure(), figure("fig-b")]
        write_built(tmp_path / f"v{version}", records, commit=None, version=version)
    write_built(tmp_path / "latest", [figure()], commit=None, version="1.0")
    write_built(tmp_path / "v1.0+changes", [figure()], commit=None, version="1.0")
    (tmp_path / "v2.0").mkdir()
    return tmp_path


def test_earlier_versions_come_newest_first(releases):
    found = history.earlier_versions(releases, "fig-accuracy")
    assert [one.version for one in found] == ["1.0", "0.10", "0.9"]
    assert found[2].address == "v0.9/figures/fig-accuracy.html"
    assert found[2].record.folder == releases / "v0.9" / "figures"
    assert found[2].record.book["version"] == "0.9"


def test_earlier_is_before_the_version_at_hand(releases):
    assert [one.version for one in history.earlier_versions(releases, "fig-accuracy", before="1.0")] == [
        "0.10",
        "0.9",
    ]


def test_a_version_without_the_figure_is_left_out(releases):
    assert [one.version for one in history.earlier_versions(releases, "fig-b", before="1.0")] == ["0.10"]


def test_where_nothing_was_released_there_is_nothing_earlier(tmp_path):
    assert history.earlier_versions(tmp_path / "nowhere", "fig-accuracy") == []


def test_changes_since_a_version_read_its_files(releases, tmp_path):
    (old,) = history.earlier_versions(releases, "fig-accuracy", before="0.10")
    old.record.path(".png").write_bytes(png((1, 2, 3)))
    now = tmp_path / "now"
    now.mkdir()
    (now / "fig-accuracy.png").write_bytes(png((1, 2, 3), text="another version"))
    text = content("fig-accuracy.csv").decode().replace("0.98", "0.88")
    (now / "fig-accuracy.csv").write_text(text, encoding="utf-8")
    found = history.changes_since(old.record, figure(folder=now))
    assert found.looks_same
    assert found.numbers is not None
    assert [change["largest_difference"] for change in found.numbers] == [pytest.approx(0.1)]


def test_changes_since_a_version_without_files_compare_the_records(releases, tmp_path):
    (old,) = history.earlier_versions(releases, "fig-accuracy", before="0.10")
    without = replace(figure(), files=[], folder=tmp_path)
    found = history.changes_since(old.record, without)
    assert found.numbers is found.looks_same is None


def test_a_damaged_release_is_named(releases):
    (releases / "v0.9" / "figures.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"v0\.9/figures\.json: no list of figures"):
        history.earlier_versions(releases, "fig-accuracy")


def test_versions_are_sorted_as_numbers():
    versions = ["1.0rc2", "0.10", "1.0", "0.9", "1.0rc1", "1.0.1", "1.0a9"]
    assert sorted(versions, key=version_key) == ["0.9", "0.10", "1.0a9", "1.0rc1", "1.0rc2", "1.0", "1.0.1"]
    assert version_key("1") == version_key("1.0.0")


@pytest.mark.parametrize("version", ["", "v1.0", "1.0+changes", "../1", "1..0", "latest"])
def test_what_is_no_version_is_refused(version):
    with pytest.raises(ValueError, match=r"version='.*': expected such as '1\.0'"):
        version_key(version)


def test_only_folders_of_versions_count(releases):
    assert list(version_folders(releases)) == ["1.0", "0.10", "0.9"]

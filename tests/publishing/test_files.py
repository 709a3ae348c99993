"""The four files of a figure."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from cnnbook.publishing.files import write_figure
from cnnbook.publishing.record import RECORD, PublishedFigure, read_record


@dataclass(frozen=True)
class Palette:
    """Two colours."""

    paper: str
    ink: str


LIGHT, DARK = Palette("#ffffff", "#111111"), Palette("#121212", "#eeeeee")


def draw(palette: Palette) -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.imshow([[0, 1], [2, 3]])
    axes.set_title("four cells", color=palette.ink)
    return figure


def write(folder: Path, figure_id: str = "fig-cells") -> PublishedFigure:
    return write_figure(figure_id, draw, folder, light=LIGHT, dark=DARK)


def test_four_files_and_a_record_are_written(tmp_path: Path):
    figure = write(tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {*figure.files, RECORD}
    assert sorted(figure.files) == [
        "fig-cells-dark.png",
        "fig-cells-dark.svg",
        "fig-cells.png",
        "fig-cells.svg",
    ]
    assert read_record(tmp_path / "new" / RECORD) == figure


def test_the_size_is_that_of_the_figure_on_a_page(tmp_path: Path):
    figure = write(tmp_path)
    assert (figure.width, figure.height) == (4 * 96, 3 * 96)
    assert "<svg xmlns:xlink" in figure.path(".svg").read_text()
    assert 'width="288pt" height="216pt"' in figure.path(".svg").read_text()


def test_a_png_has_two_pixels_to_the_css_pixel_on_the_palettes_paper(tmp_path: Path):
    figure = write(tmp_path)
    for suffix, paper in ((".png", (255, 255, 255)), ("-dark.png", (0x12, 0x12, 0x12))):
        with Image.open(figure.path(suffix)) as image:
            assert image.size == (2 * figure.width, 2 * figure.height)
            assert image.convert("RGB").getpixel((0, 0)) == paper


def test_drawing_again_writes_the_same_bytes(tmp_path: Path):
    first = write(tmp_path / "first")
    time.sleep(1.1)  # a clock in the files would show
    assert write(tmp_path / "second").files == first.files


def test_two_figures_on_one_page_share_no_element_ids(tmp_path: Path):
    one, other = write(tmp_path / "one", "fig-one"), write(tmp_path / "other", "fig-other")
    assert not _clip_paths(one.path(".svg")) & _clip_paths(other.path(".svg"))
    assert not _clip_paths(one.path(".svg")) & _clip_paths(one.path("-dark.svg"))


def _clip_paths(path: Path) -> set[str]:
    return {part.partition('"')[0] for part in path.read_text().split('<clipPath id="')[1:]}


def test_a_malformed_id_is_refused_before_anything_is_drawn(tmp_path: Path):
    with pytest.raises(ValueError, match="figure_id='Cells'"):
        write(tmp_path / "new", "Cells")
    assert not (tmp_path / "new").exists()


def test_light_and_dark_of_different_size_are_refused(tmp_path: Path):
    def grown(palette: Palette) -> Figure:
        return Figure(figsize=(4 if palette is LIGHT else 5, 3))

    with pytest.raises(ValueError, match=r"fig-cells: light is \(384, 288\) px and dark \(480, 288\) px"):
        write_figure("fig-cells", grown, tmp_path, light=LIGHT, dark=DARK)

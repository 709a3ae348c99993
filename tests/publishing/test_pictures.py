"""The pictures of a figure."""

import gc
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image
from rain import DARK, LIGHT, Palette

from cnnbook.publishing.pictures import write_figure
from cnnbook.publishing.record import PICTURES, FigureRecord
from cnnbook.publishing.record_files import RECORD, read_record


def draw(palette: Palette) -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.imshow([[0, 1], [2, 3]])
    axes.set_title("four cells", color=palette.ink)
    return figure


def write(folder: Path, figure_id: str = "fig-cells") -> FigureRecord:
    return write_figure(figure_id, draw, folder, light=LIGHT, dark=DARK)


def test_six_pictures_and_a_record_are_written(tmp_path: Path):
    figure = write(tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {*(file.name for file in figure.files), RECORD}
    assert [file.name for file in figure.files] == [f"fig-cells{suffix}" for suffix in PICTURES]
    assert read_record(tmp_path / "new" / RECORD) == figure


def test_each_picture_knows_its_format_and_theme(tmp_path: Path):
    files = {file.name: file for file in write(tmp_path).files}
    dark = files["fig-cells-dark.png"]
    assert (dark.format, dark.theme, dark.media_type) == ("png", "dark", "image/png")
    light = files["fig-cells.svg"]
    assert (light.format, light.theme, light.media_type) == ("svg", "light", "image/svg+xml")


def test_the_size_is_that_of_the_figure_on_a_page(tmp_path: Path):
    figure = write(tmp_path)
    svg = figure.files[0]
    assert (svg.name, svg.width, svg.height) == ("fig-cells.svg", 4 * 96, 3 * 96)
    assert "<svg xmlns:xlink" in figure.path(".svg").read_text()
    assert 'width="288pt" height="216pt"' in figure.path(".svg").read_text()


def test_a_png_has_two_pixels_to_the_css_pixel_on_the_palettes_paper(tmp_path: Path):
    figure = write(tmp_path)
    for suffix, paper in ((".png", (255, 255, 255)), ("-dark.png", (0x12, 0x12, 0x12))):
        with Image.open(figure.path(suffix)) as image:
            assert image.size == (2 * 4 * 96, 2 * 3 * 96)
            assert image.convert("RGB").getpixel((0, 0)) == paper


def test_drawing_again_writes_the_same_bytes(tmp_path: Path):
    first = write(tmp_path / "first")
    time.sleep(1.1)  # a clock in the files would show
    assert write(tmp_path / "second").files == first.files


AGAIN = """
import hashlib, sys
from pathlib import Path
from rain import ID, draw_rain, publisher_of, rain

place = Path(sys.argv[1])
figure = publisher_of(place / "weather", place / "store").publish(ID, draw_rain, rain(), title="June")
for name in sorted(file.name for file in figure.files):
    print(name, hashlib.sha256((figure.folder / name).read_bytes()).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_writes_the_same_bytes(published, tmp_path: Path, seed: str):
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(paths),
        "TZ": "Asia/Tokyo",
    }
    said = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path)],
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    found = dict(line.split() for line in said.stdout.splitlines())
    expected = {
        file.name: hashlib.sha256((published.folder / file.name).read_bytes()).hexdigest()
        for file in published.files
    }
    assert found == expected
    assert {name.rpartition(".")[2] for name in found} == {"svg", "png", "pdf", "csv", "nc"}


def test_two_figures_on_one_page_share_no_element_ids(tmp_path: Path):
    one, other = write(tmp_path / "one", "fig-one"), write(tmp_path / "other", "fig-other")
    assert not _clip_paths(one.path(".svg")) & _clip_paths(other.path(".svg"))
    assert not _clip_paths(one.path(".svg")) & _clip_paths(one.path("-dark.svg"))


def _clip_paths(path: Path) -> set[str]:
    return {part.partition('"')[0] for part in path.read_text().split('<clipPath id="')[1:]}


def test_a_pdf_has_no_type_3_fonts_which_journals_refuse(tmp_path: Path):
    content = write(tmp_path).path(".pdf").read_bytes()
    assert b"/Type3" not in content
    assert b"/CIDFontType2" in content or b"/TrueType" in content


def test_a_png_has_opacity_only_where_something_shows_through(tmp_path: Path):
    clear = Palette(background="none", ink="#000000")
    figure = write_figure("fig-cells", draw, tmp_path, light=LIGHT, dark=clear)
    with Image.open(figure.path(".png")) as opaque, Image.open(figure.path("-dark.png")) as transparent:
        assert (opaque.mode, opaque.size) == ("RGB", (768, 576))
        assert (transparent.mode, transparent.size) == ("RGBA", (768, 576))
        assert opaque.getpixel((0, 0)) == (255, 255, 255)
        assert transparent.getpixel((0, 0))[3] == 0  # pyright: ignore


def test_garbage_is_collected_again_after_a_figure_that_cannot_be_drawn(tmp_path: Path):
    def fails(palette: Palette) -> Figure:
        assert not gc.isenabled()
        raise ValueError("no data")

    with pytest.raises(ValueError, match="no data"):
        write_figure("fig-cells", fails, tmp_path, light=LIGHT, dark=DARK)
    assert gc.isenabled()


def test_a_malformed_id_is_refused_before_anything_is_drawn(tmp_path: Path):
    with pytest.raises(ValueError, match="figure_id='Cells'"):
        write(tmp_path / "new", "Cells")
    assert not (tmp_path / "new").exists()


def test_light_and_dark_of_different_size_are_refused(tmp_path: Path):
    def grown(palette: Palette) -> Figure:
        return Figure(figsize=(4 if palette is LIGHT else 5, 3))

    with pytest.raises(ValueError, match=r"fig-cells: light is \(384, 288\) px and dark \(480, 288\) px"):
        write_figure("fig-cells", grown, tmp_path, light=LIGHT, dark=DARK)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"file/new: fig-cells cannot be written there \(not a directory\)"):
        write(tmp_path / "file" / "new")


def test_a_page_of_several_screens_has_256_colours_close_to_its_own(tmp_path: Path):
    def long(palette: Palette) -> Figure:
        figure = Figure(figsize=(4, 40))
        figure.add_axes((0, 0, 1, 1)).imshow([[n] for n in range(700)], aspect="auto")
        return figure

    figure = write_figure("fig-long", long, tmp_path, light=LIGHT, dark=DARK)
    with Image.open(figure.path(".png")) as image, Image.open(write(tmp_path).path(".png")) as short:
        assert (image.mode, short.mode) == ("P", "RGB")
        red, green, blue = image.convert("RGB").getpixel((384, 10))  # pyright: ignore
    assert max(abs(red - 68), abs(green - 1), abs(blue - 84)) < 16, "viridis begins with #440154"

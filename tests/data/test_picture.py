"""Somebody's own picture becomes what MNIST's images are."""

import subprocess

import numpy as np
import pytest
from PIL import Image

from cnnbook.data import load
from cnnbook.data.picture import FORMATS, MIDDLE, BlankPicture, as_mnist, read_picture


@pytest.fixture(scope="module")
def digits():
    return load("sample").test_images[:40]


@pytest.fixture
def stroke():
    """A dark bar of 40×120 pixels on light paper, at the left."""
    paper = np.full((200, 300), 230, np.uint8)
    paper[50:170, 20:60] = 30
    return paper


def _centre(image):
    mass = image.astype(float)
    return [float((mass.sum(axis=1 - axis) * np.arange(28)).sum() / mass.sum()) for axis in (0, 1)]


def test_a_digit_fills_20_pixels_and_lies_with_its_centre_of_mass_in_the_middle(stroke):
    image = as_mnist(stroke).image
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 7)  # 120×40, scaled by 20/120
    assert image.max() == 255
    assert np.abs(np.array(_centre(image)) - MIDDLE).max() <= 0.5


def test_the_middle_is_where_mnist_has_it(digits):
    centres = np.array([_centre(image) for image in digits])
    assert np.abs(centres - MIDDLE).max() <= 0.51


def test_mnists_own_digits_survive_being_enlarged_inverted_and_moved(digits):
    for digit in digits:
        canvas = np.full((400, 500), 240, np.uint8)
        canvas[100:324, 150:374] -= (np.kron(digit, np.ones((8, 8), np.uint8)) * 0.8).astype(np.uint8)
        again = as_mnist(canvas).image
        shifts = [np.roll(again, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        assert max(np.corrcoef(shift.ravel(), digit.ravel())[0, 1] for shift in shifts) > 0.97


def test_dark_on_light_and_light_on_dark_are_told_apart(stroke):
    dark, light = as_mnist(stroke), as_mnist(255 - stroke)
    np.testing.assert_array_equal(dark.image, light.image)
    assert dark.steps == (
        "dark on light, inverted, digit of 40×120 fitted into 20×20, centre of mass in the middle of 28×28"
    )
    assert light.steps.startswith("light on dark, digit of 40×120")


def test_28_by_28_on_black_is_taken_as_it_is(digits):
    picture = as_mnist(digits[0])
    np.testing.assert_array_equal(picture.image, digits[0])
    assert picture.steps == "28×28 on black, taken as it is"


def test_28_by_28_on_white_is_made_to_fit(digits):
    assert as_mnist(255 - digits[0]).steps.startswith("dark on light, inverted")


def test_grain_of_the_paper_is_no_ink(stroke):
    grain = np.random.default_rng(0).integers(-6, 7, stroke.shape)
    np.testing.assert_array_equal(
        as_mnist((stroke + grain).astype(np.uint8)).image > 128, as_mnist(stroke).image > 128
    )


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_nothing_is_refused(level):
    with pytest.raises(BlankPicture, match=rf"grey levels {level} to {level} only; expected a digit"):
        as_mnist(np.full((50, 60), level, np.uint8))


@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P", "I;16", "RGBA"])
def test_pictures_of_every_kind_are_read(tmp_path, stroke, mode):
    if mode == "I;16":
        picture = Image.fromarray(stroke.astype(np.uint16) * 257)
    elif mode == "RGBA":  # black ink on nothing
        picture = Image.merge("RGBA", [Image.new("L", (300, 200))] * 3 + [Image.fromarray(255 - stroke)])
    else:
        picture = Image.fromarray(stroke).convert(mode, dither=Image.Dither.NONE)
    picture.save(tmp_path / "bar.png")
    image = read_picture(tmp_path / "bar.png").image
    assert np.abs(np.argwhere(image > 128).mean(axis=0) - MIDDLE).max() < 1
    assert 0.2 < (image > 128).mean() / (7 * 20 / 784) < 1.2


def test_a_large_photograph_is_read(tmp_path, stroke):
    Image.fromarray(np.kron(stroke, np.ones((10, 10), np.uint8))).save(tmp_path / "bar.jpg")
    image = read_picture(tmp_path / "bar.jpg").image
    np.testing.assert_allclose(image, as_mnist(stroke).image, atol=40)


def test_a_missing_picture_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"four\.png: no such file; expected a picture"):
        read_picture(tmp_path / "four.png")
    with pytest.raises(FileNotFoundError, match="a folder; expected a picture"):
        read_picture(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_said(tmp_path, content):
    (tmp_path / "four.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"four\.png: not a picture that can be read"):
        read_picture(tmp_path / "four.png")


def test_half_a_picture_is_said(tmp_path, stroke):
    Image.fromarray(stroke).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"half\.png: not a picture that can be read"):
        read_picture(tmp_path / "half.png")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, stroke):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    Image.fromarray(stroke).save(tmp_path / "bomb.png")
    with pytest.raises(ValueError, match=r"bomb\.png: not a picture that can be read \(Image size"):
        read_picture(tmp_path / "bomb.png")


def test_an_empty_page_is_named(tmp_path):
    Image.new("L", (40, 40), 255).save(tmp_path / "page.png")
    with pytest.raises(ValueError, match=r"page\.png: grey levels 255 to 255 only"):
        read_picture(tmp_path / "page.png")


def test_postscript_is_refused_with_the_formats_opened_and_starts_no_other_program(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **options: started.append(arguments))
    (tmp_path / "four.png").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n%%EndComments\n{ } loop\n%%EOF\n"
    )
    with pytest.raises(ValueError, match=r"not a picture .* expected PNG, JPEG, WEBP, GIF, BMP, TIFF, PPM$"):
        read_picture(tmp_path / "four.png")
    assert started == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_is_named_is_opened(tmp_path, stroke, form):
    Image.fromarray(stroke).save(tmp_path / "bar", format=form)
    image = read_picture(tmp_path / "bar").image
    np.testing.assert_allclose(image, as_mnist(stroke).image, atol=40)


def test_a_description_that_is_a_number_is_said_of_the_picture_that_has_it(tmp_path, stroke):
    turned, described = b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", b"\x01\x0e\0\x05\0\0\0\x01\0\0\0\x26"
    exif = b"MM\0*\0\0\0\x08" + b"\0\x02" + described + turned + bytes(4) + b"\0\0\0\x05\0\0\0\x02"
    Image.fromarray(stroke).save(tmp_path / "bar.webp", exif=exif)
    with pytest.raises(ValueError, match=r"bar\.webp: not a picture that can be read"):
        read_picture(tmp_path / "bar.webp")

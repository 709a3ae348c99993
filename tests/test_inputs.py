"""The book's inputs: the digits shown and the disputed labels, read and checked."""

from pathlib import Path

import pytest

from cnnbook.data import load
from cnnbook.data.digits import shown_images
from cnnbook.inputs import book_root, read_inputs
from helpers import BOOK

ENTRY = "  - {name: one, label: 1, index: {mnist: 37, sample: 71}, why: upright}\n"


def planted(folder: Path, text: str) -> Path:
    """A book's folder with that `digits.yaml`."""
    (folder / "seeds").mkdir()
    (folder / "seeds" / "digits.yaml").write_text(text)
    return folder


def test_the_book_is_found_from_a_folder_inside_it(tmp_path):
    planted(tmp_path, "digits: []\n")
    inside = tmp_path / "book" / "chapters"
    inside.mkdir(parents=True)
    assert book_root(inside) == tmp_path.resolve()


def test_an_editable_install_finds_its_book_from_anywhere(tmp_path):
    assert book_root(tmp_path) == BOOK


def test_without_a_book_the_error_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setattr("cnnbook.bookfiles.__file__", str(tmp_path / "lib" / "cnnbook" / "bookfiles.py"))
    with pytest.raises(FileNotFoundError, match=rf"seeds/digits.yaml: not found in {tmp_path} or above it"):
        book_root(tmp_path)


def test_each_data_set_has_its_own_index(tmp_path):
    root = planted(tmp_path, "digits:\n" + ENTRY)
    (on_mnist,) = read_inputs(root, "mnist").shown
    (on_sample,) = read_inputs(root, "sample").shown
    assert (on_mnist.name, on_mnist.label, on_mnist.index, on_mnist.why) == ("one", 1, 37, "upright")
    assert on_sample.index == 71


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("digits:\n" + ENTRY.replace("label: 1, ", ""), "entry 'one' has no label"),
        ("digits:\n" + ENTRY.replace(", why: upright", ""), "entry 'one' has no why"),
        ("digits:\n" + ENTRY.replace("name: one, ", ""), r"entry '\?' has no name"),
        ("digits:\n" + ENTRY.replace(", sample: 71", ""), "entry 'one' has no index.sample"),
        ("shown:\n" + ENTRY, "expected a list called 'digits'"),
        ("- one\n", "expected a list called 'digits'"),
        ("", "expected a list called 'digits'"),
    ],
)
def test_an_entry_that_lacks_something_is_named(tmp_path, text, what):
    root = planted(tmp_path, text)
    with pytest.raises(ValueError, match=rf"digits\.yaml: {what}"):
        read_inputs(root, "sample")


def test_the_books_own_digits_are_three_fours_a_one_and_a_two():
    for data in ("mnist", "sample"):
        shown = read_inputs(BOOK, data).shown
        assert [(digit.name, digit.label) for digit in shown] == [
            ("clear-four", 4),
            ("second-four", 4),
            ("third-four", 4),
            ("one", 1),
            ("two", 2),
        ]
        assert all(digit.why for digit in shown)


def test_the_books_digits_are_what_they_are_called_in_the_sample():
    assert shown_images(load("sample"), read_inputs(BOOK, "sample").shown).shape == (5, 28, 28)


@pytest.mark.mnist
def test_the_books_digits_are_what_they_are_called_in_mnist(all_of_mnist):
    assert shown_images(all_of_mnist, read_inputs(BOOK, "mnist").shown).shape == (5, 28, 28)


def test_fifteen_labels_of_mnist_are_disputed_and_are_what_mnist_says(all_of_mnist):
    disputed = read_inputs(BOOK, "mnist").disputed
    assert len({label.index for label in disputed}) == 15
    assert all(all_of_mnist.test_labels[label.index] == label.given for label in disputed)


def test_a_book_without_a_list_of_disputed_labels_has_none(tmp_path):
    assert read_inputs(planted(tmp_path, "digits: []\n"), "mnist").disputed == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("labels: []\n", r"expected a list called 'disputed'"),
        ("disputed:\n  - {index: 3, given: 4}\n  - {index: 5}\n", r"entry 2 has no given"),
        ("disputed:\n  - {index: three, given: 4}\n", r"entry 1 has no index, which is a whole number"),
    ],
)
def test_a_mistake_in_the_list_of_disputed_labels_is_named(tmp_path, text, message):
    root = planted(tmp_path, "digits: []\n")
    (root / "seeds" / "disputed-labels.yaml").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_inputs(root, "mnist")

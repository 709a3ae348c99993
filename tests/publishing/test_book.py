"""What is told about a book: read from one file, checked once."""

from datetime import date

import pytest
from rain import make_book

from cnnbook import __version__
from cnnbook.publishing.book import author_name, find_root, read_book
from helpers import BOOK


@pytest.fixture(autouse=True)
def no_site(monkeypatch):
    monkeypatch.delenv("CNNBOOK_SITE_URL", raising=False)


def test_this_book_is_told():
    book = read_book(BOOK)
    assert book.full_title == "What do the maps of a CNN show? An executable book"
    assert book.version == __version__
    assert (book.licences["text"]["id"], book.licences["code"]["id"]) == ("CC-BY-4.0", "MIT")
    assert book.credit.endswith(f"What do the maps of a CNN show? (version {__version__}), CC BY 4.0")


def test_another_book_has_its_own_version(tmp_path):
    book = read_book(make_book(tmp_path))
    assert (book.version, book.released, book.language) == ("2.1", date(2026, 3, 1), "en")
    assert [author_name(author) for author in book.authors] == ["Ada Müller", "The 50 % group"]
    assert (book.full_title, book.subtitle, book.site_url, book.doi) == ("Rain & <wind>", "", None, None)


@pytest.mark.parametrize(
    ("title", "full"), [("Rain", "Rain: A story"), ("Rain?", "Rain? A story"), ("Rain!", "Rain! A story")]
)
def test_title_and_subtitle_are_one_line(tmp_path, title, full):
    assert read_book(make_book(tmp_path, title=title, subtitle="A story")).full_title == full


def test_records_get_text_for_the_date_and_a_name_for_each_author(tmp_path):
    book = read_book(make_book(tmp_path))
    assert book.release_day == "2026-03-01"
    assert book.named_authors[0] == {
        "name": "Ada Müller", "family": "Müller", "given": "Ada", "orcid": "0000-0002-1825-0097",
    }  # fmt: skip


def test_a_figure_has_an_address_where_the_book_has_one(tmp_path, monkeypatch):
    assert read_book(make_book(tmp_path)).figure_url("fig-rain") is None
    book = read_book(make_book(tmp_path, site_url="https://example.org/rain/"))
    assert book.figure_url("fig-rain") == "https://example.org/rain/figures/fig-rain.html"
    monkeypatch.setenv("CNNBOOK_SITE_URL", "https://example.net")
    assert read_book(tmp_path).site_url == "https://example.net"
    assert read_book(tmp_path, use_environment=False).site_url == "https://example.org/rain"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, r"book\.yaml: no 'title'; it needs title, authors"),
        ({"released": None}, r"book\.yaml: no 'released'; it needs title, authors, released"),
        ({"commit": "1a2b3c4"}, r"book\.yaml: unknown key 'commit'"),
        ({"authors": []}, r"book\.yaml: no 'authors'"),
        ({"authors": [{"given": "Ada"}]}, r"author \{'given': 'Ada'\} has no 'name', nor 'family'"),
        ({"released": "soon"}, r"released='soon': expected a day, such as 2026-11-22"),
        ({"licences": {"text": {"id": "CC0-1.0"}}}, r"licences\.text needs 'id', 'name' and 'url'"),
        ({"site_url": "example.org"}, r"site_url='example\.org': expected an address that begins with https"),
        ({"edition": "sample"}, r"book\.yaml: unknown key 'edition'"),
        ({"licence": "MIT"}, r"book\.yaml: unknown key 'licence'"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        read_book(make_book(tmp_path, **changes))


def test_the_edition_is_part_of_the_versions_label(tmp_path):
    assert read_book(make_book(tmp_path)).version_label == "2.1"
    assert read_book(tmp_path, edition="sample-draft").version_label == "2.1-sample-draft"
    with pytest.raises(ValueError, match=r"edition='A b': expected letters and digits joined by hyphens"):
        read_book(tmp_path, edition="A b")


def test_a_file_without_keys_is_refused(tmp_path):
    (tmp_path / "book.yaml").write_text("a book\n")
    with pytest.raises(ValueError, match=r"book\.yaml: expected keys and values"):
        read_book(tmp_path)


def test_a_folder_without_a_book_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"book/book\.yaml: not found; it says who wrote the book"):
        read_book(tmp_path)


def test_a_book_is_found_from_below(tmp_path):
    make_book(tmp_path)
    (tmp_path / "chapters" / "more").mkdir(parents=True)
    assert find_root(tmp_path / "chapters" / "more") == tmp_path.resolve()


def test_an_editable_install_is_found_from_anywhere(tmp_path):
    assert find_root(tmp_path) == BOOK

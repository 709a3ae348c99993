"""Addresses: absolute with a site, relative without one, escaped, and never out of the book."""

import pytest

from cnnbook.publishing.addresses import LinkBase, absolute_url, relative_url


@pytest.mark.parametrize("site", ["https://example.org/book", "https://example.org/book/"])
def test_an_address_is_absolute_where_the_site_is_known(site):
    assert absolute_url(site, "figures/fig-a.png") == "https://example.org/book/figures/fig-a.png"


def test_there_is_no_absolute_address_without_a_site():
    assert absolute_url(None, "figures/fig-a.png") is None


@pytest.mark.parametrize(
    ("page", "address", "expected"),
    [
        ("index.html", "figures/fig-a.html", "figures/fig-a.html"),
        ("book/four.html", "figures/fig-a.html", "../figures/fig-a.html"),
        ("figures/fig-a.html", "figures/fig-a.html", "fig-a.html"),
        ("figures/fig-a.html", "index.html", "../index.html"),
        ("book/four.html", "book/four.html#fig-a", "four.html#fig-a"),
        ("book/four/", "book/five/", "../five/"),
        ("book/four/", "", "../../"),
        ("", "book/five/#fig-a", "book/five/#fig-a"),
    ],
)
def test_a_relative_address_leads_from_page_to_file(page, address, expected):
    assert relative_url(page, address) == expected


def test_signs_that_no_url_has_are_escaped():
    assert (
        LinkBase("https://e.org", "a.html").link("book/über 4.html")
        == "https://e.org/book/%C3%BCber%204.html"
    )


@pytest.mark.parametrize("address", ["../secret", "/etc/passwd", "book/../../x", "https://other.org/x"])
def test_an_address_out_of_the_book_is_refused(address):
    with pytest.raises(ValueError, match=r"address='.*': expected one within the book"):
        absolute_url("https://example.org/", address)


@pytest.mark.parametrize("site", ["example.org", "ftp://example.org/", "https://e.org/?page=1", "https://"])
def test_a_site_that_is_no_address_is_refused(site):
    with pytest.raises(ValueError, match=r"site_url='.*': expected the address of the book's folder"):
        absolute_url(site, "index.html")

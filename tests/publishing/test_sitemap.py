"""The sitemap against its protocol and Google's extension for images."""

import re
from xml.etree import ElementTree

import pytest
from recorded import SITE

from cnnbook.publishing.page_metadata import sitemap

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
W3C_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?")

PAGES = [
    {"address": "index.html", "date": "2026-11-22"},
    {"address": 'book/a&b\'s <über> "4".html', "date": "2026-11-23T09:00:00+01:00"},
    {"address": "figures/fig-a.html", "date": None},
]


def read(text: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{MAP}urlset"
    return list(root)


def test_the_sitemap_is_this():
    text = sitemap(SITE, PAGES[:1], {"index.html": ["figures/fig-a.png"]})
    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">\n'
        "<url><loc>https://example.org/book/index.html</loc><lastmod>2026-11-22</lastmod>"
        "<image:image><image:loc>https://example.org/book/figures/fig-a.png</image:loc></image:image></url>\n"
        "</urlset>\n"
    )


def test_every_entry_keeps_the_protocol():
    images = {"index.html": ["figures/fig-a.png", "figures/fig-b.svg"]}
    for entry in read(sitemap(SITE, PAGES, images)):
        assert entry.tag == f"{MAP}url"
        names = [part.tag for part in entry]
        assert names[0] == f"{MAP}loc"
        assert names.count(f"{MAP}loc") == 1
        assert set(names) <= {f"{MAP}loc", f"{MAP}lastmod", f"{IMAGE}image"}
        address = entry.findtext(f"{MAP}loc", "")
        assert address.startswith(f"{SITE}/")
        assert len(address) < 2048
        assert re.fullmatch(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", address)
        changed = entry.findtext(f"{MAP}lastmod")
        assert changed is None or W3C_DATE.fullmatch(changed)
        for image in entry.findall(f"{IMAGE}image"):
            assert [part.tag for part in image] == [f"{IMAGE}loc"]
            assert (image.findtext(f"{IMAGE}loc") or "").startswith(SITE)


def test_pages_keep_their_order_and_strange_names_are_escaped_once():
    addresses = [entry.findtext(f"{MAP}loc") for entry in read(sitemap(SITE, PAGES, {}))]
    assert addresses == [
        f"{SITE}/index.html",
        f"{SITE}/book/a&b's%20%3C%C3%BCber%3E%20%224%22.html",
        f"{SITE}/figures/fig-a.html",
    ]


def test_a_page_named_twice_is_refused():
    with pytest.raises(ValueError, match=r"pages: 'index\.html' is named twice"):
        sitemap(SITE, [PAGES[0], PAGES[0]], {})


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"index\.html: date='22 November'; expected such as '2026-11-22'"):
        sitemap(SITE, [{"address": "index.html", "date": "22 November"}], {})


def test_more_images_than_the_extension_allows_are_refused():
    many = [f"figures/{number}.png" for number in range(1001)]
    with pytest.raises(ValueError, match=r"index\.html: 1001 images; expected at most 1000"):
        sitemap(SITE, PAGES, {"index.html": many})


def test_more_pages_than_the_protocol_allows_are_refused():
    many = [{"address": f"{number}.html"} for number in range(50_001)]
    with pytest.raises(ValueError, match=r"pages: 50001; expected at most 50000"):
        sitemap(SITE, many, {})


def test_without_a_site_there_is_no_sitemap():
    with pytest.raises(ValueError, match=r"site_url=''"):
        sitemap("", PAGES, {})

"""schema.org as JSON-LD: the book, its chapters, and how a figure belongs to them.

Where the site's address is known all ids and addresses are absolute. Where it is not they are relative to the
page that carries them, which is how JSON-LD reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE, Place
from cnnbook.publishing.authorship import full_title, is_person, orcid_of, published_on
from cnnbook.publishing.book import author_name
from cnnbook.publishing.final_record import FOLDER, place_of
from cnnbook.publishing.jsonld_image import image, image_name

CONTEXT = "https://schema.org"

Thing = dict[str, Any]


def book(
    book: Mapping[str, Any], chapters: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]],
    *, page: str = FRONT_PAGE,
) -> Thing:  # fmt: skip
    """The book, for its front page: a `Book` with its chapters and the names of its figures.

    Args:
        book: as `book.yaml` and the build describe it.
        chapters: in their order.
        figures: the figures' records.
        page: that will carry this.
    """
    place = Place(book.get("site_url"), page)
    parts = [_part(chapter, place) | {"position": at} for at, chapter in enumerate(chapters, start=1)]
    parts += [image_name(figure, place) for figure in figures]
    return {"@context": CONTEXT} | _whole(book, place) | {"hasPart": parts}


def chapter(
    book: Mapping[str, Any], chapter: Mapping[str, Any], figures: Sequence[Mapping[str, Any]],
    *, page: str | None = None,
) -> Thing:  # fmt: skip
    """A chapter, for its page: a `Chapter` of the `Book` with an `ImageObject` for each of its figures.

    Args:
        book: as `book.yaml` and the build describe it.
        chapter: its `title`, `address`, `description`, and if they differ from the book's, `authors`.
        figures: the records of the figures it shows.
        page: that will carry this; the chapter's own if None.
    """
    place = Place(book.get("site_url"), page or chapter["address"])
    return _without_nothing(
        {
            "@context": CONTEXT,
            **_part(chapter, place),
            "author": creators(chapter.get("authors") or book["authors"]),
            "datePublished": published_on(book),
            "version": book.get("version"),
            "inLanguage": book.get("language") or "en",
            "license": _licence(book),
            "copyrightNotice": book.get("copyright"),
            "isAccessibleForFree": True,
            "pageStart": chapter.get("first_page_number"),
            "isPartOf": _whole(book, place, brief=True),
            "hasPart": [image(figure, place, creators(figure["authors"])) for figure in figures],
        }
    )


def figure(
    record: Mapping[str, Any], *, book: Mapping[str, Any] | None = None, page: str | None = None
) -> Thing:
    """A figure, for its own page: an `ImageObject` with its files and the data it was drawn from.

    Args:
        record: the figure's final record.
        book: as `book.yaml` and the build describe it; what the record says of it if None.
        page: that will carry this; the figure's own if None.
    """
    place = place_of(record, page)
    whole = _whole(book or record["book"], place, brief=True)
    within = record.get("chapter")
    return {
        "@context": CONTEXT,
        **image(record, place, creators(record["authors"]), whole=True),
        "isPartOf": _part(within, place) | {"isPartOf": whole} if within else whole,
    }


def gallery(
    book: Mapping[str, Any], figures: Sequence[Mapping[str, Any]], *, page: str = f"{FOLDER}/index.html"
) -> Thing:
    """The list of figures, for its page: an `ImageGallery` of the `Book`."""
    place = Place(book.get("site_url"), page)
    return {
        "@context": CONTEXT,
        "@type": "ImageGallery",
        "@id": place.link(page),
        "url": place.link(page),
        "name": f"Figures of “{full_title(book)}”",
        "inLanguage": book.get("language") or "en",
        "isPartOf": _whole(book, place, brief=True),
        "associatedMedia": [image(figure, place, creators(figure["authors"])) for figure in figures],
    }


def creators(authors: Sequence[Mapping[str, Any]]) -> list[Thing]:
    """Authors as `Person`, or as `Organization` where only a name is known."""
    return [
        _without_nothing(
            {
                "@type": "Person" if is_person(author) else "Organization",
                "@id": orcid_of(author),
                "name": author_name(author),
                "givenName": author.get("given"),
                "familyName": author.get("family"),
                "affiliation": {"@type": "Organization", "name": author["affiliation"]}
                if author.get("affiliation")
                else None,
            }
        )
        for author in authors
    ]


def _whole(book: Mapping[str, Any], place: Place, *, brief: bool = False) -> Thing:
    """The book; or only what tells it from others."""
    front, doi = place.link(FRONT_PAGE), book.get("doi")
    name = {"@type": "Book", "@id": front, "name": full_title(book), "url": front}
    name |= {"version": book["version"]} if book.get("version") else {}
    if brief:
        return name
    code = {"codeRepository": book.get("repository"), "version": book.get("commit")}
    return _without_nothing(
        {
            **name,
            "author": creators(book["authors"]),
            "datePublished": published_on(book),
            "inLanguage": book.get("language") or "en",
            "license": _licence(book),
            "copyrightNotice": book.get("copyright"),
            "abstract": book.get("abstract"),
            "keywords": list(book.get("keywords") or []),
            "bookFormat": "https://schema.org/EBook",
            "isAccessibleForFree": True,
            "identifier": {"@type": "PropertyValue", "propertyID": "DOI", "value": doi} if doi else None,
            "sameAs": f"https://doi.org/{doi}" if doi else None,
            "isBasedOn": _without_nothing({"@type": "SoftwareSourceCode"} | code)
            if book.get("repository")
            else None,
        }
    )


def _part(chapter: Mapping[str, Any], place: Place) -> Thing:
    """What tells a chapter from others."""
    address = place.link(chapter["address"])
    name = {"@type": "Chapter", "@id": address, "name": chapter["title"], "url": address}
    description = " ".join((chapter.get("description") or "").split())
    return name | ({"description": description} if description else {})


def _licence(book: Mapping[str, Any]) -> str | None:
    """The address of the licence of words and pictures."""
    return ((book.get("licences") or {}).get("text") or {}).get("url")


def _without_nothing(thing: Mapping[str, Any]) -> Thing:
    """The same without what is None or empty."""
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}

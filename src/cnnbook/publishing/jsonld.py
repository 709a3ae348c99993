"""schema.org as JSON-LD: the book, its chapters, and figures with all that Google's image licence asks for.

Where the site's address is known all ids and addresses are absolute. Where it is not they are relative to the
page that carries them, which is how JSON-LD reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE, Place
from cnnbook.publishing.book import (
    author_name,
    filled,
    full_title,
    is_person,
    label_of,
    names_of,
    orcid_of,
    published_on,
)
from cnnbook.publishing.record import FOLDER, FigureFile, FigureRecord
from cnnbook.publishing.request import place_in_source

CONTEXT = "https://schema.org"

Thing = dict[str, Any]


def book(
    book: Mapping[str, Any],
    chapters: Sequence[Mapping[str, Any]],
    figures: Sequence[FigureRecord],
    *,
    page: str = FRONT_PAGE,
) -> Thing:
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
    book: Mapping[str, Any],
    chapter: Mapping[str, Any],
    figures: Sequence[FigureRecord],
    *,
    page: str | None = None,
) -> Thing:
    """A chapter, for its page: a `Chapter` of the `Book` with an `ImageObject` for each of its figures.

    Args:
        book: as `book.yaml` and the build describe it.
        chapter: its `title`, `address`, `description`, and if they differ from the book's, `authors`.
        figures: the records of the figures it shows.
        page: that will carry this; the chapter's own if None.
    """
    place = Place(book.get("site_url"), page or chapter["address"])
    return filled(
        {
            "@context": CONTEXT,
            **_part(chapter, place),
            "author": creators(chapter.get("authors") or book["authors"]),
            "datePublished": published_on(book),
            "version": label_of(book),
            "inLanguage": book.get("language") or "en",
            "license": _licence(book),
            "copyrightNotice": book.get("copyright"),
            "isAccessibleForFree": True,
            "pageStart": chapter.get("first_page_number"),
            "isPartOf": _whole(book, place, brief=True),
            "hasPart": [image(figure, place, creators(figure.authors)) for figure in figures],
        }
    )


def figure(record: FigureRecord, *, book: Mapping[str, Any] | None = None, page: str | None = None) -> Thing:
    """A figure, for its own page: an `ImageObject` with its files and the data it was drawn from.

    Args:
        record: the figure's final record.
        book: as `book.yaml` and the build describe it; what the record says of it if None.
        page: that will carry this; the figure's own if None.
    """
    place = _place(record, page)
    whole = _whole(book or record.book, place, brief=True)
    within = record.chapter
    return {
        "@context": CONTEXT,
        **image(record, place, creators(record.authors), whole=True),
        "isPartOf": _part(within, place) | {"isPartOf": whole} if within else whole,
    }


def gallery(
    book: Mapping[str, Any], figures: Sequence[FigureRecord], *, page: str = f"{FOLDER}/index.html"
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
        "associatedMedia": [image(figure, place, creators(figure.authors)) for figure in figures],
    }


def creators(authors: Sequence[Mapping[str, Any]]) -> list[Thing]:
    """Authors as `Person`, or as `Organization` where only a name is known."""
    return [
        filled(
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


def image_name(record: FigureRecord, place: Place) -> Thing:
    """What tells a figure from others."""
    address = place.link(record.address)
    return {"@type": "ImageObject", "@id": address, "name": record.title, "url": address}


def image(record: FigureRecord, place: Place, creators: Sequence[Thing], *, whole: bool = False) -> Thing:
    """A figure with its licence and credit.

    The one `contentUrl` that the type allows is the PNG's, which every reader knows; all files stand under
    `encoding`. A figure without files, because it was withdrawn, has neither.

    Args:
        record: the figure's final record.
        place: the page that will carry this.
        creators: its authors.
        whole: with the data it was drawn from, and as what its page is about.
    """
    named = image_name(record, place)
    shown = record.picture("png") or record.picture("svg")
    reason = record.withdrawn
    thing = {
        **named,
        **(_file(shown, place) if shown else {}),
        "name": record.title,
        "caption": record.caption,
        "description": record.alt,
        "license": (record.licence or {}).get("url"),
        "acquireLicensePage": named["url"],
        "creator": list(creators),
        "creditText": record.credit,
        "copyrightNotice": record.copyright or f"© {names_of(record.authors)}",
        "identifier": _identifiers(record, shown),
        "creativeWorkStatus": f"Withdrawn: {reason}" if reason else None,
        "representativeOfPage": True if whole else None,
        "encoding": [{"@type": "ImageObject", **_file(file, place)} for file in record.pictures],
        "isBasedOn": _sources(record, place, creators) if whole else None,
    }
    return filled(thing)


def _file(file: FigureFile, place: Place) -> Thing:
    """One file: where it is, what it is, how long it is, and its checksum."""
    size = {"width": file.width, "height": file.height} if file.width else {}
    return {
        "name": file.name,
        "contentUrl": place.link(f"{FOLDER}/{file.name}"),
        "encodingFormat": file.media_type,
        "contentSize": f"{file.bytes} B",
        "sha256": file.sha256,
        **size,
    }


def _identifiers(record: FigureRecord, shown: FigureFile | None) -> list[Thing]:
    """The figure's id in the book, and the checksum of what `contentUrl` leads to."""
    known = {"figure id": record.id} | ({"SHA-256": shown.sha256} if shown else {})
    return [{"@type": "PropertyValue", "propertyID": kind, "value": value} for kind, value in known.items()]


def _sources(record: FigureRecord, place: Place, creators: Sequence[Thing]) -> list[Thing]:
    """The data drawn, and the function that draws them."""
    function = record.drawn_by
    code = _code(function, record.book) if function else None
    return [source for source in (_dataset(record, place, creators), code) if source]


def _dataset(record: FigureRecord, place: Place, creators: Sequence[Thing]) -> Thing | None:
    """The numbers in the figure, as files and as a list of variables."""
    files = record.data_files
    if not files:
        return None
    title, variables = record.title, (record.data or {}).get("variables") or {}
    names = ", ".join(variables)
    thing = {
        "@type": "Dataset",
        "@id": f"{place.link(record.address)}#data",
        "name": f"Data of the figure “{title}”",
        "description": f"The numbers shown in the figure “{title}”" + (f": {names}." if names else "."),
        "license": (record.licence or {}).get("url"),
        "creator": list(creators),
        "variableMeasured": [_variable(name, said) for name, said in variables.items()],
        "distribution": [{"@type": "DataDownload", **_file(file, place)} for file in files],
    }
    return filled(thing)


def _variable(name: str, said: Mapping[str, Any]) -> Thing:
    """One variable with its unit."""
    known = {"description": said.get("long_name"), "unitText": said.get("units")}
    return {"@type": "PropertyValue", "name": name} | {key: value for key, value in known.items() if value}


def _code(function: Mapping[str, Any], book: Mapping[str, Any]) -> Thing:
    """The source of the function that draws the figure."""
    thing = {
        "@type": "SoftwareSourceCode",
        "name": place_in_source(function),
        "programmingLanguage": "Python",
        "codeRepository": book.get("repository"),
        "version": book.get("commit"),
    }
    return filled(thing)


def _whole(book: Mapping[str, Any], place: Place, *, brief: bool = False) -> Thing:
    """The book; or only what tells it from others."""
    front, doi = place.link(FRONT_PAGE), book.get("doi")
    name = {"@type": "Book", "@id": front, "name": full_title(book), "url": front}
    name |= {"version": label_of(book)} if label_of(book) else {}
    if brief:
        return name
    code = {"codeRepository": book.get("repository"), "version": book.get("commit")}
    return filled(
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
            "isBasedOn": filled({"@type": "SoftwareSourceCode"} | code) if book.get("repository") else None,
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


def _place(record: FigureRecord, page: str | None) -> Place:
    """Where a figure is looked at: on a page of the site that its own address tells, its own if None."""
    site = record.url.removesuffix(record.address) if record.url else None
    return Place(site, page or record.address)

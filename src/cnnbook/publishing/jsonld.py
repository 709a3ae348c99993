"""schema.org as JSON-LD: the book, its chapters, and figures with all that Google's image licence asks for.

Where the site's address is known all ids and addresses are absolute. Where it is not they are relative to the
page that carries them, which is how JSON-LD reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE, LinkBase
from cnnbook.publishing.book import BookMetadata, author_name, is_person, orcid_of, without_empty
from cnnbook.publishing.record import FOLDER, FigureFile, FigureRecord
from cnnbook.publishing.request import location_text

CONTEXT = "https://schema.org"

GALLERY = f"{FOLDER}/index.html"
"""The address of the list of figures."""

Thing = dict[str, Any]


def book(book: BookMetadata, chapters: Sequence[Mapping[str, Any]], figures: Sequence[FigureRecord]) -> Thing:
    """The book, for its front page: a `Book` with its chapters and the names of its figures.

    Args:
        book: its description.
        chapters: in their order; each with `title`, `address` and `description`.
        figures: the figures' records.
    """
    base = LinkBase(book.site_url, FRONT_PAGE)
    parts = [_part(chapter, base) | {"position": at} for at, chapter in enumerate(chapters, start=1)]
    parts += [_image_name(figure, base) for figure in figures]
    return {"@context": CONTEXT} | _whole(book, base) | {"hasPart": parts}


def chapter(book: BookMetadata, chapter: Mapping[str, Any], figures: Sequence[FigureRecord]) -> Thing:
    """A chapter, for its page: a `Chapter` of the `Book` with an `ImageObject` for each of its figures.

    Args:
        book: its description.
        chapter: its `title`, `address`, `description`, and if they differ from the book's, `authors`.
        figures: the records of the figures it shows.
    """
    base = LinkBase(book.site_url, chapter["address"])
    return without_empty(
        {
            "@context": CONTEXT,
            **_part(chapter, base),
            "author": creators(chapter.get("authors") or book.authors),
            "datePublished": book.release_day,
            "version": book.version_label,
            "inLanguage": book.language,
            "license": book.text_licence["url"],
            "copyrightNotice": book.copyright,
            "isAccessibleForFree": True,
            "pageStart": chapter.get("first_page_number"),
            "isPartOf": _book_name(book, base),
            "hasPart": [_image(figure, base) for figure in figures],
        }
    )


def figure(record: FigureRecord, book: BookMetadata) -> Thing:
    """A figure, for its own page: an `ImageObject` with its files and the data it was drawn from.

    Args:
        record: of the figure, completed.
        book: that it is in.
    """
    base = LinkBase(book.site_url, record.address)
    whole, within = _book_name(book, base), record.chapter
    return {
        "@context": CONTEXT,
        **_image(record, base),
        "representativeOfPage": True,
        **without_empty({"isBasedOn": _sources(record, book, base)}),
        "isPartOf": _part(within, base) | {"isPartOf": whole} if within else whole,
    }


def gallery(book: BookMetadata, figures: Sequence[FigureRecord]) -> Thing:
    """The list of figures, for its page: an `ImageGallery` of the `Book`.

    Args:
        book: its description.
        figures: the figures' records.
    """
    base = LinkBase(book.site_url, GALLERY)
    return {
        "@context": CONTEXT,
        "@type": "ImageGallery",
        "@id": base.link(GALLERY),
        "url": base.link(GALLERY),
        "name": f"Figures of “{book.full_title}”",
        "inLanguage": book.language,
        "isPartOf": _book_name(book, base),
        "associatedMedia": [_image(figure, base) for figure in figures],
    }


def creators(authors: Sequence[Mapping[str, Any]]) -> list[Thing]:
    """Authors as `Person`, or as `Organization` where only a name is known."""
    return [
        without_empty(
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


def _image_name(record: FigureRecord, base: LinkBase) -> Thing:
    """What distinguishes a figure from others."""
    address = base.link(record.address)
    return {"@type": "ImageObject", "@id": address, "name": record.title, "url": address}


def _image(record: FigureRecord, base: LinkBase) -> Thing:
    """A figure with its licence and credit.

    The one `contentUrl` that the type allows is the PNG's, which every reader knows; all files stand under
    `encoding`. A figure without files, because it was withdrawn, has neither.
    """
    name = _image_name(record, base)
    shown = record.picture("png") or record.picture("svg")
    thing = {
        **name,
        **(_file(shown, base) if shown else {}),
        "name": record.title,
        "caption": record.caption,
        "description": record.alt,
        "license": (record.licence or {}).get("url"),
        "acquireLicensePage": name["url"],
        "creator": creators(record.authors),
        "creditText": record.credit,
        "copyrightNotice": record.copyright,
        "identifier": _identifiers(record, shown),
        "creativeWorkStatus": f"Withdrawn: {record.withdrawn}" if record.withdrawn else None,
        "encoding": [{"@type": "ImageObject", **_file(file, base)} for file in record.pictures],
    }
    return without_empty(thing)


def _file(file: FigureFile, base: LinkBase) -> Thing:
    """One file: where it is, what it is, how long it is, and its checksum."""
    size = {"width": file.width, "height": file.height} if file.width else {}
    return {
        "name": file.name,
        "contentUrl": base.link(f"{FOLDER}/{file.name}"),
        "encodingFormat": file.media_type,
        "contentSize": f"{file.bytes} B",
        "sha256": file.sha256,
        **size,
    }


def _identifiers(record: FigureRecord, shown: FigureFile | None) -> list[Thing]:
    """The figure's id in the book, and the checksum of what `contentUrl` leads to."""
    values = {"figure id": record.id} | ({"SHA-256": shown.sha256} if shown else {})
    return [{"@type": "PropertyValue", "propertyID": kind, "value": value} for kind, value in values.items()]


def _sources(record: FigureRecord, book: BookMetadata, base: LinkBase) -> list[Thing]:
    """The data drawn, and the function that draws them."""
    sources = [_dataset(record, base)] if record.data_files else []
    if record.drawn_by:
        name = location_text(record.drawn_by)
        sources.append(_source_code(book, name=name, programmingLanguage="Python"))
    return sources


def _dataset(record: FigureRecord, base: LinkBase) -> Thing:
    """The numbers in the figure, as files and as a list of variables."""
    title, variables = record.title, (record.data or {}).get("variables") or {}
    names = ", ".join(variables)
    thing = {
        "@type": "Dataset",
        "@id": f"{base.link(record.address)}#data",
        "name": f"Data of the figure “{title}”",
        "description": f"The numbers shown in the figure “{title}”" + (f": {names}." if names else "."),
        "license": (record.licence or {}).get("url"),
        "creator": creators(record.authors),
        "variableMeasured": [_variable(name, about) for name, about in variables.items()],
        "distribution": [{"@type": "DataDownload", **_file(file, base)} for file in record.data_files],
    }
    return without_empty(thing)


def _variable(name: str, about: Mapping[str, Any]) -> Thing:
    """One variable with its unit."""
    words = {"description": about.get("long_name"), "unitText": about.get("units")}
    return without_empty({"@type": "PropertyValue", "name": name} | words)


def _source_code(book: BookMetadata, **words: str) -> Thing:
    """Source code of the book, as it was committed."""
    kind = {"@type": "SoftwareSourceCode"}
    return without_empty(kind | words | {"codeRepository": book.repository, "version": book.commit})


def _book_name(book: BookMetadata, base: LinkBase) -> Thing:
    """What distinguishes the book from others."""
    front = base.link(FRONT_PAGE)
    name = {"@type": "Book", "@id": front, "name": book.full_title, "url": front}
    return name | {"version": book.version_label}


def _whole(book: BookMetadata, base: LinkBase) -> Thing:
    """The book with all that is known of it."""
    doi = {"@type": "PropertyValue", "propertyID": "DOI", "value": book.doi} if book.doi else None
    return without_empty(
        {
            **_book_name(book, base),
            "author": creators(book.authors),
            "datePublished": book.release_day,
            "inLanguage": book.language,
            "license": book.text_licence["url"],
            "copyrightNotice": book.copyright,
            "abstract": book.abstract,
            "keywords": list(book.keywords),
            "bookFormat": "https://schema.org/EBook",
            "isAccessibleForFree": True,
            "identifier": doi,
            "sameAs": book.doi_url,
            "isBasedOn": _source_code(book) if book.repository else None,
        }
    )


def _part(chapter: Mapping[str, Any], base: LinkBase) -> Thing:
    """What distinguishes a chapter from others."""
    address = base.link(chapter["address"])
    name = {"@type": "Chapter", "@id": address, "name": chapter["title"], "url": address}
    return without_empty(name | {"description": " ".join((chapter.get("description") or "").split())})

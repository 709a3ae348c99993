"""What is written into a figure's files, so that a copy of one can say what it is.

XMP and RDF are read by picture search engines, archives and drawing programs.
"""

from dataclasses import asdict, dataclass
from xml.sax.saxutils import escape, quoteattr

from cnnbook.publishing.book import BookMetadata, author_name, version_label

NAMESPACE = "urn:x-cnnbook:figure:1"
"""Of our own fields in XML; all others are Dublin Core's, Creative Commons' and XMP's."""

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "cc": "http://creativecommons.org/ns#",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "cnnbook": NAMESPACE,
    }.items()
)

UNSEALED = "0" * 64
"""Stands where the seal will be."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """Facts about one picture; no time and no commit, so that the same picture has the same bytes.

    Attributes:
        id: of the figure.
        title: of the figure.
        theme: "light" or "dark".
        book: the book's title.
        version: the book's.
        edition: the book's; "" for the build that the version stands for.
        authors: joined by commas.
        copyright: one line.
        licence: its address.
        url: address of the figure's page; "" if it has none.
        data: SHA-256 of the data it was drawn from; "" if it has none.
        seal: SHA-256 of the picture's file with this field filled with zeros.
    """

    id: str
    title: str
    theme: str
    book: str
    version: str
    authors: str
    copyright: str
    licence: str
    url: str
    data: str
    edition: str = ""
    seal: str = UNSEALED

    def fields(self) -> dict[str, str]:
        """All that is not empty, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def source(self) -> str:
        """Where the figure comes from, in words."""
        return f"{self.id} in: {self.book}, version {version_label(self.version, self.edition)}"


def make_stamp(book: BookMetadata, *, figure_id: str, title: str, theme: str, data: str) -> Stamp:
    """The stamp of one of a figure's pictures."""
    return Stamp(
        id=figure_id,
        title=title,
        theme=theme,
        book=book.full_title,
        version=book.version,
        edition=book.edition,
        authors=", ".join(author_name(author) for author in book.authors),
        copyright=book.copyright,
        licence=book.licences["text"]["url"],
        url=book.figure_url(figure_id) or "",
        data=data,
    )


def _custom_fields_xml(stamp: Stamp) -> str:
    """Our own fields as XML elements, one a line."""
    return "\n".join(
        f"    <cnnbook:{name}>{escape(value)}</cnnbook:{name}>" for name, value in stamp.fields().items()
    )


def svg_metadata(stamp: Stamp) -> str:
    """The element `metadata` of an SVG: a Creative Commons work in Dublin Core's terms."""
    return f"""<metadata>
  <rdf:RDF {_NAMESPACES}>
   <cc:Work rdf:about="">
    <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>
    <dc:format>image/svg+xml</dc:format>
    <dc:identifier>{stamp.id}</dc:identifier>
    <dc:title>{escape(stamp.title)}</dc:title>
    <dc:creator><cc:Agent><dc:title>{escape(stamp.authors)}</dc:title></cc:Agent></dc:creator>
    <dc:rights><cc:Agent><dc:title>{escape(stamp.copyright)}</dc:title></cc:Agent></dc:rights>
    <dc:source>{escape(stamp.url or stamp.source)}</dc:source>
    <dc:relation>{escape(stamp.source)}</dc:relation>
    <cc:license rdf:resource={quoteattr(stamp.licence)}/>
    <xmpRights:WebStatement>{escape(stamp.licence)}</xmpRights:WebStatement>
{_custom_fields_xml(stamp)}
   </cc:Work>
  </rdf:RDF>
 </metadata>"""


def xmp_packet(stamp: Stamp) -> str:
    """An XMP packet for a PNG, with the address of the licence as the Web Statement of Rights."""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF {_NAMESPACES}>
   <rdf:Description rdf:about="">
    <dc:identifier>{stamp.id}</dc:identifier>
    <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(stamp.title)}</rdf:li></rdf:Alt></dc:title>
    <dc:creator><rdf:Seq><rdf:li>{escape(stamp.authors)}</rdf:li></rdf:Seq></dc:creator>
    <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{escape(stamp.copyright)}</rdf:li></rdf:Alt></dc:rights>
    <dc:source>{escape(stamp.url or stamp.source)}</dc:source>
    <xmpRights:Marked>True</xmpRights:Marked>
    <xmpRights:WebStatement>{escape(stamp.licence)}</xmpRights:WebStatement>
   </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

"""A stamp as XMP and RDF: what picture search engines, archives and drawing programs read."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr, unescape

from cnnbook.publishing.stamp import Stamp

NAMESPACE = "urn:x-cnnbook:figure:1"
"""Of our own fields; all others are Dublin Core's, Creative Commons' and XMP's."""

_OWN = re.compile(r"<cnnbook:(\w+)>([^<]*)</cnnbook:\1>")

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


def own_fields(stamp: Stamp) -> str:
    """Our own fields as XML elements, one a line."""
    return "\n".join(
        f"    <cnnbook:{name}>{escape(value)}</cnnbook:{name}>" for name, value in stamp.fields().items()
    )


def read_own_fields(text: str) -> Mapping[str, str]:
    """What `own_fields` wrote, from an XML text that holds it."""
    return {name: unescape(value) for name, value in _OWN.findall(text)}


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
{own_fields(stamp)}
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

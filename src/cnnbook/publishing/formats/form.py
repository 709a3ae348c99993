"""What a format must be able to do with a stamp."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnbook.publishing.stamp import Stamp


@dataclass(frozen=True, kw_only=True)
class Form:
    """A format.

    Attributes:
        name: "svg", "png", "pdf" or "netcdf".
        recognises: whether a content is, or began as, a file of this format.
        stamped: a plain file with a stamp, not yet sealed.
        fields: what a stamp in a content says, by name; empty where there is none.
        with_seal: a stamped content with other 64 digits in the place of its seal, and all that follows from
            them; unchanged where it has no such place.
        complete: whether the content goes on to the format's own end.
    """

    name: str
    recognises: Callable[[bytes], bool]
    stamped: Callable[[bytes, Stamp], bytes]
    fields: Callable[[bytes], Mapping[str, str]]
    with_seal: Callable[[bytes, str], bytes]
    complete: Callable[[bytes], bool]

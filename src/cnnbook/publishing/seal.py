"""The seal of a picture: the SHA-256 of its file, written into the file itself.

It is computed with zeros in its own place. A copy whose seal fits has not changed since it was published,
whatever its name is now. A seal is no signature: who means to deceive can compute a new one.
"""

import hashlib

from cnnbook.publishing.formats import Form
from cnnbook.publishing.stamp import UNSEALED


def sealed(content: bytes, form: Form) -> bytes:
    """A stamped picture with its seal."""
    return form.with_seal(content, _digest(content, form))


def is_sound(content: bytes, form: Form) -> bool:
    """Whether a picture is, byte for byte, the one that was sealed."""
    found = form.fields(content).get("seal", "")
    return found == _digest(content, form) and form.with_seal(content, found) == content


def _digest(content: bytes, form: Form) -> str:
    return hashlib.sha256(form.with_seal(content, UNSEALED)).hexdigest()

"""What people wrote into a picture: title, description and keywords, from XMP and IPTC."""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from PIL import Image, ImageFile, IptcImagePlugin

from imgrepo_server.imaging.exif import clean, text

_LARGEST_XMP: Final = 1 << 20
_DOCUMENT_TYPES: Final = (b"<!", b"<\0!")  # in UTF-8, and in either UTF-16
_MOST_KEYWORDS: Final = 200
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"


# Machine tags, as "geo:lat=43.46": a location, and none that is known to be one (see metadata).
_LOCATION: Final = re.compile(r"geo:|geotagged$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Captions:
    """Words about a picture, as far as it carries any."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()


def read_captions(picture: Image.Image) -> Captions:
    """The words that the file carries; XMP before IPTC, which newer programs leave stale."""
    modern = _xmp(picture)
    classic = _iptc(picture)
    return Captions(
        title=modern.title or classic.title,
        description=modern.description or classic.description,
        keywords=tuple(
            word for word in modern.keywords or classic.keywords if not _LOCATION.match(word)
        ),
    )


def _xmp(picture: Image.Image) -> Captions:
    """Dublin Core in the XMP packet (ISO 16684-1, 8.3).

    A packet with a document type is left alone: only there can XML define entities, which
    expand without bound. Everything else expat reads safely.
    """
    packet = picture.info.get("xmp") or b""
    if not isinstance(packet, bytes) or len(packet) > _LARGEST_XMP:
        return Captions()
    if any(start in packet for start in _DOCUMENT_TYPES):
        return Captions()
    try:
        root = ET.fromstring(packet.strip(b"\0 \r\n"))  # noqa: S314 - no document type, see above
    except (ET.ParseError, ValueError, LookupError):
        return Captions()
    titles, descriptions, subjects = (
        [
            kept
            for item in root.iterfind(f".//{_DC}{name}//{_RDF}li")
            if (kept := clean(item.text or ""))
        ]
        for name in ("title", "description", "subject")
    )
    return Captions(
        title=titles[0] if titles else None,
        description=descriptions[0] if descriptions else None,
        keywords=tuple(subjects[:_MOST_KEYWORDS]),
    )


def _iptc(picture: Image.Image) -> Captions:
    """The application record of IPTC IIM 4.2: object name, caption, keywords."""
    if not isinstance(picture, ImageFile.ImageFile):
        return Captions()
    try:
        found = IptcImagePlugin.getiptcinfo(picture) or {}
    except Exception:  # what Pillow raises on damaged IPTC is documented nowhere
        return Captions()
    words = found.get((2, 25), [])
    keywords = [text(word) for word in (words if isinstance(words, list) else [words])]
    return Captions(
        title=text(_first(found.get((2, 5)))),
        description=text(_first(found.get((2, 120)))),
        keywords=tuple(word for word in keywords if word)[:_MOST_KEYWORDS],
    )


def _first(value: bytes | list[bytes] | None) -> bytes | None:
    return value[0] if isinstance(value, list) else value

"""The image formats that the repository accepts, told by their first bytes, never by a name.

Only the plugin of the format found here is ever offered the bytes, so that none of Pillow's
other forty decoders runs on a hostile file.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

HEAD_BYTES: Final = 1024
"""How much of a file's beginning tells its format."""


@dataclass(frozen=True, slots=True)
class Format:
    """An accepted format: our name, Pillow's, its media type, its extensions (usual one first)."""

    name: str
    pillow: str
    media_type: str
    extensions: tuple[str, ...]


# A multi-picture file (MPO: two views of a scene, or a photo and its depth map) is a JPEG to
# everybody who looks at it, and an animated PNG a PNG.
JPEG: Final = Format("jpeg", "JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"))
PNG: Final = Format("png", "PNG", "image/png", (".png", ".apng"))
GIF: Final = Format("gif", "GIF", "image/gif", (".gif",))
WEBP: Final = Format("webp", "WEBP", "image/webp", (".webp",))
TIFF: Final = Format("tiff", "TIFF", "image/tiff", (".tif", ".tiff"))
BMP: Final = Format("bmp", "BMP", "image/bmp", (".bmp", ".dib"))
AVIF: Final = Format("avif", "AVIF", "image/avif", (".avif", ".avifs"))
HEIC: Final = Format("heic", "HEIF", "image/heic", (".heic", ".heif", ".hif"))

FORMATS: Final = MappingProxyType(
    {each.name: each for each in (JPEG, PNG, GIF, WEBP, TIFF, BMP, AVIF, HEIC)}
)
"""The accepted formats by the names that the database and clients see."""

_BMP_HEADER_SIZES: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})

_REFUSED: Final = (
    (b"8BPS", "a Photoshop document"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
    (b"\x00\x00\x02\x00", "a Targa picture or Windows cursor"),
    (b"icns", "a macOS icon"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"gimp xcf", "a GIMP document"),
    (b"DDS ", "a DDS texture"),
    (b"qoif", "a QOI picture"),
    (b"\x01\xda\x00", "an SGI picture"),
    (b"\x01\xda\x01", "an SGI picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"IIRO", "a camera raw file"),
    (b"IIRS", "a camera raw file"),
    (b"IIU\0", "a camera raw file"),
    (b"FOVb", "a camera raw file"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (b"/* XPM */", "an XPM picture"),
    (b"SIMPLE  =", "a FITS picture"),
)


def accepted(head: bytes) -> Format | None:
    """The accepted format that a file beginning with ``head`` claims to be, None if none."""
    for magic, claimed in (
        (b"\xff\xd8\xff", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"II*\0", TIFF),
        (b"MM\0*", TIFF),
        (b"II+\0", TIFF),  # BigTIFF
        (b"MM\0+", TIFF),
    ):
        if head.startswith(magic):
            return claimed
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    # Two letters are weak evidence; the size of the header that follows makes it strong.
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return BMP
    return _iso_media(head)


def _iso_media(head: bytes) -> Format | None:
    """AVIF or HEIC, told by the brands of the ``ftyp`` box (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, end, 4))}
    if major in _AVIF_BRANDS:
        return AVIF
    if brands & _HEIC_BRANDS:
        return HEIC
    return AVIF if brands & _AVIF_BRANDS else None


def refused(head: bytes) -> str | None:
    """What a file that is not accepted is ("a PDF document"), None if no known kind of picture."""
    for magic, kind in _REFUSED:
        if head.startswith(magic):
            return kind
    if head[4:12] == b"ftypcrx ":
        return "a camera raw file"
    if head[128:132] == b"DICM":
        return "a DICOM picture"
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        return "a portable anymap"
    if b"<svg" in head.lower():
        return "an SVG drawing"
    return None

"""From a picture's file to the same picture in a file without metadata."""

import mmap
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, cast

from PIL import Image

from imgrepo_server.imaging.exif import orientation_of, read_exif
from imgrepo_server.imaging.formats import AVIF, BMP, FORMATS, GIF, HEIC, JPEG, PNG, TIFF, WEBP
from imgrepo_server.imaging.metadata import metadata
from imgrepo_server.imaging.probe import prepare_pillow
from imgrepo_server.imaging.stripping.gif import strip_gif
from imgrepo_server.imaging.stripping.iso_media import strip_iso_media
from imgrepo_server.imaging.stripping.jpeg import strip_jpeg
from imgrepo_server.imaging.stripping.pieces import (
    Kept,
    MalformedError,
    Piece,
    SplicedFile,
    not_removable,
    tidied,
)
from imgrepo_server.imaging.stripping.png import strip_png
from imgrepo_server.imaging.stripping.tiff import strip_tiff
from imgrepo_server.imaging.stripping.webp import strip_webp


def _strip_bmp(data: mmap.mmap, orientation: int) -> Iterator[Piece]:
    del orientation  # neither it nor anything else has a place in a BMP
    yield Kept(0, len(data))


_BY_FORMAT: Final = MappingProxyType[str, Callable[[mmap.mmap, int], Iterator[Piece]]](
    {
        JPEG.name: strip_jpeg,
        PNG.name: strip_png,
        GIF.name: strip_gif,
        WEBP.name: strip_webp,
        TIFF.name: strip_tiff,
        BMP.name: _strip_bmp,
        AVIF.name: strip_iso_media,
        HEIC.name: strip_iso_media,
    }
)


def strip(source: Path, format_name: str, orientation: int) -> tuple[Piece, ...]:
    """The picture in ``source`` without metadata; its pixels stay bit for bit as they are.

    ``orientation`` (1 to 8, as EXIF numbers them) is how it has to be turned, which the result
    goes on saying. What goes: EXIF, XMP, IPTC, comments, thumbnails, whatever hangs behind the
    picture. What stays: pixels, color profiles, resolution, animation.

    Raises ``METADATA_NOT_REMOVABLE`` where the parts cannot be told apart for certain, or where
    something was left that says more than the orientation: rather no file than one that tells.
    """
    kind = f"this {format_name.upper()} file"
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        try:
            pieces = tidied(_BY_FORMAT[format_name](data, orientation))
        except (MalformedError, IndexError) as error:
            raise not_removable(kind) from error
        left = _left(file, pieces, format_name)
        turned = left.pop("orientation", 1)
        # Decoding a TIFF turns it, and it says no longer how; its tag for that stays as it is.
        if left or (turned != orientation and format_name != TIFF.name):
            raise not_removable(kind)
        return pieces


def _left(file: BinaryIO, pieces: tuple[Piece, ...], format_name: str) -> dict[str, object]:
    """What the stripped file still says, read as an upload of it would be."""
    prepare_pillow()
    spliced = cast("BinaryIO", SplicedFile(file, pieces))
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(spliced, formats=[FORMATS[format_name].pillow]) as picture,
        ):
            return metadata(picture, read_exif(picture), orientation_of(picture))
    except Exception as error:  # what decoders raise is documented nowhere
        raise not_removable(f"this {format_name.upper()} file") from error

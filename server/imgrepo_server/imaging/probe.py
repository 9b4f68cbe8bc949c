"""Opening a file as a picture, before any pixel is decoded, and naming what is wrong with it."""

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageFile, TiffImagePlugin

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.completeness import ends_early
from imgrepo_server.imaging.formats import HEAD_BYTES, Format, accepted, refused
from imgrepo_server.imaging.limits import DecodeLimits

_PLUGINS: Final = ("Avif", "Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
_EXPENSE_SIGNS: Final = ("out of memory", "memory allocation", "security limit")
_TRUNCATION_SIGNS: Final = ("truncated", "end of file", "not enough", "incomplete")
# A decoder's own errors have none; the others come of seeking to where a damaged header points.
_PICTURES_ERRNOS: Final = frozenset({None, errno.EINVAL, errno.EOVERFLOW})
_DNG_VERSION: Final = 50706
_NEW_SUBFILE_TYPE: Final = 254
_SUB_IFDS: Final = 330
_ACCEPTED: Final = "JPEG, PNG, GIF, WebP, TIFF, BMP, AVIF or HEIC"


@dataclass(frozen=True, slots=True)
class Probe:
    """A file that was recognised: its format, and Pillow's view of it, not decoded yet.

    ``size`` is width and height in pixels as stored, before EXIF orientation.
    """

    format: Format
    picture: ImageFile.ImageFile
    size: tuple[int, int]


@contextmanager
def probed(source: Path, limits: DecodeLimits) -> Iterator[Probe]:
    """Recognise and open a picture, to be decoded inside the block.

    Whatever a decoder raises inside becomes an ``ImgrepoError``, and its warnings are silenced.
    Errors of the operating system (no such file, a failing disk) pass unchanged; they are not
    the picture's fault.

    Raises ``EMPTY_FILE``, ``NOT_AN_IMAGE``, ``UNSUPPORTED_FORMAT``, ``TOO_MANY_PIXELS``,
    ``TRUNCATED_IMAGE``, ``CORRUPT_IMAGE`` or ``IMAGE_TOO_EXPENSIVE``.
    """
    prepare_pillow()
    with source.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        claimed = _recognise(file.read(HEAD_BYTES))
        try:
            picture = Image.open(file, formats=[claimed.pillow])
            _check(picture, limits)
            yield Probe(claimed, picture, picture.size)
        except ImgrepoError:
            raise
        except MemoryError as error:
            raise _too_expensive() from error
        except Exception as error:  # what decoders raise on damaged bytes is documented nowhere
            if isinstance(error, OSError) and error.errno not in _PICTURES_ERRNOS:
                raise
            raise _damaged(error, ended_early=ends_early(file, claimed)) from error
        if ends_early(file, claimed):
            raise _truncated()


@cache
def prepare_pillow() -> None:
    """Make Pillow ready to open the accepted formats; once for each process.

    Pillow's own limit on pixels is switched off: ``probed`` enforces ours, which can be set.
    Decoders get one thread each, since as many workers as cores run. Thumbnails inside HEIC
    files are ignored: nothing makes them show the same picture.
    """
    for name in _PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None


def _recognise(head: bytes) -> Format:
    if not head:
        raise ImgrepoError(ErrorCode.EMPTY_FILE, "This file is empty; copy it again.")
    claimed = accepted(head)
    if claimed is not None:
        return claimed
    kind = refused(head)
    if kind is not None:
        raise _unsupported(kind)
    raise ImgrepoError(ErrorCode.NOT_AN_IMAGE, f"This file is not a picture; upload {_ACCEPTED}.")


def _check(picture: ImageFile.ImageFile, limits: DecodeLimits) -> None:
    pixels = picture.width * picture.height
    if pixels > limits.max_pixels:
        raise ImgrepoError(
            ErrorCode.TOO_MANY_PIXELS,
            f"This picture has {pixels:,} pixels and the limit is {limits.max_pixels:,}; "
            "make it smaller and try again.",
            {"pixels": pixels, "limit": limits.max_pixels},
        )
    if _is_camera_raw(picture):
        raise _unsupported("a camera raw file")


def _is_camera_raw(picture: ImageFile.ImageFile) -> bool:
    """Whether a TIFF is a camera's raw file, of which only a thumbnail would be decoded.

    Adobe's DNG says so (DNG specification 1.4, DNGVersion); NEF, ARW and their like begin with
    a reduced picture and hang the real one below it (TIFF/EP, ISO 12234-2).
    """
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return False
    tags = picture.tag_v2
    return _DNG_VERSION in tags or (tags.get(_NEW_SUBFILE_TYPE, 0) == 1 and _SUB_IFDS in tags)


def _unsupported(kind: str) -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.UNSUPPORTED_FORMAT,
        f"This file is {kind}, which is not supported; export it as {_ACCEPTED}.",
    )


def _damaged(error: Exception, *, ended_early: bool) -> ImgrepoError:
    complaint = str(error).lower()
    if any(sign in complaint for sign in _EXPENSE_SIGNS):
        return _too_expensive()
    if (
        ended_early
        or isinstance(error, EOFError)
        or any(sign in complaint for sign in _TRUNCATION_SIGNS)
    ):
        return _truncated()
    return ImgrepoError(
        ErrorCode.CORRUPT_IMAGE,
        "This file begins like a picture but cannot be decoded; "
        "check that it opens in a viewer, then copy or export it again.",
    )


def _too_expensive() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.IMAGE_TOO_EXPENSIVE,
        "This picture needs more memory to decode than the server grants; "
        "make it smaller and try again.",
    )


def _truncated() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.TRUNCATED_IMAGE,
        "The end of this picture is missing; copy or download the file again.",
    )

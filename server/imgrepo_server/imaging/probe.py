"""Opening a file as a picture, before any pixel is decoded."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import BinaryIO, Final

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.formats import HEAD_BYTES, Format, accepted, refused
from imgrepo_server.imaging.limits import DecodeLimits

_PLUGINS: Final = ("Avif", "Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
_DNG_VERSION: Final = 50706
_NEW_SUBFILE_TYPE: Final = 254
_SUB_IFDS: Final = 330


@cache
def prepare_pillow() -> None:
    """Make Pillow ready to open the accepted formats; once for each process.

    Pillow's own limit on pixels is switched off: :func:`open_picture` enforces ours, which can
    be set. Decoders get one thread each, since as many workers as cores run. Thumbnails inside
    HEIC files are ignored: nothing makes them show the same picture.
    """
    for name in _PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None


@contextmanager
def decoding() -> Iterator[None]:
    """Turn whatever a decoder raises inside into an ``ImgrepoError``, and silence its warnings.

    Errors of the operating system (those with an ``errno``: a failing disk) pass unchanged;
    they are not the picture's fault.

    Raises ``TRUNCATED_IMAGE``, ``CORRUPT_IMAGE`` or ``IMAGE_TOO_EXPENSIVE``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImgrepoError:
        raise
    except MemoryError as error:
        raise ImgrepoError(
            ErrorCode.IMAGE_TOO_EXPENSIVE,
            "This picture needs more memory to decode than the server grants; "
            "save it smaller and try again.",
        ) from error
    except Exception as error:  # what decoders raise on damaged bytes is documented nowhere
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _damaged(error) from error


def _damaged(error: Exception) -> ImgrepoError:
    text = str(error).lower()
    if isinstance(error, EOFError) or any(
        sign in text for sign in ("truncated", "end of file", "not enough", "incomplete")
    ):
        return truncated()
    return ImgrepoError(
        ErrorCode.CORRUPT_IMAGE,
        "This file begins like a picture but cannot be decoded; "
        "check that it opens in a viewer, then copy or export it again.",
    )


def truncated() -> ImgrepoError:
    """The error for a file whose end is missing."""
    return ImgrepoError(
        ErrorCode.TRUNCATED_IMAGE,
        "The end of this picture is missing; copy or download the file again.",
    )


def open_picture(file: BinaryIO, limits: DecodeLimits) -> tuple[Format, ImageFile.ImageFile]:
    """Recognise and open a picture; reads its header only. To be called inside ``decoding``.

    Raises ``EMPTY_FILE``, ``NOT_AN_IMAGE``, ``UNSUPPORTED_FORMAT``, ``TOO_MANY_PIXELS``,
    ``TRUNCATED_IMAGE`` or ``CORRUPT_IMAGE``.
    """
    prepare_pillow()
    head = file.read(HEAD_BYTES)
    if not head:
        raise ImgrepoError(ErrorCode.EMPTY_FILE, "This file is empty; copy it again.")
    claimed = accepted(head)
    if claimed is None:
        raise _unrecognised(head)
    try:
        picture = Image.open(file, formats=[claimed.pillow])
    except UnidentifiedImageError as error:
        raise _damaged(error) from error
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
    return claimed, picture


def _unrecognised(head: bytes) -> ImgrepoError:
    kind = refused(head)
    if kind:
        return _unsupported(kind)
    return ImgrepoError(
        ErrorCode.NOT_AN_IMAGE,
        "This file is not a picture; upload JPEG, PNG, GIF, WebP, TIFF, BMP, AVIF or HEIC.",
    )


def _unsupported(kind: str) -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.UNSUPPORTED_FORMAT,
        f"This file is {kind}, which is not supported; export it as JPEG, PNG, GIF, WebP, TIFF, "
        "BMP, AVIF or HEIC.",
    )


def _is_camera_raw(picture: ImageFile.ImageFile) -> bool:
    """Whether a TIFF is a camera's raw file, of which only a thumbnail could be decoded here.

    Adobe's DNG says so (DNG specification 1.4, tag DNGVersion); NEF, ARW and their like begin with
    a reduced picture and hang the real one below it (TIFF/EP, ISO 12234-2).
    """
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return False
    tags = picture.tag_v2
    return _DNG_VERSION in tags or (tags.get(_NEW_SUBFILE_TYPE, 0) == 1 and _SUB_IFDS in tags)

"""The whole work on one file, as a worker process does it: opened once, decoded once."""

from pathlib import Path

from imgrepo_server.imaging.decode import decode_reduced, orientation, upright_size
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.metadata import read_metadata
from imgrepo_server.imaging.preview import PREVIEW_LONG_SIDE, write_preview
from imgrepo_server.imaging.probe import decoding, open_picture
from imgrepo_server.imaging.query_views import QueryFingerprint, query_fingerprint
from imgrepo_server.models import Examination


def examine(source: Path, preview: Path | None, limits: DecodeLimits) -> Examination:
    """Everything that the repository wants to know about the picture in ``source``.

    Writes its preview (JPEG, long side at most 512 pixels, fsynced) to ``preview`` if given.

    Raises ``ImgrepoError`` with ``EMPTY_FILE``, ``NOT_AN_IMAGE``, ``UNSUPPORTED_FORMAT``,
    ``TRUNCATED_IMAGE``, ``CORRUPT_IMAGE``, ``TOO_MANY_PIXELS`` or ``IMAGE_TOO_EXPENSIVE``;
    ``OSError`` where ``source`` cannot be read or ``preview`` cannot be written.
    """
    with source.open("rb") as file, decoding():
        format_, picture = open_picture(file, limits)
        size = picture.size
        small = decode_reduced(picture, PREVIEW_LONG_SIDE)
        turned = orientation(picture)
        exif, taken_at = read_metadata(picture)
    seen = fingerprint(gray_for_hashing(small))
    if preview is not None:
        write_preview(small, preview)
    width, height = upright_size(size, turned)
    return Examination(
        format=format_.name,
        width=width,
        height=height,
        fingerprint=seen,
        taken_at=taken_at,
        exif=exif,
    )


def fingerprint_for_search(source: Path, limits: DecodeLimits) -> QueryFingerprint:
    """The picture in ``source`` in every orientation, to search with.

    Raises as ``examine`` does.
    """
    with source.open("rb") as file, decoding():
        _, picture = open_picture(file, limits)
        small = decode_reduced(picture, PREVIEW_LONG_SIDE)
    return query_fingerprint(gray_for_hashing(small))


def render_preview(source: Path, target: Path, size: int, limits: DecodeLimits) -> None:
    """Write the picture in ``source`` as a JPEG whose long side is at most ``size`` pixels.

    Raises as ``examine`` does.
    """
    with source.open("rb") as file, decoding():
        _, picture = open_picture(file, limits)
        small = decode_reduced(picture, size)
    write_preview(small, target)

"""The whole work on one file, as a worker process does it: opened once, decoded once."""

from pathlib import Path

from imgrepo_server.imaging.decode import decode_reduced, upright_size
from imgrepo_server.imaging.exif import orientation_of, read_exif
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.metadata import metadata, taken_at
from imgrepo_server.imaging.preview import PREVIEW_LONG_SIDE, write_preview
from imgrepo_server.imaging.probe import probed
from imgrepo_server.imaging.query import QueryFingerprint
from imgrepo_server.imaging.query_views import query_fingerprint
from imgrepo_server.models import Examination


def examine(source: Path, preview: Path | None, limits: DecodeLimits) -> Examination:
    """Everything that the repository wants to know about the picture in ``source``.

    Writes its preview (JPEG, long side at most 512 pixels) to ``preview`` if given.

    Raises ``ImgrepoError`` with ``EMPTY_FILE``, ``NOT_AN_IMAGE``, ``UNSUPPORTED_FORMAT``,
    ``TRUNCATED_IMAGE``, ``CORRUPT_IMAGE``, ``TOO_MANY_PIXELS`` or ``IMAGE_TOO_EXPENSIVE``;
    ``OSError`` where ``source`` cannot be read or ``preview`` cannot be written.
    """
    with probed(source, limits) as probe:
        small = decode_reduced(probe.picture, PREVIEW_LONG_SIDE)
        exif = read_exif(probe.picture)
        orientation = orientation_of(probe.picture)
        words = metadata(probe.picture, exif, orientation)
    width, height = upright_size(probe.size, orientation)
    examination = Examination(
        format=probe.format.name,
        width=width,
        height=height,
        fingerprint=fingerprint(gray_for_hashing(small)),
        taken_at=taken_at(exif),
        exif=words,
    )
    if preview is not None:
        write_preview(small, preview)
    return examination


def fingerprint_for_search(source: Path, limits: DecodeLimits) -> QueryFingerprint:
    """The picture in ``source`` in every orientation, to search with.

    Raises as ``examine`` does.
    """
    with probed(source, limits) as probe:
        small = decode_reduced(probe.picture, PREVIEW_LONG_SIDE)
    return query_fingerprint(gray_for_hashing(small))


def render_preview(source: Path, target: Path, size: int, limits: DecodeLimits) -> None:
    """Write the picture in ``source`` as a JPEG whose long side is at most ``size`` pixels.

    Raises as ``examine`` does.
    """
    with probed(source, limits) as probe:
        small = decode_reduced(probe.picture, size)
    write_preview(small, target)

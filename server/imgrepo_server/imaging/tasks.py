"""What worker processes are asked to do.

These functions stand between the server and :mod:`examine` so that the server can name them
without importing NumPy and Pillow, which would cost a short command more than its own work.
"""

# ruff: noqa: PLC0415 - importing late is what this module is for

from collections.abc import Sequence
from pathlib import Path

from imgrepo_server.errors import ImgrepoError
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.query import QueryFingerprint
from imgrepo_server.imaging.stripping.pieces import Piece
from imgrepo_server.models import Examination


def examine(source: Path, preview: Path | None, limits: DecodeLimits) -> Examination:
    """As ``examine.examine``."""
    from imgrepo_server.imaging import examine as work

    return work.examine(source, preview, limits)


def examine_all(
    pictures: Sequence[tuple[Path, Path | None]], limits: DecodeLimits
) -> list[Examination | ImgrepoError | OSError]:
    """``examine`` for each, or what it raises."""
    return [_examined(source, preview, limits) for source, preview in pictures]


def _examined(
    source: Path, preview: Path | None, limits: DecodeLimits
) -> Examination | ImgrepoError | OSError:
    try:
        return examine(source, preview, limits)
    except (ImgrepoError, OSError) as error:
        return error


def fingerprint_for_search(source: Path, limits: DecodeLimits) -> QueryFingerprint:
    """As ``examine.fingerprint_for_search``."""
    from imgrepo_server.imaging import examine as work

    return work.fingerprint_for_search(source, limits)


def render_preview(source: Path, target: Path, size: int, limits: DecodeLimits) -> None:
    """As ``examine.render_preview``."""
    from imgrepo_server.imaging import examine as work

    work.render_preview(source, target, size, limits)


def strip(source: Path, format_name: str, orientation: int) -> tuple[Piece, ...]:
    """As ``stripping.strip.strip``."""
    from imgrepo_server.imaging.stripping import strip as work

    return work.strip(source, format_name, orientation)


def groups(
    packed: Sequence[bytes], limit: float, apart: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """As ``grouping.groups``."""
    from imgrepo_server.imaging import grouping

    return grouping.groups(packed, limit, apart)


def groups_around(
    packed: Sequence[bytes], limit: float, apart: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """As ``grouping.groups_around``."""
    from imgrepo_server.imaging import grouping

    return grouping.groups_around(packed, limit, apart)

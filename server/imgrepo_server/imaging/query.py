"""A picture to search with, as plain values (this module imports neither NumPy nor Pillow)."""

from dataclasses import dataclass
from enum import StrEnum

from imgrepo_server.models import View


class Orientation(StrEnum):
    """How the query has to be turned to look like what was found; clockwise, mirrored first.

    ``MIRRORED`` swaps left and right; ``MIRRORED_ROTATED_90`` does so and then turns the result
    by 90 degrees clockwise.
    """

    UPRIGHT = "upright"
    ROTATED_90 = "rotated_90"
    ROTATED_180 = "rotated_180"
    ROTATED_270 = "rotated_270"
    MIRRORED = "mirrored"
    MIRRORED_ROTATED_90 = "mirrored_rotated_90"
    MIRRORED_ROTATED_180 = "mirrored_rotated_180"
    MIRRORED_ROTATED_270 = "mirrored_rotated_270"


class Region(StrEnum):
    """Which part of a picture a view shows.

    ``BOX`` is its content box. ``WIDER`` is the whole and a little more: what a picture looks like
    that was cropped, if what was cut away went on like what is left. Only queries have it.
    """

    WHOLE = "whole"
    BOX = "box"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class QueryView:
    """The hashes of a region of the query, turned."""

    orientation: Orientation
    region: Region
    view: View


@dataclass(frozen=True, slots=True)
class QueryFingerprint:
    """All views of a query: eight of the whole picture, then eight of its content box if any.

    Then the wider ones, upright, unless the picture is flat. The first view is the upright whole.
    ``version`` as in ``models.Fingerprint``. ``flat`` is a query only that has hardly any detail
    at all: a darker copy of a picture that is just not flat has to find it.
    """

    version: int
    views: tuple[QueryView, ...]
    flat: bool

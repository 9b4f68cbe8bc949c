"""The hits of a search by image, joined with what the viewer may see."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from imgrepo_server.db import images, lookalikes
from imgrepo_server.db.database import Connection
from imgrepo_server.models import Image, ImageFilter, Position, Viewer

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import Near

FIRST_JOIN = 100
"""Hits joined with the database at first: few, as most may be seen."""

_FINEST = 4  # distances are whole quarters


@dataclass(frozen=True, slots=True)
class Found:
    """A visible image and its place among the hits."""

    place: int
    image: Image


@dataclass(frozen=True, slots=True)
class VisibleHits:
    """Finds the images of hits: for whom, with which filter, and how many are enough."""

    viewer: Viewer
    wanted: ImageFilter
    most: int

    def first(
        self, connection: Connection, near: "Near", after: Position | None
    ) -> tuple[list[Found], int]:
        """As ``of_part`` for a first part of the hits, and the place where the next one begins.

        ``after`` is where the last page ended: first come the others at the same distance.
        """
        equals: list[Found] = []
        start = 0
        if after is not None:
            equal = near.at(float(after.key) / _FINEST)
            equals = self.of_part(connection, near, equal, after.id)
            start = equal.stop
        # In any case: were nothing read where nothing is near, the time would tell of images that
        # are near and hidden.
        part = near.part(start, FIRST_JOIN)
        return equals + self.of_part(connection, near, part), part.stop

    def of_part(
        self, connection: Connection, near: "Near", part: range, after: UUID | None = None
    ) -> list[Found]:
        """The first images of a part of the hits; nearest first, then by id.

        ``after`` an id, where all of the part are equals.
        """
        seqs: list[int] = near.seq[part.start : part.stop].tolist()
        if after is not None or near.are_equal(part):
            found = lookalikes.lowest_of_fingerprints(
                connection, self.viewer, self.wanted, seqs, after=after, most=self.most
            )
        else:
            found = lookalikes.of_fingerprints(connection, self.viewer, self.wanted, seqs)
        places = near.places(part, (one.fingerprint_seq for one in found))
        by_nearness = sorted(
            zip((float(near.distance[place]) for place in places), found, places, strict=True)
        )
        first = [(place, one.image_seq) for _, one, place in by_nearness[: self.most]]
        shown = images.visible_by_seq(connection, self.viewer, [seq for _, seq in first])
        return [Found(place, shown[seq]) for place, seq in first]


def position_of(distance: float, image_id: UUID) -> Position:
    """Where a page ends whose last image is this one."""
    return Position(round(distance * _FINEST), image_id)

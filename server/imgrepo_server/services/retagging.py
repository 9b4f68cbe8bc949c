"""Renaming a tag on all of a person's images."""

from dataclasses import dataclass

from imgrepo_server.db import images, tags
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Clock, ImageChanges, Viewer
from imgrepo_server.services.deeds import note_edit

# Images that are changed in one go: between two of them uploads have their turn.
_BATCH = 50
MOST = 2000
"""Images that one request changes: at two milliseconds each, nobody takes it for lost."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """How many images carry the new name now in place of the old one.

    ``merged`` where some image had the new one already; not ``complete`` where there are more.
    """

    images: int
    merged: bool
    complete: bool


class Retagging:
    """Renames and merges tags: a name is everybody's, which images carry it is their owner's."""

    def __init__(self, *, database: Database, now: Clock, most: int = MOST):
        self._database = database
        self._now = now
        self._most = most

    async def rename(self, viewer: Viewer, old: str, new: str) -> Renamed:
        """Give the viewer's own images the tag ``new`` in place of ``old`` (normalised names).

        No more than ``most`` at a time; the same call again goes on, also where it broke off.
        Raises INVALID_REQUEST where both are the same tag, TAG_NOT_FOUND where no image has the
        old one.
        """
        if old == new:
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                f"{old!r} is how this tag is written already; case and blanks make no other.",
                {"field": "new"},
            )
        merged = await self._database.read(
            lambda connection: bool(tags.carriers(connection, viewer, new, 1))
        )
        change = ImageChanges(add_tags=(new,), remove_tags=(old,))

        def rename_some(connection: Connection) -> int:
            seqs = tags.carriers(connection, viewer, old, _BATCH)
            for image in images.own_by_seq(connection, viewer, seqs).values():
                images.change(connection, image, change)
                note_edit(connection, viewer, image.id, change, self._now())
            return len(seqs)

        renamed = 0
        while renamed < self._most and (some := await self._database.write(rename_some)):
            renamed += some
        if renamed == 0:
            raise ImgrepoError(
                ErrorCode.TAG_NOT_FOUND,
                f"You have no image with the tag {old!r}. imgrepo tags lists those that there are.",
                {"tag": old},
            )
        left = await self._database.read(
            lambda connection: tags.carriers(connection, viewer, old, 1)
        )
        return Renamed(renamed, merged, complete=not left)

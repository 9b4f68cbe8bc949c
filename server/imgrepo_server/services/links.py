"""Links to one image that need no login."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import uuid_utils.compat as uuid7_source

from imgrepo_server.db import audit, images, links
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Action, Clock, Image, Link, Resource, Viewer
from imgrepo_server.services.catalog import require_own
from imgrepo_server.services.link_tokens import LinkTokens

LONGEST = timedelta(days=30)
"""How long a link lasts at the most; keys that were replaced are kept for as long."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was made just now: the token is the only copy there is."""

    link: Link
    token: str


class Links:
    """Makes, lists, revokes and opens links."""

    def __init__(self, *, database: Database, tokens: LinkTokens, now: Clock):
        self._database = database
        self._tokens = tokens
        self._now = now

    async def create(
        self, viewer: Viewer, image_id: UUID, resource: Resource, lifetime: timedelta
    ) -> NewLink:
        """Make a link to an own image.

        Raises IMAGE_NOT_FOUND, FORBIDDEN, and INVALID_REQUEST for an image in the trash.
        """

        def change(connection: Connection) -> NewLink:
            image = require_own(connection, viewer, image_id)
            if image.trashed_at is not None:
                raise ImgrepoError(
                    ErrorCode.INVALID_REQUEST,
                    "This image is in the trash. Restore it to share it.",
                    {"id": str(image_id)},
                )
            now = self._now().replace(microsecond=0)
            link = Link(
                id=uuid7_source.uuid7(),
                image_id=image_id,
                title=image.title,
                resource=resource,
                created_at=now,
                expires_at=now + lifetime,
            )
            links.add(connection, viewer, link)
            details = {"link": str(link.id), "resource": resource}
            self._record(connection, Action.LINK_CREATE, viewer, str(image_id), details)
            return NewLink(link, self._tokens.issue(link))

        return await self._database.write(change)

    async def of(self, viewer: Viewer) -> Sequence[Link]:
        """The viewer's links that still work, newest first."""
        return await self._database.read(
            lambda connection: links.of(connection, viewer, self._now())
        )

    async def revoke(self, viewer: Viewer, link_id: UUID) -> None:
        """End a link. Raises LINK_NOT_FOUND."""

        def change(connection: Connection) -> None:
            if not links.remove(connection, viewer, link_id):
                raise link_not_found(str(link_id))
            self._record(connection, Action.LINK_REVOKE, viewer, str(link_id), None)

        await self._database.write(change)

    async def revoke_all(self, viewer: Viewer, image_id: UUID) -> int:
        """End all links to an own image; how many. Raises IMAGE_NOT_FOUND, FORBIDDEN."""

        def change(connection: Connection) -> int:
            require_own(connection, viewer, image_id)
            ended = links.remove_of_image(connection, viewer, image_id)
            for link_id in ended:
                self._record(connection, Action.LINK_REVOKE, viewer, str(link_id), None)
            return len(ended)

        return await self._database.write(change)

    async def open(self, token: str) -> tuple[Image, Resource]:
        """What a link gives. Raises LINK_ENDED, the same for whatever reason it gives nothing."""

        def read(connection: Connection) -> tuple[Image, Resource] | None:
            claims = self._tokens.claims(token)
            if claims is None:
                return None
            maker = links.maker(connection, claims.link_id, self._now())
            if maker is None:
                return None
            image = images.own(connection, Viewer(maker), claims.image_id)
            if image is None or image.trashed_at is not None:
                return None
            return image, claims.resource

        found = await self._database.read(read)
        if found is None:
            raise ImgrepoError(
                ErrorCode.LINK_ENDED,
                "This link has ended: it has expired or was taken back. Ask for a new one.",
            )
        return found

    def _record(
        self,
        connection: Connection,
        action: Action,
        viewer: Viewer,
        object_: str,
        details: dict[str, str] | None,
    ) -> None:
        actor = None if viewer.user is None else viewer.user.name
        audit.record(
            connection,
            action,
            now=self._now(),
            actor=actor,
            object_=object_,
            details=details,
            key=viewer.key,
        )


def link_not_found(given: str) -> ImgrepoError:
    """The refusal of a link that is not there, or somebody else's."""
    return ImgrepoError(
        ErrorCode.LINK_NOT_FOUND,
        f"You have no link {given}, or it has ended. See: imgrepo share --list.",
        {"id": given},
    )

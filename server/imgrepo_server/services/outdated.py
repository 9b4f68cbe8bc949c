"""Whether there are images that search by image cannot find until ``reindex`` has come to them.

An update may change fingerprints; those of an older version cannot be compared with new ones. That
is so for hours at the most and usually never, so the question must cost nothing then.
"""

import asyncio
import logging

from imgrepo_server.db import fingerprints
from imgrepo_server.db.database import Database
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import Viewer

log = logging.getLogger("imgrepo.server")

_COUNT_EVERY = 30.0


class Outdated:
    """Asks the database for fingerprints of older versions, until there are none.

    New ones are of the present version, so that from then on there is nothing to ask.
    """

    def __init__(self, database: Database):
        self._database = database
        self._left: int | None = None
        self._counted_at = 0.0

    async def warn(self, command: str) -> None:
        """Log what to do where there are any; ``command`` is what does it."""
        if left := await self._count():
            log.warning(
                "%s pictures have fingerprints of an older version: search by image does not find "
                "them until you run: %s",
                f"{left:,}",
                command,
            )

    async def hides_from(self, viewer: Viewer) -> bool:
        """Whether some image that the viewer may see cannot be found. Tells of no others."""
        if self._left is None or (self._left and self._age() > _COUNT_EVERY):
            await self._count()
        if not self._left:
            return False
        return await self._database.read(
            lambda connection: fingerprints.has_outdated(connection, viewer, VERSION)
        )

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._counted_at

    async def _count(self) -> int:
        self._left = await self._database.read(
            lambda connection: fingerprints.count_outdated(connection, VERSION)
        )
        self._counted_at = asyncio.get_running_loop().time()
        return self._left

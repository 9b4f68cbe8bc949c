"""Forgetting what the audit log has kept for long enough."""

from datetime import timedelta
from functools import partial

from imgrepo_server.db import audit
from imgrepo_server.db.database import Database
from imgrepo_server.models import Clock

_BATCH = 2000


class Retention:
    """Keeps the audit log for ``keep``."""

    def __init__(self, *, database: Database, now: Clock, keep: timedelta):
        self._database = database
        self._now = now
        self._keep = keep

    async def sweep(self) -> int:
        """Remove the entries that are older; returns how many there were."""
        before = self._now() - self._keep
        removed = 0
        # A reader's question first, so that an idle server writes nothing.
        while await self._database.read(partial(audit.any_before, moment=before)):
            removed += await self._database.write(
                partial(audit.forget_before, moment=before, limit=_BATCH)
            )
        return removed

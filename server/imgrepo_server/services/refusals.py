"""What the audit log is told of attempts that were refused for being too many.

They cost nothing, so there may be millions: what is written of them is bounded.
"""

from imgrepo_server.db import audit, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.models import Action, Clock
from imgrepo_server.services.pace import Pace, network_key

EACH_ADDRESS = "1/15minutes"
ALTOGETHER = "100/hour"


class Refusals:
    """Writes that an address was refused: the first time in a quarter of an hour.

    Of all addresses together a hundred times an hour.
    """

    def __init__(self, *, database: Database, now: Clock):
        self._database = database
        self._now = now
        self._each = Pace(EACH_ADDRESS)
        self._all = Pace(ALTOGETHER)

    async def note(self, action: Action, name: str, address: str | None) -> None:
        """Write down that this was refused, unless there is enough of it already."""
        if self._each.count(f"{action}:{network_key(address)}") or self._all.count("all"):
            return

        def change(connection: Connection) -> None:
            # Of a name that is nobody's nothing is kept: it may well be somebody's password.
            known = users.by_name(connection, name)
            audit.record(
                connection,
                action,
                now=self._now(),
                actor=None,
                object_=None if known is None else known.name,
                address=address,
            )

        await self._database.write(change)

"""What the services know of a database: run this query, run this change."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

__all__ = ["Connection", "Database"]

T = TypeVar("T")


class Database(Protocol):
    """Runs synchronous query functions off the event loop.

    Both methods raise what the function raises, and ``ImgrepoError`` with ``STORAGE_FULL`` or
    ``OVERLOADED`` where the database itself cannot go on.
    """

    async def open(self) -> None:
        """Create and migrate as needed.

        Raises OSError where that is impossible, ImgrepoError for a newer version's database.
        """

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection that cannot write."""

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Run a change; when this returns, the change is on the disk.

        Changes that wait at the same time may share a transaction, yet succeed or fail alone.
        """

    async def clear(self) -> None:
        """Delete everything in it. For a database that is not open."""

    async def close(self) -> None:
        """Finish what was accepted, then release connections and threads."""

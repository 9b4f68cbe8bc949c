"""Where files come in: a bounded number at a time, of which nobody has all.

Uploads and pictures that are only searched with have places of their own, so that searches, which
anybody may make, never keep uploads out.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from imgrepo_server.blobs.incoming import IncomingFile, discard_all
from imgrepo_server.blobs.store import BlobStore
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.networks import network_of
from imgrepo_server.services.quotas import Quotas

Holder = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is received at a time, and how large it may be.

    ``uploads`` and ``queries`` are the places of each; anonymous callers have half as many as
    ``queries`` to themselves. ``file_size`` is in bytes and holds for everything, ``query_size``
    for the pictures that anonymous callers search with. Where ``shared`` is False, everything is
    one person's.
    """

    uploads: int
    queries: int
    file_size: int
    query_size: int
    shared: bool = True


class Places:
    """``total`` places, of which one holder has no more than ``each``."""

    def __init__(self, total: int, each: int):
        self._free = total
        self._each = max(1, each)
        self._held: Counter[Holder] = Counter()

    @contextmanager
    def taken(self, *holders: Holder) -> Iterator[None]:
        """One place, counted for all these holders. Raises OVERLOADED, before anything is read."""
        if self._free == 0:
            raise ImgrepoError(
                ErrorCode.OVERLOADED, "The server is busy with other pictures. Try again soon."
            )
        if any(self._held[holder] >= self._each for holder in holders):
            raise ImgrepoError(
                ErrorCode.OVERLOADED,
                f"You are sending as many pictures at a time as one may here ({self._each}). "
                "Send the next when one of them has arrived.",
                {"at_a_time": self._each},
            )
        self._free -= 1
        self._held.update(holders)
        try:
            yield
        finally:
            self._free += 1
            self._held.subtract(holders)
            self._held += Counter()  # drops what is zero


class Reception:
    """Hands out files to receive bytes into."""

    def __init__(self, *, store: BlobStore, quotas: Quotas, limits: Limits):
        self._store = store
        self._quotas = quotas
        self._limits = limits
        uploads, queries, strangers = limits.uploads, limits.queries, max(1, limits.queries // 2)
        # Three quarters, so that no usual `--concurrency` is refused; people search with one
        # picture at a time.
        self._uploads = Places(uploads, uploads * 3 // 4 if limits.shared else uploads)
        self._queries = Places(queries, queries // 4 if limits.shared else queries)
        self._strangers_queries = Places(strangers, queries // 4)

    @asynccontextmanager
    async def upload(
        self, owner: User, address: str | None = None, announced: int | None = None
    ) -> AsyncIterator[IncomingFile]:
        """A file of ``owner``'s from ``address``; gone at the end unless it has been kept.

        ``announced`` is the length of the body that carries it, where it is known. Raises, before
        anything is read, OVERLOADED and QUOTA_EXCEEDED.
        """
        with self._uploads.taken(("account", owner.id), ("address", network_of(address))):
            room = await self._quotas.room(owner, announced)
            check = None if room is None else room.check
            file = IncomingFile(self._store.staging_path(), self._limits.file_size, check)
            try:
                yield file
            finally:
                await file.discard()

    @asynccontextmanager
    async def batch(
        self, owner: User, address: str | None = None
    ) -> AsyncIterator[Callable[[], IncomingFile]]:
        """What makes files of ``owner``'s, of one request; gone at the end unless kept.

        They take one place. Raises as ``upload``.
        """
        with self._uploads.taken(("account", owner.id), ("address", network_of(address))):
            room = await self._quotas.room(owner, None)
            check = None if room is None else room.check
            files: list[IncomingFile] = []

            def another() -> IncomingFile:
                file = IncomingFile(self._store.staging_path(), self._limits.file_size, check)
                files.append(file)
                return file

            try:
                yield another
            finally:
                await discard_all(files)

    @asynccontextmanager
    async def query(self, viewer: Viewer, address: str | None) -> AsyncIterator[IncomingFile]:
        """A picture that is only searched with; gone at the end. Raises OVERLOADED.

        What somebody might upload they may also search with; anonymous callers have a limit of
        their own.
        """
        user = viewer.user
        if user is None:
            place = self._strangers_queries.taken(("address", network_of(address)))
        else:
            place = self._queries.taken(("account", user.id))
        with place:
            file = IncomingFile(self._store.staging_path(), self._query_size(user))
            try:
                yield file
            finally:
                await file.discard()

    def _query_size(self, user: User | None) -> int:
        least = min(self._limits.query_size, self._limits.file_size)
        if user is None:
            return least
        tier = self._quotas.limits(user)
        if tier is None or tier.bytes_per_image is None:
            return self._limits.file_size
        return max(least, min(self._limits.file_size, tier.bytes_per_image))

"""What a fresh upload looks like: asked for most uploads, so in as little time as can be.

Uploads that ask while another's answer is being found are answered together, on one thread, from
one reading of the database and one pass over the fingerprints: as with commits, going to a thread
costs more than the question; and over millions, a pass for a few costs little more than for one.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING
from uuid import UUID

from imgrepo_server.db import fingerprints, lookalikes
from imgrepo_server.db.database import Connection
from imgrepo_server.db.fingerprints import Titled
from imgrepo_server.imaging.matching import Match, match_of
from imgrepo_server.models import Fingerprint, ImageFilter, User, View, Viewer
from imgrepo_server.services.fingerprint_index import FingerprintIndex

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import FingerprintArrays, Near

# Fingerprints looked up at a time, ever more of them. At first so many that whoever has a series of
# a picture hidden does not make the answer wait for a second question.
_FIRST = 100
_LARGEST = 4096
# Questions of one pass, and how far from a picture they look. What is near is held for all of them
# at once: among many copies of one picture, or far away, that is a great deal for each.
_TOGETHER = 16
_TOGETHER_WITHIN = 64.0


@dataclass(frozen=True, slots=True)
class NearCopy:
    """The visible image nearest to an upload, the oldest where several are.

    ``distance`` is the S of ``imaging.distance``.
    """

    image_id: UUID
    title: str
    distance: float

    @property
    def match(self) -> Match:
        """The label of the distance."""
        return match_of(self.distance)


@dataclass(frozen=True, slots=True)
class _Question:
    user: User
    views: Sequence[View]
    distance: float
    but: UUID | None
    pixels: float
    answer: "asyncio.Future[NearCopy | None]"


class NearCopies:
    """Finds the visible image nearest to a fresh fingerprint."""

    def __init__(self, index: FingerprintIndex):
        self._index = index
        self._waiting: list[_Question] = []
        self._answering: asyncio.Task[None] | None = None

    async def nearest(
        self,
        user: User,
        fingerprint: Fingerprint,
        distance: float,
        *,
        but: UUID | None = None,
        pixels: float = 0,
    ) -> NearCopy | None:
        """The image nearest to a picture as it stands: neither turned nor mirrored.

        ``but`` is the picture's own image, where it has one already, and does not count, nor do
        images of fewer ``pixels``. None where no other is within ``distance``. Of a flat picture
        only its content box is compared, as the whole would match anything flat.
        """
        views = [] if fingerprint.flat else [fingerprint.whole]
        if fingerprint.box is not None:
            views.append(fingerprint.box)
        if not views:
            return None
        answer: asyncio.Future[NearCopy | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(user, views, distance, but, pixels, answer))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        while self._waiting:
            count = _together(self._waiting)
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            try:
                found = await self._index.read(partial(_nearest_of_each, group))
            # Whatever stops a search belongs to those who asked, not to this task.
            except Exception as error:
                for question in group:
                    if not question.answer.done():
                        question.answer.set_exception(error)
                continue
            for question, copy in zip(group, found, strict=True):
                if not question.answer.done():  # its upload was cancelled
                    question.answer.set_result(copy)


def _together(waiting: Sequence[_Question]) -> int:
    """How many of those that wait are answered in one pass."""
    near = takewhile(lambda question: question.distance <= _TOGETHER_WITHIN, waiting[:_TOGETHER])
    return max(1, sum(1 for _ in near))


def _nearest_of_each(
    group: Sequence[_Question],
    connection: Connection,
    arrays: "FingerprintArrays | None",
    threads: Executor,
) -> list[NearCopy | None]:
    if arrays is None:
        return [None] * len(group)
    farthest = max(question.distance for question in group)
    found = arrays.near_each([question.views for question in group], farthest, threads=threads)
    return [
        _nearest(connection, near.within(question.distance), question)
        for near, question in zip(found, group, strict=True)
    ]


def _nearest(connection: Connection, near: "Near", question: _Question) -> NearCopy | None:
    start, size = 0, _FIRST
    # One question in any case: were there none where nothing is near, the time would tell of
    # images that are near and hidden.
    while size == _FIRST or start < len(near):
        part = near.part(start, size)
        seqs: list[int] = near.seq[part.start : part.stop].tolist()
        found = _titles(connection, question, seqs, equal=near.are_equal(part))
        if found:
            places = near.places(part, (one.seq for one in found))
            distance, nearest = min(zip(near.distance[places].tolist(), found, strict=True))
            return NearCopy(nearest.image_id, nearest.title, distance)
        start, size = part.stop, min(4 * size, _LARGEST)
    return None


def _titles(
    connection: Connection, question: _Question, seqs: list[int], *, equal: bool
) -> list[Titled]:
    """Of those that are equally near the oldest image's; they may be many."""
    if len(seqs) > _LARGEST:
        oldest = lookalikes.lowest_of_fingerprints(
            connection, Viewer(question.user), ImageFilter(), seqs, after=None, most=_FIRST
        )
        seqs = [one.fingerprint_seq for one in oldest]
    return fingerprints.titles(
        connection, question.user, seqs, question.but, pixels=question.pixels, oldest=equal
    )

"""Which images have given fingerprints, in the order of the images' ids.

Never in that of the fingerprints' numbers: those tell who was the first to have the bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.access import visible_to
from imgrepo_server.db.image_filters import matches
from imgrepo_server.db.tables import fingerprints, images
from imgrepo_server.models import ImageFilter, Viewer

_PARAMETERS = 16_000  # at a time: half of what SQLite takes
# From so many fingerprints on, images are looked through in the order of their ids: among so many
# some of the lowest are soon come upon, while to look each of 100,000 up takes a tenth of a second.
_MANY = 2000
_FIRST_STEP = 250
_LARGEST_STEP = 4000


class Lookalike(NamedTuple):
    """An image and its fingerprint, by their numbers, and the image's id."""

    image_id: UUID
    image_seq: int
    fingerprint_seq: int


_JOINED = images.join(fingerprints, fingerprints.c.blob_seq == images.c.blob_seq)


def of_fingerprints(
    connection: Connection, viewer: Viewer, wanted: ImageFilter, seqs: Sequence[int]
) -> list[Lookalike]:
    """All visible images that match and have one of these fingerprints, in no order."""
    statement = _selected().where(visible_to(viewer), *matches(wanted))
    return [one for part in _parts(seqs) for one in _with(connection, statement, part)]


def lowest_of_fingerprints(
    connection: Connection,
    viewer: Viewer,
    wanted: ImageFilter,
    seqs: Sequence[int],
    *,
    after: UUID | None,
    most: int,
) -> list[Lookalike]:
    """Those of ``of_fingerprints`` after an id: at most so many, by id."""
    shown = sa.and_(visible_to(viewer), *matches(wanted))
    found: list[Lookalike] = []
    if len(seqs) >= _MANY:
        passed = _pass(connection, shown, seqs, after=after, most=most)
        if passed.ended or len(passed.found) >= most:
            return passed.found[:most]
        found, after = passed.found, passed.last
    statement = _in_order(_selected().where(shown), after, most)
    for part in _parts(seqs):
        found += _with(connection, statement, part)
    return sorted(found)[:most]


@dataclass(frozen=True, slots=True)
class _Passed:
    """What was found up to the image ``last``; ``ended`` where there are no images after it."""

    found: list[Lookalike]
    last: UUID | None
    ended: bool


def _pass(
    connection: Connection,
    shown: sa.ColumnElement[bool],
    seqs: Sequence[int],
    *,
    after: UUID | None,
    most: int,
) -> _Passed:
    """Look through the images after an id, but through no more than there are fingerprints."""
    these = frozenset(seqs)
    found: list[Lookalike] = []
    for step in _steps(len(seqs)):
        statement = _in_order(_selected(shown.label("shown")), after, step)
        rows = connection.execute(statement).all()
        found += [
            Lookalike(row[0], row[1], row[2]) for row in rows if row.shown and row[2] in these
        ]
        if len(rows) < step:
            return _Passed(found, after, ended=True)
        after = rows[-1][0]
        if len(found) >= most:
            break
    return _Passed(found, after, ended=False)


def _selected(*more: sa.ColumnElement[bool]) -> "sa.Select[Any]":
    return sa.select(images.c.id, images.c.seq, fingerprints.c.seq, *more).select_from(_JOINED)


def _with(
    connection: Connection, statement: "sa.Select[Any]", seqs: Sequence[int]
) -> Iterator[Lookalike]:
    rows = connection.execute(statement.where(fingerprints.c.seq.in_(seqs)))
    return (Lookalike(*row) for row in rows)


def _in_order(statement: "sa.Select[Any]", after: UUID | None, most: int) -> "sa.Select[Any]":
    if after is not None:
        statement = statement.where(images.c.id > after)
    return statement.order_by(images.c.id).limit(most)


def _parts(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    # One in any case: were there no question where nothing is near, the time would tell of what
    # is near and hidden.
    for start in range(0, max(1, len(seqs)), _PARAMETERS):
        yield seqs[start : start + _PARAMETERS]


def _steps(total: int) -> Iterator[int]:
    step = _FIRST_STEP
    while total > 0:
        yield step
        total -= step
        step = min(2 * step, _LARGEST_STEP)

"""What an image needs to have, in terms of the search index: all of these, any of those.

Pure: it knows neither queries nor a database.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from imgrepo_server.db.terms import CAMERA, TITLE

# The rarest grams of a text narrow as well as all of them, and each costs reading its list.
_GRAMS_OF_A_TEXT = 3
# A query beyond this is answered just as well by its first conditions (or none) and the rows.
_MOST_TERMS = 48


@dataclass(frozen=True, slots=True)
class All:
    """An image has to have every one of two or more."""

    parts: tuple["Need", ...]


@dataclass(frozen=True, slots=True)
class Grams(All):
    """All grams of one text: a few of them will do, see ``thinned``."""


@dataclass(frozen=True, slots=True)
class Any:
    """An image has to have at least one of these."""

    parts: tuple["Need", ...]


Need = str | All | Any


def thinned(need: Need, frequency: Callable[[str], int]) -> Need:
    """The same, with the rarest few grams of each text.

    ``frequency`` tells how common a gram is, by any measure: a wrong one costs time only.
    """
    match need:
        case Grams(parts):
            grams = [part for part in parts if isinstance(part, str)]
            rarest = sorted(grams, key=lambda gram: frequency(gram.lstrip(TITLE + CAMERA)))
            return All(tuple(rarest[:_GRAMS_OF_A_TEXT]))
        case All(parts):
            return All(tuple(thinned(part, frequency) for part in parts))
        case Any(parts):
            return Any(tuple(thinned(part, frequency) for part in parts))
        case _:
            return need


def all_of(parts: Iterable[Need | None]) -> Need | None:
    """What satisfies every part; as many of them as are worth it."""
    kept: list[Need] = []
    for part in parts:
        if part is not None and _count([*kept, part]) <= _MOST_TERMS:
            kept.append(part)
    if len(kept) < 2:
        return kept[0] if kept else None
    return All(tuple(kept))


def any_of(parts: Sequence[Need | None]) -> Need | None:
    """What satisfies at least one part; None where one of them may need nothing, or too much."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or _count(known) > _MOST_TERMS:
        return None
    return known[0] if len(known) == 1 else Any(tuple(known))


def _count(parts: Iterable[Need]) -> int:
    return sum(map(_size, parts))


def _size(part: Need) -> int:
    match part:
        case Grams(grams):
            return min(len(grams), _GRAMS_OF_A_TEXT)
        case All(parts) | Any(parts):
            return _count(parts)
        case _:
            return 1

"""The terms of the search index: which ones an image has, and which ones a query cannot do without.

An image has a term for every one, two and three characters in a row of its words (its *grams*),
and terms of their own kinds for what else is asked for: three characters of the title or the
camera, a tag, the owner, a format, a day. What a query needs is necessary, not sufficient: an image
may have all grams of a phrase and not the phrase. So the index narrows and the rows decide: who
uses it applies the query's conditions as well, and would find the same without it.

Pure: it knows no database. A term is made of letters, digits, and what is not ASCII.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add

from imgrepo_server.db import range_terms
from imgrepo_server.query import tree
from imgrepo_server.text import fold

LONGEST_GRAM = 3

# Of a long word a few grams narrow as well as all, and each costs a look into the index.
_GRAMS_OF_A_WORD = 5
# A query beyond this is answered just as well by its first conditions (or none) and the rows.
_MOST_TERMS = 48

# The terms of facts begin with a character of their own each; grams never do, for these stand in
# no text: a private-use character there is at worst one image more to look at.
_TITLE, _CAMERA, _TAG, _OWNER, _FORMAT = "\ue100", "\ue101", "\ue102", "\ue103", "\ue104"
_TAKEN, _ADDED = "\ue105", "\ue106"
_WIDTH, _HEIGHT, _SIZE = "\ue107", "\ue108", "\ue109"

_ALPHABET = str.maketrans(
    {chr(code): chr(0xE000 + code) for code in range(128) if not chr(code).isalnum()}
)


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index knows of an image; the texts are folded.

    ``text`` is ``search_text``: title, description, owner and tags, a line each.
    """

    text: str
    camera: str | None
    format: str
    width: int
    height: int
    size: int
    taken_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class All:
    """An image has to have every one of two or more."""

    parts: tuple["Need", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """An image has to have at least one of these."""

    parts: tuple["Need", ...]


Need = str | All | Any


def terms_of(image: Indexed) -> Iterable[str]:
    """Every term of an image, once each."""
    # Written for speed: every upload comes by.
    # Lines are parted first: a private character of the text may look like a translated break.
    lines = [line.translate(_ALPHABET) for line in image.text.split("\n")]
    terms: set[str] = set()
    for line in lines:
        pairs = list(map(add, line, line[1:]))
        terms.update(line, pairs, map(add, pairs, line[2:]))
    title, *rest = lines
    terms.update([_TITLE + triple for triple in _grams(title, LONGEST_GRAM)])
    terms.update([_OWNER + name for name in rest[1:2]])
    terms.update([_TAG + name for name in rest[2:]])
    terms.add(_FORMAT + image.format)
    if image.camera:
        camera = image.camera.translate(_ALPHABET)
        terms.update([_CAMERA + gram for gram in _grams(camera, LONGEST_GRAM)])
    facts = [(_ADDED, prefix) for prefix in range_terms.of_moment(image.created_at)]
    if image.taken_at is not None:
        facts += [(_TAKEN, prefix) for prefix in range_terms.of_moment(image.taken_at)]
    facts += [(_WIDTH, term) for term in range_terms.of_pixels(image.width)]
    facts += [(_HEIGHT, term) for term in range_terms.of_pixels(image.height)]
    facts.append((_SIZE, range_terms.of_size(image.size)))
    terms.update(kind + term for kind, term in facts)
    return terms


def needed(node: tree.Node) -> Need | None:
    """What every image that the query finds has; None where nothing can be said."""
    match node:
        case tree.And(parts):
            return all_of(needed(part) for part in parts)
        case tree.Or(parts):
            return _any_of([needed(part) for part in parts])
        case tree.Everything() | tree.Not() | tree.Is():
            return None
        case tree.Taken() | tree.Added() | tree.Width() | tree.Height() | tree.Size():
            return _in_range(node)
        case _:
            return _of_words(node)


def _of_words(node: tree.Contains | tree.Tag | tree.User | tree.Format) -> Need | None:
    match node:
        case tree.Keyword(text) | tree.Description(text):
            return containing(text)
        case tree.Title(text):
            return in_title(text)
        case tree.Camera(text):
            return _containing_three(_CAMERA, text)
        case tree.Tag(name):
            return tagged(name)
        case tree.User(name):
            return owned_by(name)
        case tree.Format(name):
            return _FORMAT + name


def _in_range(node: tree.During | tree.Between) -> Need | None:
    match node:
        case tree.Taken(start, end):
            return _one_of(_TAKEN, range_terms.during(start, end))
        case tree.Added(start, end):
            return _one_of(_ADDED, range_terms.during(start, end))
        case tree.Width(low, high):
            return _one_of(_WIDTH, range_terms.pixels(low, high))
        case tree.Height(low, high):
            return _one_of(_HEIGHT, range_terms.pixels(low, high))
        case tree.Size(low, high):
            return _one_of(_SIZE, range_terms.sizes(low, high))


def _one_of(kind: str, terms: Iterable[str] | None) -> Need | None:
    return None if terms is None else _any_of([kind + term for term in terms])


def containing(text: str) -> Need | None:
    """For a text anywhere in an image's words."""
    return _containing("", fold(text))


def in_title(text: str) -> Need | None:
    """For a text in the title."""
    return _containing_three(_TITLE, text) or containing(text)


def tagged(name: str) -> Need:
    """For a tag."""
    return _TAG + fold(name).translate(_ALPHABET)


def owned_by(name: str) -> Need:
    """For an owner."""
    return _OWNER + fold(name).translate(_ALPHABET)


def all_of(parts: Iterable[Need | None]) -> Need | None:
    """What satisfies every part; as many of them as are worth it."""
    kept: list[Need] = []
    for part in parts:
        if part is not None and _count([*kept, part]) <= _MOST_TERMS:
            kept.append(part)
    if len(kept) < 2:
        return kept[0] if kept else None
    return All(tuple(kept))


def _any_of(parts: Sequence[Need | None]) -> Need | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or _count(known) > _MOST_TERMS:
        return None
    return known[0] if len(known) == 1 else Any(tuple(known))


def _count(parts: Iterable[Need]) -> int:
    return sum(1 if isinstance(part, str) else _count(part.parts) for part in parts)


def _grams(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def _containing_three(kind: str, text: str) -> Need | None:
    folded = fold(text)
    return None if len(folded) < LONGEST_GRAM else _containing(kind, folded)


def _containing(kind: str, folded: str) -> Need | None:
    if not folded:
        return None  # every text contains it
    length = min(len(folded), LONGEST_GRAM)
    grams = [kind + gram for gram in dict.fromkeys(_grams(folded.translate(_ALPHABET), length))]
    if len(grams) > _GRAMS_OF_A_WORD:
        last = len(grams) - 1
        steps = _GRAMS_OF_A_WORD - 1
        grams = [grams[at * last // steps] for at in range(_GRAMS_OF_A_WORD)]
    return all_of(grams)

"""The terms of the search index: which ones an image has, and which ones a query cannot do without.

An image has a term for every one to four characters in a row of its words (its *grams*), and terms
of their own kinds for what else is asked for: three characters of the title or the camera, a tag,
the owner, a format, a day. What a query needs is necessary, not sufficient: an image may have all
grams of a phrase and not the phrase. So the index narrows and the rows decide: who uses it applies
the query's conditions as well, and would find the same without it.

Pure: it knows no database. A term is made of letters, digits, and what is not ASCII.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add

from imgrepo_server.db import range_terms
from imgrepo_server.query import tree
from imgrepo_server.text import fold

LONGEST_GRAM = 4
"""Of words. Measured at a million images: with three, rare words take twice as long and more."""

_FACT_GRAM = 3  # of titles and cameras

# The rarest grams of a text narrow as well as all of them, and each costs reading its list.
_GRAMS_OF_A_TEXT = 3
_MOST_GRAMS = 24
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
class Grams(All):
    """All grams of one text: a few of them will do, see ``thinned``."""


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
        triples = list(map(add, pairs, line[2:]))
        terms.update(line, pairs, triples, map(add, triples, line[3:]))
    title, *rest = lines
    terms.update([_TITLE + gram for gram in _grams(title, _FACT_GRAM)])
    terms.update([_OWNER + name for name in rest[1:2]])
    terms.update([_TAG + name for name in rest[2:]])
    terms.add(_FORMAT + image.format)
    if image.camera:
        camera = image.camera.translate(_ALPHABET)
        terms.update([_CAMERA + gram for gram in _grams(camera, _FACT_GRAM)])
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
    return all_of(_containing("", run, LONGEST_GRAM) for run in _runs(fold(text)))


def in_title(text: str) -> Need | None:
    """For a text in the title."""
    return _containing_three(_TITLE, text) or containing(text)


def tagged(name: str) -> Need:
    """For a tag."""
    return _TAG + fold(name).translate(_ALPHABET)


def owned_by(name: str) -> Need:
    """For an owner."""
    return _OWNER + fold(name).translate(_ALPHABET)


def thinned(need: Need, frequency: Callable[[str], int]) -> Need:
    """The same, with the rarest few grams of each text.

    ``frequency`` tells how common a gram is, by any measure: a wrong one costs time only.
    """
    match need:
        case Grams(parts):
            grams = [part for part in parts if isinstance(part, str)]
            rarest = sorted(grams, key=lambda gram: frequency(gram.lstrip(_TITLE + _CAMERA)))
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


def _any_of(parts: Sequence[Need | None]) -> Need | None:
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


def grams_of(text: str) -> set[str]:
    """The grams of a folded text that are worth counting: three and four characters."""
    translated = text.translate(_ALPHABET)
    return {*_grams(translated, _FACT_GRAM), *_grams(translated, LONGEST_GRAM)}


def _grams(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def _runs(folded: str) -> list[str]:
    """Each word with the blanks beside it, for the rarest grams may all be of one word."""
    words = folded.split(" ")
    last = len(words) - 1
    return [" " * (at > 0) + word + " " * (at < last) for at, word in enumerate(words)]


def _containing_three(kind: str, text: str) -> Need | None:
    folded = fold(text)
    if len(folded) < _FACT_GRAM:
        return None
    runs = [run for run in _runs(folded) if len(run) >= _FACT_GRAM]
    return all_of(_containing(kind, run, _FACT_GRAM) for run in runs)


def _containing(kind: str, folded: str, longest: int) -> Need | None:
    if not folded:
        return None  # every text contains it
    length = min(len(folded), longest)
    grams = [kind + gram for gram in dict.fromkeys(_grams(folded.translate(_ALPHABET), length))]
    return grams[0] if len(grams) == 1 else Grams(tuple(grams[:_MOST_GRAMS]))

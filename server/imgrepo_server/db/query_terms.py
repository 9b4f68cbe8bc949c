"""Which terms of the search index a query cannot do without.

What a query needs is necessary, not sufficient: an image may have all grams of a phrase and not
the phrase. So the index narrows and the rows decide: who uses it applies the query's conditions as
well, and would find the same without it.

Pure: it knows no database.
"""

from collections.abc import Iterable

from imgrepo_server.db import range_terms
from imgrepo_server.db.needs import Grams, Need, all_of, any_of
from imgrepo_server.db.terms import (
    ADDED,
    ALPHABET,
    CAMERA,
    FACT_GRAM,
    FORMAT,
    HEIGHT,
    LONGEST_GRAM,
    OWNER,
    SIZE,
    TAG,
    TAKEN,
    TITLE,
    WIDTH,
    grams,
)
from imgrepo_server.query import tree
from imgrepo_server.text import fold

_MOST_GRAMS = 24


def needed(node: tree.Node) -> Need | None:
    """What every image that the query finds has; None where nothing can be said."""
    match node:
        case tree.And(parts):
            return all_of(needed(part) for part in parts)
        case tree.Or(parts):
            return any_of([needed(part) for part in parts])
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
            return _containing_three(CAMERA, text)
        case tree.Tag(name):
            return tagged(name)
        case tree.User(name):
            return owned_by(name)
        case tree.Format(name):
            return FORMAT + name


def _in_range(node: tree.During | tree.Between) -> Need | None:
    match node:
        case tree.Taken(start, end):
            return _one_of(TAKEN, range_terms.during(start, end))
        case tree.Added(start, end):
            return _one_of(ADDED, range_terms.during(start, end))
        case tree.Width(low, high):
            return _one_of(WIDTH, range_terms.pixels(low, high))
        case tree.Height(low, high):
            return _one_of(HEIGHT, range_terms.pixels(low, high))
        case tree.Size(low, high):
            return _one_of(SIZE, range_terms.sizes(low, high))


def _one_of(kind: str, terms: Iterable[str] | None) -> Need | None:
    return None if terms is None else any_of([kind + term for term in terms])


def containing(text: str) -> Need | None:
    """For a text anywhere in an image's words."""
    return all_of(_containing("", run, LONGEST_GRAM) for run in _runs(fold(text)))


def in_title(text: str) -> Need | None:
    """For a text in the title."""
    return _containing_three(TITLE, text) or containing(text)


def tagged(name: str) -> Need:
    """For a tag."""
    return TAG + fold(name).translate(ALPHABET)


def owned_by(name: str) -> Need:
    """For an owner."""
    return OWNER + fold(name).translate(ALPHABET)


def _runs(folded: str) -> list[str]:
    """Each word with the blanks beside it, for the rarest grams may all be of one word."""
    words = folded.split(" ")
    last = len(words) - 1
    return [" " * (at > 0) + word + " " * (at < last) for at, word in enumerate(words)]


def _containing_three(kind: str, text: str) -> Need | None:
    folded = fold(text)
    if len(folded) < FACT_GRAM:
        return None
    runs = [run for run in _runs(folded) if len(run) >= FACT_GRAM]
    return all_of(_containing(kind, run, FACT_GRAM) for run in runs)


def _containing(kind: str, folded: str, longest: int) -> Need | None:
    if not folded:
        return None  # every text contains it
    length = min(len(folded), longest)
    found = [kind + gram for gram in dict.fromkeys(grams(folded.translate(ALPHABET), length))]
    return found[0] if len(found) == 1 else Grams(tuple(found[:_MOST_GRAMS]))

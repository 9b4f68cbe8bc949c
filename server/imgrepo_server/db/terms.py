"""The terms of the search index: which ones an image has.

An image has a term for every one to four characters in a row of its words (its *grams*), and terms
of their own kinds for what else is asked for: three characters of the title or the camera, a tag,
the owner, a format, a day. What a query cannot do without stands in ``query_terms``.

Pure: it knows no database. A term is made of letters, digits, and what is not ASCII.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import add

from imgrepo_server.db import range_terms

LONGEST_GRAM = 4
"""Of words. Measured at a million images: with three, rare words take twice as long and more."""

FACT_GRAM = 3  # of titles and cameras

# The terms of facts begin with a character of their own each; grams never do, for these stand in
# no text: a private-use character there is at worst one image more to look at.
TITLE, CAMERA, TAG, OWNER, FORMAT = "\ue100", "\ue101", "\ue102", "\ue103", "\ue104"
TAKEN, ADDED = "\ue105", "\ue106"
WIDTH, HEIGHT, SIZE = "\ue107", "\ue108", "\ue109"

ALPHABET = str.maketrans(
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


def terms_of(image: Indexed) -> Iterable[str]:
    """Every term of an image, once each."""
    # Written for speed: every upload comes by.
    # Lines are parted first: a private character of the text may look like a translated break.
    lines = [line.translate(ALPHABET) for line in image.text.split("\n")]
    terms: set[str] = set()
    for line in lines:
        pairs = list(map(add, line, line[1:]))
        triples = list(map(add, pairs, line[2:]))
        terms.update(line, pairs, triples, map(add, triples, line[3:]))
    title, *rest = lines
    terms.update([TITLE + gram for gram in grams(title, FACT_GRAM)])
    terms.update([OWNER + name for name in rest[1:2]])
    terms.update([TAG + name for name in rest[2:]])
    terms.add(FORMAT + image.format)
    if image.camera:
        camera = image.camera.translate(ALPHABET)
        terms.update([CAMERA + gram for gram in grams(camera, FACT_GRAM)])
    facts = [(ADDED, prefix) for prefix in range_terms.of_moment(image.created_at)]
    if image.taken_at is not None:
        facts += [(TAKEN, prefix) for prefix in range_terms.of_moment(image.taken_at)]
    facts += [(WIDTH, term) for term in range_terms.of_pixels(image.width)]
    facts += [(HEIGHT, term) for term in range_terms.of_pixels(image.height)]
    facts.append((SIZE, range_terms.of_size(image.size)))
    terms.update(kind + term for kind, term in facts)
    return terms


def grams_of(text: str) -> set[str]:
    """The grams of a folded text that are worth counting: three and four characters."""
    translated = text.translate(ALPHABET)
    return {*grams(translated, FACT_GRAM), *grams(translated, LONGEST_GRAM)}


def grams(text: str, length: int) -> Iterator[str]:
    """Every ``length`` characters in a row."""
    return (text[at : at + length] for at in range(len(text) - length + 1))

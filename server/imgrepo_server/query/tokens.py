"""The tokens of a query: its operators, fields, words and phrases, and where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from imgrepo_server.query.faults import Fault
from imgrepo_server.query.words import (
    BARE,
    OPERATORS,
    QUOTED,
    unescape,
    unknown_escape,
)


class Kind(StrEnum):
    """What a token is; the value is how messages name it."""

    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    MINUS = "-"
    FIELD = "field"
    VALUE = "value"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """Characters ``start`` to ``end`` of the query; ``text``: a field's name, a value's meaning."""

    kind: Kind
    start: int
    end: int
    text: str = ""

    def fault(self, message: str, *, hint: str | None = None) -> Fault:
        """The fault that points here."""
        return Fault(message, self.start, self.end, hint=hint)


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query, the last of kind ``END``. Raises ``Fault``."""
    at = 0
    while at < len(query):
        character = query[at]
        if character.isspace():
            at += 1
            continue
        if character in {Kind.OPEN, Kind.CLOSE, Kind.MINUS}:
            found = [Token(Kind(character), at, at + 1)]
        elif character == '"':
            found = [_quoted(query, at)]
        else:
            found = _word(query, at)
        yield from found
        at = found[-1].end
    yield Token(Kind.END, at, at)


def _quoted(query: str, start: int) -> Token:
    found = QUOTED.match(query, start)
    if not found:
        raise Fault(
            "This quote is never closed; add another at the end of the phrase.",
            start,
            start + 1,
            hint=r"A quote inside a phrase is written \".",
        )
    if escape := unknown_escape(found[1]):
        first = start + 1 + escape.start()
        raise Fault(r"In quotes, a backslash is written \\ and a quote \".", first, first + 2)
    end = found.end()
    if end < len(query) and not (query[end].isspace() or query[end] in "()"):
        raise Fault("Put a space after the closing quote.", end - 1, end + 1)
    return Token(Kind.VALUE, start, end, unescape(found[1]))


def _word(query: str, start: int) -> list[Token]:
    """A bare word: an operator, a value, or a field's name and maybe its value."""
    found = BARE.match(query, start)
    word, end = (found.group(), found.end()) if found else ("", start)
    name, colon, value = word.partition(":")
    if query.startswith('"', end) and (value or not colon):
        raise Fault(
            "A quote stands inside a word; put a space before it,"
            r" or write the word in quotes and this one as \".",
            end,
            end + 1,
        )
    if not colon:
        return [Token(Kind(word) if word in OPERATORS else Kind.VALUE, start, end, word)]
    field = Token(Kind.FIELD, start, start + len(name) + 1, name)
    return [field, Token(Kind.VALUE, field.end, end, value)] if value else [field]

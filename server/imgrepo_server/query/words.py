"""How a text is spelt in a query: as a bare word, or in quotes."""

import re

OPERATORS = frozenset({"AND", "OR", "NOT"})
BARE = re.compile(r'[^\s()"]+')
"""A run of characters that needs no quotes. What it means depends on where it stands."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)

# Lone surrogates and control characters that are not white space. The former cannot be encoded,
# and PostgreSQL refuses U+0000 in any text.
_UNSEARCHABLE = re.compile("[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


def unsearchable(text: str) -> re.Match[str] | None:
    """The first character that no query may contain."""
    return _UNSEARCHABLE.search(text)


def without_unsearchable(text: str) -> str:
    """``text`` with U+FFFD for each character that no query may contain: the same length."""
    return _UNSEARCHABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def unknown_escape(inside: str) -> re.Match[str] | None:
    """The first backslash that escapes neither a quote nor a backslash, with its next character."""
    return next((found for found in _ESCAPE.finditer(inside) if found[1] not in '"\\'), None)


def unescape(inside: str) -> str:
    """The text that was meant by what stands between two quotes."""
    return _ESCAPE.sub(r"\1", inside)


def quote(text: str) -> str:
    """``text`` in quotes, ``"`` and the backslash escaped by a backslash."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def as_keyword(text: str) -> str:
    """``text`` as a term of its own, quoted where something else would be understood."""
    special = text.startswith("-") or ":" in text or text in OPERATORS
    return quote(text) if special else as_value(text)


def as_value(text: str) -> str:
    """``text`` as it may stand behind a field's colon."""
    return text if BARE.fullmatch(text) else quote(text)

r"""The grammar of the query language: a parser by recursive descent.

.. code-block:: text

    query        = [ alternatives ]
    alternatives = conjunction { "OR" conjunction }
    conjunction  = negation { [ "AND" ] negation }
    negation     = ( "NOT" | "-" ) negation | term
    term         = "(" alternatives ")" | [ field ":" ] value
    value        = bare | '"' { any character but '"' and "\" | '\"' | "\\" } '"'

``bare`` is a run of characters other than white space, parentheses and ``"``; as a term without a
field it is none of the words in capitals, has no ``:`` and does not begin with ``-``. White space
separates words; there is none after ``-`` and around the ``:`` of a field, and a closing quote is
followed by white space, a parenthesis or the end.
"""

from collections.abc import Callable

from imgrepo_server.query import tree
from imgrepo_server.query.faults import Fault, QuerySyntaxError
from imgrepo_server.query.fields import FIELDS, Field, suggestion
from imgrepo_server.query.ranges import Piece
from imgrepo_server.query.tokens import Kind, Token, tokens
from imgrepo_server.query.words import quote, unsearchable

MAX_LENGTH = 4096
"""Characters of a query."""

MAX_NESTING = 10
"""Negations and parentheses around a condition.

Databases nest less deeply than Python: the parser of SQLite 3.40 has a stack of 100 entries, which
a list with 12 levels of negated alternatives was measured to overflow, whatever the leaves.
"""

MAX_CONDITIONS = 200
"""Words and fields of a query. SQLite takes expressions up to 1,000 operators deep."""


def parse(text: str) -> tree.Node:
    """The tree of a query; ``Everything`` for an empty one.

    Words side by side are joined by ``And``, which binds tighter than ``OR``. Parentheses that
    were written stay visible as nested nodes: ``(a b) c`` is not ``a b c``.

    Raises ``QuerySyntaxError``, and nothing else, for a text that is not a query.
    """
    try:
        _check_characters(text)
        return _Parser(text).query()
    except Fault as fault:
        raise QuerySyntaxError.at(fault, text[:MAX_LENGTH]) from None


def _check_characters(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise Fault(
            f"The query has {len(text)} characters; shorten it to {MAX_LENGTH} or fewer.",
            MAX_LENGTH - 1,
            MAX_LENGTH,
        )
    if refused := unsearchable(text):
        code = ord(refused.group())
        raise Fault(
            f"The query contains the control character U+{code:04X}; remove it.", *refused.span()
        )


class _Parser:
    def __init__(self, query: str):
        self._query = query
        self._tokens = tuple(tokens(query))
        self._at = 0
        self._conditions = 0

    def query(self) -> tree.Node:
        if self._next.kind is Kind.END:
            return tree.Everything()
        node = self._alternatives(0)
        if self._next.kind is Kind.CLOSE:
            raise self._next.fault("This parenthesis closes nothing; remove it, or add its “(”.")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _accept(self, *kinds: Kind) -> Token | None:
        token = self._next
        if token.kind not in kinds:
            return None
        self._at += 1
        return token

    def _alternatives(self, depth: int) -> tree.Condition:
        parts = [self._conjunction(depth)]
        while self._accept(Kind.OR):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else tree.Or(tuple(parts))

    def _conjunction(self, depth: int) -> tree.Condition:
        parts = [self._negation(depth)]
        while self._accept(Kind.AND) or self._next.kind not in {Kind.OR, Kind.CLOSE, Kind.END}:
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else tree.And(tuple(parts))

    def _negation(self, depth: int) -> tree.Condition:
        token = self._accept(Kind.NOT, Kind.MINUS)
        if not token:
            return self._term(depth)
        if token.kind is Kind.MINUS and token.end < self._next.start:
            raise token.fault("Write “-” right before what it excludes, or in quotes to find it.")
        return tree.Not(self._negation(_deeper(token, depth)))

    def _term(self, depth: int) -> tree.Condition:
        if token := self._accept(Kind.OPEN):
            return self._group(token, _deeper(token, depth))
        token = self._accept(Kind.FIELD, Kind.VALUE)
        if not token:
            raise self._missing_term()
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise token.fault(
                f"A query has at most {MAX_CONDITIONS} conditions; leave out the rest."
            )
        if token.kind is Kind.FIELD:
            return self._field(token)
        return _made(token, lambda: tree.Keyword(token.text))

    def _group(self, opening: Token, depth: int) -> tree.Condition:
        if closing := self._accept(Kind.CLOSE):
            raise Fault(
                "Nothing stands in these parentheses; remove them, or quote them to find them.",
                opening.start,
                closing.end,
            )
        if self._next.kind is not Kind.END:
            node = self._alternatives(depth)
            if self._accept(Kind.CLOSE):
                return node
        raise opening.fault("This parenthesis is never closed; add a “)”, or quote it to find it.")

    def _field(self, name: Token) -> tree.Condition:
        value = self._accept(Kind.VALUE) if self._next.start == name.end else None
        field = FIELDS.get(name.text.lower())
        if field is None:
            raise _unknown_field(name, value)
        example = f"{name.text}:{field.example}"
        if value is None:
            raise name.fault(
                f"“{name.text}:” needs one value right after it, as in {example}.",
                hint="For one of several, repeat the field: (tag:a OR tag:b)."
                if self._next.kind is Kind.OPEN
                else None,
            )
        if value.text[-1:].isdigit() and self._is_unit(self._next, field):
            raise self._next.fault(
                "Write the unit right after the number, without a space; quote it to find it."
            )
        piece = Piece(value.text, value.start + self._is_quoted(value))
        return _made(value, lambda: field.read(piece))

    def _is_unit(self, token: Token, field: Field) -> bool:
        written = token.text.lower()
        return written in map(str.lower, field.units) and not self._is_quoted(token)

    def _is_quoted(self, value: Token) -> bool:
        return self._query.startswith('"', value.start)

    def _missing_term(self) -> Fault:
        """Why no term begins here: at the operator that misses it, or at what stands instead."""
        token = self._next
        before = self._tokens[self._at - 1] if self._at else None
        if before and before.kind in {Kind.AND, Kind.OR, Kind.NOT, Kind.MINUS}:
            return before.fault(
                f"“{before.kind}” needs something after it; to find “{before.kind}”, quote it."
            )
        if token.kind is Kind.CLOSE:
            return token.fault("This parenthesis closes nothing; remove it, or add its “(”.")
        return token.fault(
            f"“{token.kind}” needs something before it; to find “{token.kind}”, quote it."
        )


def _deeper(token: Token, depth: int) -> int:
    if depth == MAX_NESTING:
        raise token.fault(
            f"Negations and parentheses stand more than {MAX_NESTING} deep; simplify the query."
        )
    return depth + 1


def _made(token: Token, make: Callable[[], tree.Condition]) -> tree.Condition:
    try:
        return make()
    except ValueError as refusal:
        raise token.fault(str(refusal)) from None


def _unknown_field(name: Token, value: Token | None) -> Fault:
    word = quote(f"{name.text}:{value.text if value else ''}")
    fields = f"The fields are {', '.join(f'{field}:' for field in FIELDS)}."
    meant = suggestion(name.text, FIELDS)
    if meant:
        return name.fault(
            f"“{name.text}:” is not a field; did you mean “{meant}:”?",
            hint=f"{fields} To find the word itself, quote it: {word}.",
        )
    return name.fault(
        f"“{name.text}:” is not a field; to find the word itself, quote it: {word}.", hint=fields
    )

"""What is said about a query that cannot be understood, and where."""

from rich.cells import cell_len

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.query.words import without_unsearchable


class Fault(Exception):  # noqa: N818 (not an error that leaves the package; see QuerySyntaxError)
    """Characters ``start`` to ``end`` cannot be understood. ``parse`` adds the query's text."""

    def __init__(self, message: str, start: int, end: int, *, hint: str | None = None):
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


class QuerySyntaxError(ImgrepoError):
    """A query that cannot be understood.

    ``details``: ``query`` (the text; characters that no query may contain, replaced by U+FFFD),
    ``position`` and ``length`` of the fault in it (0-based, in characters; at least 1 long and
    wholly inside), ``pointer`` (the lines of ``point_at``, to be shown to a person), and where
    there is more to say than the message says, ``hint``.
    """

    @classmethod
    def at(cls, fault: Fault, query: str) -> "QuerySyntaxError":
        """The error that tells of a fault in ``query``."""
        length = fault.end - fault.start
        details = {
            "query": without_unsearchable(query),
            "position": fault.start,
            "length": length,
            "pointer": point_at(query, fault.start, length).splitlines(),
        }
        if fault.hint is not None:
            details["hint"] = fault.hint
        return cls(ErrorCode.INVALID_REQUEST, fault.message, details)


def point_at(query: str, position: int, length: int, *, columns: int = 78) -> str:
    """Two lines: the query, and carets under ``length`` characters from ``position`` on.

    Carets stand where a terminal shows the characters: East Asian letters and emoji are two
    columns wide, combining marks none. Line breaks and tabs are shown as blanks, other control
    characters as U+FFFD. Of a query wider than ``columns`` only the surroundings of the fault
    are shown, with an ellipsis where something is left out.
    """
    shown = "".join(map(_printable, query))
    before, fault, after = (
        shown[:position],
        shown[position : position + length],
        shown[position + length :],
    )
    # A long fault is cut at its end; what is left of the line is shared by both sides.
    fault = _head(fault, columns - 2)
    room = columns - cell_len(fault)
    tail = _head(after, max(room // 2, room - cell_len(before)))
    lead = _tail(before, room - cell_len(tail))
    return f"{lead}{fault}{tail}\n{' ' * cell_len(lead)}{'^' * max(1, cell_len(fault))}"


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    # The joiners belong to emoji and to the spelling of some scripts.
    if character.isprintable() or character in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}":
        return character
    return "\N{REPLACEMENT CHARACTER}"


def _head(text: str, columns: int) -> str:
    """As much of the beginning as fits into ``columns``; an ellipsis says that it is not all."""
    if len(text) <= columns and cell_len(text) <= columns:
        return text
    text = text[: columns - 1]
    while cell_len(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def _tail(text: str, columns: int) -> str:
    return _head(text[::-1], columns)[::-1]

"""The shapes that numbers and dates share: ``1000``, ``>=1000``, ``1000..2000``, ``1000..``."""

import re
from dataclasses import dataclass

from imgrepo_server.query.faults import Fault

_COMPARISON = re.compile(r"(>=|<=|>|<|=)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the query: what it means once it is out of its quotes, and where it stands."""

    text: str
    start: int

    def cut(self, start: int, end: int | None = None) -> "Piece":
        """A part of this part."""
        return Piece(self.text[start:end], self.start + start)

    def fault(self, message: str, *, hint: str | None = None) -> Fault:
        """The fault that points here (one character at least)."""
        return Fault(message, self.start, self.start + max(1, len(self.text)), hint=hint)


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range. ``strict`` where the value itself stands outside (``<``, ``>``)."""

    value: Piece
    strict: bool = False


def bounds(piece: Piece) -> tuple[Bound | None, Bound | None]:
    """The lower and the upper end; the same value for both where one alone is given."""
    low, dots, _ = piece.text.partition("..")
    if dots:
        first, last = piece.cut(0, len(low)), piece.cut(len(low) + len(dots))
        if first.text[:1] in {"<", ">", "="}:
            raise piece.fault("Use either a comparison (>=1000) or a range (1000..2000), not both.")
        if not first.text and not last.text:
            raise piece.fault("A range needs at least one end; write one before or after the dots.")
        return (
            Bound(first) if first.text else None,
            Bound(last) if last.text else None,
        )
    found = _COMPARISON.fullmatch(piece.text)
    operator = found[1] if found else None
    value = piece.cut(len(operator or ""))
    if not value.text:
        raise piece.fault("A value is missing here; write it without a space before it.")
    bound = Bound(value, strict=operator in {"<", ">"})
    match operator:
        case ">" | ">=":
            return bound, None
        case "<" | "<=":
            return None, bound
        case _:
            return bound, bound

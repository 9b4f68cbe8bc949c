"""Pixels and bytes: ``>=1000``, ``1000..2000``, ``<2MB``, ``1.5GiB..``."""

import math
import re
from fractions import Fraction
from types import MappingProxyType

from imgrepo_server.query.ranges import Bound, Piece, bounds

UNITS: MappingProxyType[str, int] = MappingProxyType(
    {
        "B": 1,
        **{f"{prefix}B": 1000**power for power, prefix in enumerate("KMGT", 1)},
        **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
    }
)
"""Bytes of each unit of size: decimal ones as in the SI, binary ones as in IEC 80000-13."""

_ANY_CASE = MappingProxyType({name.lower(): size for name, size in UNITS.items()})
_PIXELS = re.compile(r"\d+", re.ASCII)
_BYTES = re.compile(r"(\d+(?:\.\d+)?)([a-z]*)", re.ASCII | re.IGNORECASE)

Interval = tuple[int | None, int | None]
"""Whole numbers from the first to the second, both included; None: no limit on that side."""


def pixels(piece: Piece) -> Interval:
    """The pixels that ``piece`` asks for. Raises ``Fault``."""
    low, high = bounds(piece)
    first = _pixels(low.value) if low else None
    last = _pixels(high.value) if high else None
    return _lowest(first, low), _highest(last, high)


def file_size(piece: Piece) -> Interval:
    """The bytes that ``piece`` asks for. Raises ``Fault``."""
    low, high = bounds(piece)
    first = _bytes(low.value) if low else None
    last = _bytes(high.value) if high else None
    if low and high and first and _has_unit(low) != _has_unit(high):
        # Whoever writes "1..2MB" hardly means one byte. Zero is the same in every unit.
        bare = high if _has_unit(low) else low
        raise bare.value.fault("Write the unit at both ends of the range, for instance 1MB..2MB.")
    if low and low == high and first is not None and first.denominator != 1:
        raise piece.fault("This is no whole number of bytes; write a range, or use > or <.")
    return _lowest(first, low), _highest(last, high)


def pixels_as_text(low: int | None, high: int | None) -> str:
    """What :func:`pixels` reads as this range. Raises ``ValueError`` if both ends are None."""
    if low is None:
        if high is None:
            raise ValueError("A range needs at least one end.")
        return f"<={high}"
    if high is None:
        return f">={low}"
    return f"{low}" if low == high else f"{low}..{high}"


def file_size_as_text(low: int | None, high: int | None) -> str:
    """What :func:`file_size` reads as this range, in the largest units that are exact.

    There is always a unit, lest a keyword that follows be taken for it. Raises ``ValueError`` if
    both ends are None.
    """
    if low is None:
        if high is None:
            raise ValueError("A range needs at least one end.")
        return f"<{_with_unit(high + 1)}" if _rounder(high + 1, high) else f"<={_with_unit(high)}"
    if high is None:
        return f">{_with_unit(low - 1)}" if _rounder(low - 1, low) else f">={_with_unit(low)}"
    return _with_unit(low) if low == high else f"{_with_unit(low)}..{_with_unit(high)}"


def _has_unit(bound: Bound) -> bool:
    return bound.value.text[-1].isalpha()


def _rounder(number: int, other: int) -> bool:
    return number > 0 and UNITS[_unit(number)] > UNITS[_unit(other)]


def _unit(number: int) -> str:
    whole = [name for name, size in UNITS.items() if number % size == 0]
    return max(whole, key=UNITS.__getitem__) if number else "B"


def _with_unit(number: int) -> str:
    unit = _unit(number)
    return f"{number // UNITS[unit]}{unit}"


def _lowest(value: Fraction | None, bound: Bound | None) -> int | None:
    if value is None or bound is None:
        return None
    return math.floor(value) + 1 if bound.strict else math.ceil(value)


def _highest(value: Fraction | None, bound: Bound | None) -> int | None:
    if value is None or bound is None:
        return None
    number = math.ceil(value) - 1 if bound.strict else math.floor(value)
    if number < 0:
        raise bound.value.fault("Nothing is less than 0; write a larger number.")
    return number


def _pixels(piece: Piece) -> Fraction:
    if not _PIXELS.fullmatch(piece.text):
        raise piece.fault(f"“{piece.text}” is not a number of pixels; write digits only.")
    return Fraction(piece.text)


def _bytes(piece: Piece) -> Fraction:
    found = _BYTES.fullmatch(piece.text)
    if not found:
        raise piece.fault(
            f"“{piece.text}” is not a size; write a number and a unit without a space, as in 2.5MB."
        )
    number, unit = found.groups()
    if unit and unit.lower() not in _ANY_CASE:
        raise piece.cut(len(number)).fault(
            f"“{unit}” is not a unit of size; use B, KB, MB, GB, TB (powers of 1000)"
            " or KiB, MiB, GiB, TiB (powers of 1024)."
        )
    return Fraction(number) * _ANY_CASE[unit.lower() or "b"]

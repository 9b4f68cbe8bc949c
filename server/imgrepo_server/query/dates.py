"""Dates and times: ``2021``, ``2021-06``, ``2021-06-05T10:30Z``, compared and in ranges.

A date is not a point but a stretch: ``2021-06`` lasts from its first moment until July's.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from imgrepo_server.query.ranges import Piece, bounds
from imgrepo_server.query.tree import LAST_MOMENT

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[Tt ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?"
    r"(?:[Zz]|[+-]\d\d:?\d\d)?"
    r")?)?)?",
    re.ASCII,
)

# From the start of a stretch to the start of the next, by the last part that was written.
_NEXT: MappingProxyType[str, Callable[[datetime], datetime]] = MappingProxyType(
    {
        "year": lambda start: start.replace(year=start.year + 1),
        # Thirty-two days after the first of a month is some day of the next.
        "month": lambda start: (start + timedelta(days=32)).replace(day=1),
        "day": lambda start: start + timedelta(days=1),
        "minute": lambda start: start + timedelta(minutes=1),
        "second": lambda start: start + timedelta(seconds=1),
    }
)

# What follows in the full form where a year, a month, a day, a minute, a second begins.
_BEGINNINGS = (
    "-01-01T00:00:00.000000",
    "-01T00:00:00.000000",
    "T00:00:00.000000",
    ":00.000000",
    ".000000",
)

Interval = tuple[datetime | None, datetime | None]
"""From the first until just before the second, in UTC; None: no limit on that side."""


def interval(piece: Piece) -> Interval:
    """The time that ``piece`` asks for; times without an offset are in UTC. Raises ``Fault``."""
    low, high = bounds(piece)
    start = end = None
    if low:
        first, following = stretch(low.value)
        start = following if low.strict else first
    if high:
        last, following = stretch(high.value)
        end = last if high.strict else following
    return start, end


def stretch(piece: Piece) -> tuple[datetime, datetime]:
    """The first moment of a date or time, and the first one after it, in UTC.

    After the last year that a ``datetime`` can name comes its last moment. Raises ``Fault``.
    """
    found = _DATE.fullmatch(piece.text)
    if not found:
        raise piece.fault(
            f"“{piece.text}” is not a date;"
            " write it as 2021, 2021-06, 2021-06-05 or 2021-06-05T10:30Z."
        )
    rest = "" if found["day"] else "-01" if found["month"] else "-01-01"
    try:
        start = datetime.fromisoformat(piece.text.upper() + rest)
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    except (ValueError, OverflowError):
        raise piece.fault(
            f"The calendar has no “{piece.text}”; check month, day and time."
        ) from None
    return start, _end(start, found)


def _end(start: datetime, found: re.Match[str]) -> datetime:
    try:
        if found["fraction"]:
            return start + timedelta(microseconds=10 ** (6 - len(found["fraction"])))
        written = next(unit for unit in reversed(_NEXT) if found[unit])
        return _NEXT[written](start)
    except (ValueError, OverflowError):
        return LAST_MOMENT


def as_text(start: datetime | None, end: datetime | None) -> str:
    """The shortest text that :func:`interval` reads as this one.

    Raises ``ValueError`` if both are None: no text means that.
    """
    if start is None:
        if end is None:
            raise ValueError("A range needs at least one end.")
        return "<=9999" if end == LAST_MOMENT else f"<{_cut(end, _precision(end))}"
    if end is None:
        return f">={_cut(start, _precision(start))}"
    if end == LAST_MOMENT:  # where every stretch ends that reaches it
        precision, inside = _precision(start), end
    else:
        precision, inside = max(_precision(start), _precision(end)), end - datetime.resolution
    first, last = _cut(start, precision), _cut(inside, precision)
    return first if first == last else f"{first}..{last}"


def _precision(moment: datetime) -> int:
    """How many characters of the full form tell where a stretch begins that begins here."""
    full = _full(moment)
    return next((len(full) - len(rest) for rest in _BEGINNINGS if full.endswith(rest)), len(full))


def _cut(moment: datetime, precision: int) -> str:
    return _full(moment)[:precision] + ("Z" if precision > len("2021-06-05") else "")


def _full(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

"""Terms for dates and numbers, such that few of them cover a range; see ``db.terms``."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

# Prefixes of YYYYMMDD: decade, year, month, day. Nobody takes pictures outside these years; dates
# that claim so stand at the ends, for the rows to tell apart.
_DATE_LEVELS = (3, 4, 6, 8)
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)
_MOST_DATES = 24

# From here on, numbers are not told apart, so that a range without an upper end has few octaves.
_LARGEST_SIZE, _LARGEST_PIXELS = 2**28, 2**14
_MOST_OCTAVES = 6


def of_moment(moment: datetime) -> Iterator[str]:
    """The terms of a time in UTC."""
    day = f"{_day(moment):%Y%m%d}"
    return (day[:length] for length in _DATE_LEVELS)


def of_pixels(number: int) -> tuple[str, str]:
    """The terms of a width or a height: people ask for 1920 as well as for more than 1000."""
    return _exact(number), _octave_term(_octave(number, _LARGEST_PIXELS))


def of_size(size: int) -> str:
    """The term of a number of bytes."""
    return _octave_term(_octave(size, _LARGEST_SIZE))


def during(start: datetime | None, end: datetime | None) -> Sequence[str]:
    """One of these terms has every moment from ``start`` until just before ``end``, both UTC."""
    first = _FIRST_DAY if start is None else _day(start)
    last = _LAST_DAY if end is None else _last_day_before(end)
    found: list[str] = []
    for finest in reversed(_DATE_LEVELS):
        found = list(_dates("", first, last, finest))
        if len(found) <= _MOST_DATES:
            break
    return found


def pixels(low: int | None, high: int | None) -> Sequence[str] | None:
    """One of these terms has every width or height from ``low`` to ``high``."""
    if low is not None and low == high:
        return [_exact(low)]
    return _octaves(low, high, _LARGEST_PIXELS)


def sizes(low: int | None, high: int | None) -> Sequence[str] | None:
    """One of these terms has every size from ``low`` to ``high`` bytes."""
    return _octaves(low, high, _LARGEST_SIZE)


def _last_day_before(end: datetime) -> date:
    # Of the first moment of all, nothing can be subtracted.
    return _FIRST_DAY if end.date() <= _FIRST_DAY else _day(end - timedelta(microseconds=1))


def _day(moment: datetime) -> date:
    return min(max(moment.date(), _FIRST_DAY), _LAST_DAY)


def _dates(prefix: str, first: date, last: date, finest: int) -> Iterator[str]:
    """The fewest prefixes of dates that cover the days from ``first`` to ``last``, both included.

    Those of ``finest`` length may reach beyond them; longer ones are not used.
    """
    for longer in _below(prefix):
        starts, ends = _span(longer)
        if ends < first or last < starts:
            continue
        if len(longer) == finest or (first <= starts and ends <= last):
            yield longer
        else:
            yield from _dates(longer, first, last, finest)


def _below(prefix: str) -> list[str]:
    match len(prefix):
        case 0:
            decades = range(_FIRST_DAY.year // 10, _LAST_DAY.year // 10 + 1)
            return [str(decade) for decade in decades]
        case 3:
            return [f"{prefix}{year}" for year in range(10)]
        case 4:
            return [f"{prefix}{month:02}" for month in range(1, 13)]
        case _:
            _, ends = _span(prefix)
            return [f"{prefix}{day:02}" for day in range(1, ends.day + 1)]


def _span(prefix: str) -> tuple[date, date]:
    """The first and the last day of a decade, a year, a month or a day."""
    match len(prefix):
        case 3:
            return date(int(prefix) * 10, 1, 1), date(int(prefix) * 10 + 9, 12, 31)
        case 4:
            return date(int(prefix), 1, 1), date(int(prefix), 12, 31)
        case 6:
            year, month = int(prefix[:4]), int(prefix[4:])
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case _:
            day = date(int(prefix[:4]), int(prefix[4:6]), int(prefix[6:]))
            return day, day


def _octaves(low: int | None, high: int | None, largest: int) -> Sequence[str] | None:
    """Nothing for a range of many octaves: it would narrow little and cost much."""
    lowest = _octave(low or 0, largest)
    highest = _octave(largest if high is None else high, largest)
    if highest - lowest >= _MOST_OCTAVES:
        return None
    return [_octave_term(octave) for octave in range(lowest, highest + 1)]


def _octave(number: int, largest: int) -> int:
    return min(number, largest).bit_length()


def _octave_term(octave: int) -> str:
    return f"o{octave}"


def _exact(number: int) -> str:
    return str(number)

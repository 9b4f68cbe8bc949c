"""Dates and times, as half-open stretches in UTC."""

from datetime import UTC, datetime
from functools import partial

import pytest
from imgrepo_server.query import QuerySyntaxError, parse, tree

at = partial(datetime, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2021", at(2021, 1, 1), at(2022, 1, 1)),
        ("2021-06", at(2021, 6, 1), at(2021, 7, 1)),
        ("2021-12", at(2021, 12, 1), at(2022, 1, 1)),
        ("2020-02", at(2020, 2, 1), at(2020, 3, 1)),
        ("2020-02-29", at(2020, 2, 29), at(2020, 3, 1)),
        ("2021-12-31", at(2021, 12, 31), at(2022, 1, 1)),
        ("=2021", at(2021, 1, 1), at(2022, 1, 1)),
        ("2021-06-05T10:30", at(2021, 6, 5, 10, 30), at(2021, 6, 5, 10, 31)),
        ("2021-06-05T10:30Z", at(2021, 6, 5, 10, 30), at(2021, 6, 5, 10, 31)),
        ("2021-06-05t10:30z", at(2021, 6, 5, 10, 30), at(2021, 6, 5, 10, 31)),
        ("2021-06-05T10:30:15", at(2021, 6, 5, 10, 30, 15), at(2021, 6, 5, 10, 30, 16)),
        (
            "2021-06-05T10:30:15.5",
            at(2021, 6, 5, 10, 30, 15, 500000),
            at(2021, 6, 5, 10, 30, 15, 600000),
        ),
        ("2021-06-05T00:30+02:00", at(2021, 6, 4, 22, 30), at(2021, 6, 4, 22, 31)),
        ("2021-06-05T23:30-0130", at(2021, 6, 6, 1), at(2021, 6, 6, 1, 1)),
        ('"2021-06-05 10:30"', at(2021, 6, 5, 10, 30), at(2021, 6, 5, 10, 31)),
        (">=2021-06", at(2021, 6, 1), None),
        (">2021-06", at(2021, 7, 1), None),
        ("<2021-06", None, at(2021, 6, 1)),
        ("<=2021-06", None, at(2021, 7, 1)),
        ("2021-06..2021-08", at(2021, 6, 1), at(2021, 9, 1)),
        ("2021-06..2021-06", at(2021, 6, 1), at(2021, 7, 1)),
        ("2021-06-30..2021", at(2021, 6, 30), at(2022, 1, 1)),
        ("2021-06..", at(2021, 6, 1), None),
        ("..2021-08", None, at(2021, 9, 1)),
        # The calendar's ends
        ("9999", at(9999, 1, 1), tree.LAST_MOMENT),
        ("2021..9999-12-31", at(2021, 1, 1), tree.LAST_MOMENT),
        ("<=9999-12-31T23:59:59", None, tree.LAST_MOMENT),
        ("<0001", None, at(1, 1, 1)),
    ],
)
def test_stretch(text: str, start: datetime | None, end: datetime | None) -> None:
    assert parse(f"taken:{text}") == tree.Taken(start, end)
    assert parse(f"added:{text}") == tree.Added(start, end)


@pytest.mark.parametrize(
    ("text", "fault", "said"),
    [
        ("yesterday", "yesterday", "is not a date"),
        ("21", "21", "is not a date"),
        ("2021-6", "2021-6", "is not a date"),
        ("20210605", "20210605", "is not a date"),
        ("2021-W05", "2021-W05", "is not a date"),
        ("05.06.2021", "05.06.2021", "is not a date"),
        ("2021-06-05T", "2021-06-05T", "is not a date"),
        ("2021-06-05T10", "2021-06-05T10", "is not a date"),
        ("2021Z", "2021Z", "is not a date"),
        ("\u0662\u0660\u0662\u0661", "\u0662\u0660\u0662\u0661", "is not a date"),
        ("0000", "0000", "calendar has no"),
        ("2021-13", "2021-13", "calendar has no"),
        ("2021-02-29", "2021-02-29", "calendar has no"),
        ("2021-06-05T25:00", "2021-06-05T25:00", "calendar has no"),
        ("2021-06-05T10:30+99:00", "2021-06-05T10:30+99:00", "calendar has no"),
        ("0001-01-01T00:00+01:00", "0001-01-01T00:00+01:00", "calendar has no"),
        ("2021-06..2021-13", "2021-13", "calendar has no"),
        ("2022..2021", "2022..2021", "earlier time first"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999", "empty"),
        (">", ">", "value is missing"),
        ("..", "..", "at least one end"),
    ],
)
def test_refused(text: str, fault: str, said: str) -> None:
    with pytest.raises(QuerySyntaxError, match=said) as caught:
        parse(f"taken:{text}")
    start = caught.value.details["position"] - len("taken:")
    assert text[start : start + caught.value.details["length"]] == fault

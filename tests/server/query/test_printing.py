"""A tree printed is the text of that tree."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_server.query import parse, to_text, tree


@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_what_is_printed_parses_to_the_same_tree(
    trees: st.SearchStrategy[tree.Node], data: st.DataObject
) -> None:
    node = data.draw(trees)
    assert parse(to_text(node)) == node


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cat",
        "cat dog OR bird",
        "(cat OR dog) bird",
        "(cat dog) bird",
        "-(cat dog) -bird",
        "--cat",
        '"OR" "-5" "12:30" "a b" "(" "say \\"hi\\"" "a\\\\ b" a\\b',
        "title:-5 title:12:30 title:OR",
        'tag:"new york"',
        "width:1000 height:>=600 width:<=2000 height:1..2",
        "size:>2MB size:<=1GiB size:1KB..1KiB size:0B size:1536KiB size:7B",
        "taken:2021 taken:2021-06..2021-08 taken:<2021-06-05 taken:>=2021-06-05T10:30Z",
        "taken:2021-06-05T10:30:07Z taken:2021-06-05T10:30:07.000001Z..2022-01-01T00:00:00.000000Z",
        "added:2021-02-28..2022-12-31 added:<=9999 added:2020..9999",
        "is:trashed type:jpeg camera:nikon user:jeff description:x",
    ],
)
def test_text_in_its_plainest_form_is_printed_as_it_was(text: str) -> None:
    assert to_text(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("  cat\n AND\tdog ", "cat dog"),
        ("NOT cat", "-cat"),
        ("((cat))", "cat"),
        ('"cat" tag:"beach"', "cat tag:beach"),
        ("TAG:Beach TYPE:JPG", "tag:beach type:jpeg"),
        ("size:<2000kb", "size:<2MB"),
        ("size:1.5GiB..", "size:>=1536MiB"),
        ("taken:2021-06-01..2021-08-31", "taken:2021-06..2021-08"),
        ("taken:2021-06-05T12:30+02:00", "taken:2021-06-05T10:30Z"),
    ],
)
def test_other_forms_are_printed_in_the_plainest(written: str, printed: str) -> None:
    assert to_text(parse(written)) == printed


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_open_range_of_time_is_printed_exactly(moment: datetime) -> None:
    for node in (tree.Taken(moment, None), tree.Taken(None, moment)):
        assert parse(to_text(node)) == node


def test_the_calendars_last_moment_is_printed_exactly() -> None:
    last = tree.LAST_MOMENT
    for node in (
        tree.Taken(last, None),
        tree.Taken(None, last),
        tree.Taken(last - datetime.resolution, last),
        tree.Taken(datetime(9999, 1, 1, tzinfo=UTC), last),
    ):
        assert parse(to_text(node)) == node

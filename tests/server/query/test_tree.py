"""Nodes that no query could make cannot be made at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from imgrepo_server.imaging.formats import FORMATS
from imgrepo_server.query import parse, tree

NOON = datetime(2021, 6, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tree.And(()),
        lambda: tree.Or((tree.Keyword("a"),)),
        lambda: tree.Keyword(""),
        lambda: tree.Title(" \t"),
        lambda: tree.Camera("a\0"),
        lambda: tree.User("\ud800"),
        lambda: tree.Description("\ufdfa" * 60),  # 18 letters each, once folded
        lambda: tree.Tag("Beach"),
        lambda: tree.Tag(""),
        lambda: tree.Format("JPEG"),
        lambda: tree.Width(None, None),
        lambda: tree.Width(2, 1),
        lambda: tree.Width(-1, None),
        lambda: tree.Height(None, 2**31),
        lambda: tree.Size(2**63, None),
        lambda: tree.Taken(None, None),
        lambda: tree.Taken(NOON, NOON),
        lambda: tree.Taken(NOON.replace(tzinfo=None), None),
        lambda: tree.Added(None, NOON.astimezone(timezone(timedelta(hours=2)))),
    ],
)
def test_ill_formed_nodes_are_refused(make: Callable[[], tree.Node]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        make()


def test_formats_are_those_that_can_be_uploaded() -> None:
    assert set(FORMATS) == tree.FORMAT_NAMES


def test_walk_gives_every_node_in_the_order_of_the_text() -> None:
    node = parse("a -(b OR is:trashed) c")
    assert [type(each).__name__ for each in tree.walk(node)] == [
        *("And", "Keyword", "Not", "Or", "Keyword", "Is", "Keyword"),
    ]

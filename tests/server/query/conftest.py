"""The naive meaning of a query, and random trees: the oracles that other engines are held to."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import assert_never

import pytest
from hypothesis import strategies as st
from imgrepo_server.models import Image, Visibility
from imgrepo_server.query import tree
from imgrepo_server.text import fold


def _contains(text: str, *places: str) -> bool:
    return any(fold(text) in fold(place) for place in places)


def _camera(image: Image) -> str:
    return f"{image.exif.get('make', '')} {image.exif.get('model', '')}"


def _is(state: tree.State, image: Image) -> bool:
    if state is tree.State.TRASHED:
        return image.trashed_at is not None
    return image.visibility == Visibility(state)


def _between(low: int | None, value: int, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _during(start: datetime | None, moment: datetime | None, end: datetime | None) -> bool:
    if moment is None:
        return False
    return (start is None or start <= moment) and (end is None or moment < end)


def _evaluate(node: tree.Node, image: Image) -> bool:  # noqa: C901, PLR0911, PLR0912 (one case a node)
    match node:
        case tree.Everything():
            return True
        case tree.And(parts):
            return all(_evaluate(part, image) for part in parts)
        case tree.Or(parts):
            return any(_evaluate(part, image) for part in parts)
        case tree.Not(part):
            return not _evaluate(part, image)
        case tree.Keyword(text):
            return _contains(text, image.title, image.description, image.owner, *image.tags)
        case tree.Title(text):
            return _contains(text, image.title)
        case tree.Description(text):
            return _contains(text, image.description)
        case tree.Camera(text):
            return _contains(text, _camera(image))
        case tree.Tag(name):
            return name in image.tags
        case tree.User(name):
            return fold(name) == fold(image.owner)
        case tree.Is(state):
            return _is(state, image)
        case tree.Format(name):
            return name == image.format
        case tree.Width(low, high):
            return _between(low, image.width, high)
        case tree.Height(low, high):
            return _between(low, image.height, high)
        case tree.Size(low, high):
            return _between(low, image.size, high)
        case tree.Taken(start, end):
            return _during(start, image.taken_at, end)
        case tree.Added(start, end):
            return _during(start, image.created_at, end)
        case _:
            assert_never(node)


def _nodes(
    make: Callable[..., tree.Condition], *arguments: st.SearchStrategy[object]
) -> st.SearchStrategy[tree.Condition]:
    """Nodes of all arguments that ``make`` takes: nodes know themselves what is well-formed."""

    def attempt(values: tuple[object, ...]) -> list[tree.Condition]:
        try:
            return [make(*values)]
        except ValueError:
            return []

    return st.tuples(*arguments).map(attempt).filter(bool).map(lambda made: made[0])


def _tag(text: str) -> tree.Tag:
    return tree.Tag(tree.normalized_tag(text))


def _rounded(moment: datetime, precision: int) -> datetime:
    """The start of the moment's year, month, day, minute or second; or the moment itself."""
    lowest = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    kept = {"year": 6, "month": 5, "day": 4, "hour": 2, "minute": 2, "second": 1, "microsecond": 0}
    return datetime(
        **{
            part: lowest[part] if kept[part] < precision else getattr(moment, part) for part in kept
        },
        tzinfo=UTC,
    )


@cache
def _leaves() -> st.SearchStrategy[tree.Condition]:
    # Mostly text that means something to the grammar, so that quoting is put to the test.
    words = st.one_of(
        st.text(max_size=8),
        st.text(alphabet='ab -:()"\\.<>=\n\u3000é\ue000\ue00a\ue100\ue109', min_size=1, max_size=6),
        st.sampled_from(["AND", "OR", "NOT", "or", "-x", "tag:x", "MB", "a b", "..", ">=1", '"']),
    )
    numbers = st.one_of(
        st.none(),
        st.sampled_from([0, 1, 999, 1000, 1001, 1024, 1_999_999, 2_000_000, 2**31 - 1, 2**63 - 1]),
        st.integers(0, 2**63 - 1),
    )
    moments = st.one_of(
        st.none(),
        st.sampled_from([tree.LAST_MOMENT, datetime(1, 1, 1, tzinfo=UTC)]),
        st.builds(_rounded, st.datetimes(), st.integers(0, 6)),
    )
    texts: tuple[Callable[..., tree.Condition], ...] = (
        tree.Keyword,
        tree.Title,
        tree.Description,
        tree.Camera,
        tree.User,
        _tag,
    )
    return st.one_of(
        *(_nodes(make, words) for make in texts),
        *(_nodes(make, numbers, numbers) for make in (tree.Width, tree.Height, tree.Size)),
        *(_nodes(make, moments, moments) for make in (tree.Taken, tree.Added)),
        st.builds(tree.Is, st.sampled_from(tree.State)),
        st.builds(tree.Format, st.sampled_from(sorted(tree.FORMAT_NAMES))),
    )


@st.composite
def _trees(draw: st.DrawFn, levels: int) -> tree.Condition:
    join = draw(st.sampled_from([None, tree.Not, tree.And, tree.Or])) if levels else None
    if join is None:
        return draw(_leaves())
    if join is tree.Not:
        return tree.Not(draw(_trees(levels - 1)))
    parts = draw(st.lists(_trees(levels - 1), min_size=2, max_size=3))
    return tree.And(tuple(parts)) if join is tree.And else tree.Or(tuple(parts))


@pytest.fixture(scope="session")
def evaluate() -> Callable[[tree.Node, Image], bool]:
    """Whether an image is among a query's results, going by nothing but the query."""
    return _evaluate


@pytest.fixture(scope="session")
def trees() -> st.SearchStrategy[tree.Node]:
    """Every kind of query, within the limits of what ``parse`` accepts."""
    return st.just(tree.Everything()) | _trees(3)

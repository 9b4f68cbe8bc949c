"""Terms of the search index: what a query needs, every image has that the query finds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import assert_never
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from imgrepo_server.db import needs, query_terms, range_terms, terms
from imgrepo_server.db.image_words import search_text
from imgrepo_server.models import Image, Visibility
from imgrepo_server.query import parse, tree
from imgrepo_server.text import fold, normalize_tag

Evaluate = Callable[[tree.Node, Image], bool]

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Letters that fold to several, to none, to each other; scripts without spaces; what is special to
# SQL, to the query language, to full-text engines, or is private to the index.
PIECES = (
    "a", "B", "é", "ß", "ﬁ", "İ", "Ł", "ﷺ", "ǆ", "猫", "東京", "ไทย", "한글", "だ", "\u0301",
    "\u200d", " ", "\n", "\0", "-", '"', "'", "%", "_", "*", "(", ":", "^", "\\", "AND", "NEAR",
    "\ue020", "\ue100", "😼", "7", "x",
    # What the index writes for line breaks and other ASCII, and before the terms of facts.
    *map(chr, (0xE000, 0xE00A, 0xE00D, 0xE07F, *range(0xE101, 0xE10A))),
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def _tag(text: str) -> str:
    return normalize_tag(text.replace("\0", "") + "t")


@st.composite
def pictures(draw: st.DrawFn) -> Image:
    """Images of all kinds."""
    moments = st.datetimes(timezones=st.just(UTC))
    numbers = st.integers(0, 2**31 - 1) | st.sampled_from([0, 1, 999, 1000, 1024, 1920])
    return Image(
        id=UUID(int=1),
        owner=draw(texts) + "o",
        owner_id=1,
        title=draw(texts),
        filename="",
        description=draw(texts),
        tags=tuple({_tag(text): None for text in draw(st.lists(texts, max_size=3))}),
        visibility=Visibility.PUBLIC,
        created_at=draw(moments),
        trashed_at=None,
        sha256="",
        size=draw(st.integers(0, 2**40)),
        format=draw(st.sampled_from(sorted(tree.FORMAT_NAMES))),
        width=draw(numbers),
        height=draw(numbers),
        taken_at=draw(st.none() | moments),
        exif={"make": draw(texts), "model": draw(texts)},
        share_location=False,
    )


def terms_of(image: Image) -> set[str]:
    return set(
        terms.terms_of(
            terms.Indexed(
                text=search_text(image.title, image.description, image.owner, image.tags),
                camera=fold(f"{image.exif['make']} {image.exif['model']}"),
                format=image.format,
                width=image.width,
                height=image.height,
                size=image.size,
                taken_at=image.taken_at,
                created_at=image.created_at,
            )
        )
    )


def has(found: set[str], need: needs.Need | None) -> bool:
    match need:
        case None:
            return True
        case str(term):
            return term in found
        case needs.All(parts):
            return all(has(found, part) for part in parts)
        case needs.Any(parts):
            return any(has(found, part) for part in parts)
        case _:
            assert_never(need)


def part_of(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, max(0, len(text) - 1)))
    part = text[start : start + draw(st.integers(1, 6))]
    return part.upper() if draw(st.booleans()) else part


@st.composite
def conditions_on(draw: st.DrawFn, image: Image) -> tree.Condition:
    """Conditions that the image mostly fulfils."""
    days = timedelta(days=draw(st.sampled_from([0, 1, 31, 366, 40_000])))
    moment = draw(st.sampled_from([image.created_at, image.taken_at or image.created_at]))
    start = moment - days if moment - FIRST > days else None
    end = moment + days + timedelta(1) if LAST - moment > days + timedelta(1) else None
    words = [image.title, image.description, image.owner, *image.tags]
    camera = f"{image.exif['make']} {image.exif['model']}"
    spread = draw(st.sampled_from([0, 1, 100, 10**6]))
    number = draw(st.sampled_from([image.width, image.height, image.size]))
    low, high = max(0, number - spread), number + spread
    making: list[Callable[[], tree.Condition]] = [
        lambda: tree.Keyword(part_of(draw, draw(st.sampled_from(words)))),
        lambda: tree.Title(part_of(draw, image.title)),
        lambda: tree.Description(part_of(draw, image.description)),
        lambda: tree.Camera(part_of(draw, camera)),
        lambda: tree.User(image.owner.upper()),
        lambda: tree.Tag(draw(st.sampled_from(image.tags or ("t",)))),
        lambda: tree.Format(image.format),
        lambda: tree.Taken(start, end),
        lambda: tree.Added(start, end),
        lambda: tree.Width(low, high),
        lambda: tree.Height(None, high),
        lambda: tree.Size(low, None),
    ]
    make = draw(st.sampled_from(making))
    try:
        return make()
    except ValueError:  # nothing to search for in that part
        return tree.Format(image.format)


@cache
def queries(levels: int) -> Callable[[Image], st.SearchStrategy[tree.Condition]]:
    def of(image: Image) -> st.SearchStrategy[tree.Condition]:
        leaf = conditions_on(image)
        if not levels:
            return leaf
        deeper = queries(levels - 1)(image)
        pair = st.tuples(deeper, deeper)
        return leaf | pair.map(tree.And) | pair.map(tree.Or) | deeper.map(tree.Not)

    return of


def last_letter(gram: str) -> int:
    """A measure as good as any."""
    return ord(gram[-1])


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), image=pictures())
def test_whatever_a_query_finds_has_what_the_query_needs(
    data: st.DataObject, image: Image, evaluate: Evaluate
) -> None:
    node = data.draw(queries(2)(image))
    assume(evaluate(node, image))
    need = query_terms.needed(node)
    assert has(terms_of(image), need)
    assert need is None or has(terms_of(image), needs.thinned(need, last_letter))


@pytest.mark.parametrize(
    ("query", "need"),
    [
        ("", None),
        ("-cat", None),
        ("cat", "cat"),
        ("CÄT -dog", "cat"),
        ("猫", "猫"),
        ("東京", "東京"),
        ("boat", "boat"),
        ("boats", needs.Grams(("boat", "oats"))),
        ('"big boat"', needs.All(("big\ue020", needs.Grams(("\ue020boa", "boat"))))),
        ("cat OR dog", needs.Any(("cat", "dog"))),
        ("cat OR -dog", None),
        ("cat (dog OR is:public)", "cat"),
        ("type:jpg", "\ue104jpeg"),
        ("title:cat", "\ue100cat"),
        ("title:ca", "ca"),
        ("camera:z", None),
        ("width:640", "\ue107640"),
        ("width:1..", None),
        ("taken:2021", "\ue1052021"),
        ("taken:2020..2029", "\ue105202"),
        ("taken:2021-12..2022-01", needs.Any(("\ue105202112", "\ue105202201"))),
        ("added:2021-06-05T10:30", "\ue10620210605"),
    ],
)
def test_what_queries_need(query: str, need: needs.Need | None) -> None:
    assert query_terms.needed(parse(query)) == need


def test_a_need_is_never_larger_than_a_full_text_engine_takes() -> None:
    def size(query: str) -> int:
        need = query_terms.needed(parse(query))
        assert need is not None
        return count(needs.thinned(need, last_letter))

    words = " ".join(f"word{number:05}" for number in range(150))
    assert size(words) <= 48
    assert size(f'"{words[:900]}"') <= 48
    assert query_terms.needed(parse(words.replace(" ", " OR "))) is None
    assert size(f'"{"abcdefghij" * 99}"') <= 3


def count(need: needs.Need | None) -> int:
    match need:
        case None:
            return 0
        case str():
            return 1
        case _:
            return sum(map(count, need.parts))


moments = st.datetimes(timezones=st.just(UTC))


@settings(deadline=None)
@given(moments | st.none(), moments | st.none(), moments)
def test_terms_of_dates_cover_a_range(
    start: datetime | None, end: datetime | None, moment: datetime
) -> None:
    assume(start is None or start <= moment)
    assume(end is None or moment < end)
    cover = range_terms.during(start, end)
    assert set(cover) & set(range_terms.of_moment(moment))
    assert len(cover) <= 24


@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_terms_of_numbers_cover_a_range(low: int, number: int) -> None:
    assume(low <= number)
    for high in (None, number, number + 1):
        pixels, sizes = range_terms.pixels(low, high), range_terms.sizes(low, high)
        assert pixels is None or set(pixels) & set(range_terms.of_pixels(number))
        assert sizes is None or range_terms.of_size(number) in sizes


def test_a_range_of_whole_days_leaves_the_days_around_it_out() -> None:
    cover = set(
        range_terms.during(datetime(2021, 3, 20, tzinfo=UTC), datetime(2021, 4, 2, tzinfo=UTC))
    )
    for day, inside in (("03-19", False), ("03-20", True), ("04-01", True), ("04-02", False)):
        moment = datetime.fromisoformat(f"2021-{day}T12:00Z")
        assert bool(cover & set(range_terms.of_moment(moment))) == inside, day

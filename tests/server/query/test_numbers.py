"""Pixels and bytes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.query import QuerySyntaxError, parse, tree


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1000", 1000, 1000),
        ("=1000", 1000, 1000),
        (">1000", 1001, None),
        (">=1000", 1000, None),
        ("<1000", None, 999),
        ("<=1000", None, 1000),
        ("1000..2000", 1000, 2000),
        ("1000..", 1000, None),
        ("..2000", None, 2000),
        ("0007", 7, 7),
        ('"1000"', 1000, 1000),
    ],
)
def test_pixels(text: str, low: int | None, high: int | None) -> None:
    assert parse(f"width:{text}") == tree.Width(low, high)
    assert parse(f"height:{text}") == tree.Height(low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2000", 2000, 2000),
        ("2B", 2, 2),
        ("2KB", 2000, 2000),
        ("2MB", 2_000_000, 2_000_000),
        ("2GB", 2 * 10**9, 2 * 10**9),
        ("2TB", 2 * 10**12, 2 * 10**12),
        ("2KiB", 2048, 2048),
        ("2MiB", 2 * 2**20, 2 * 2**20),
        ("2GiB", 2 * 2**30, 2 * 2**30),
        ("2TiB", 2 * 2**40, 2 * 2**40),
        ("2mb", 2_000_000, 2_000_000),
        ("1.5KB", 1500, 1500),
        ("<2MB", None, 1_999_999),
        (">2MB", 2_000_001, None),
        # Between two whole numbers of bytes
        (">1.0001KB", 1001, None),
        (">=1.0001KB", 1001, None),
        ("<1.0001KB", None, 1000),
        ("<=1.0001KB", None, 1000),
        ("1.0001KB..2.0001KB", 1001, 2000),
        ("0..2MB", 0, 2_000_000),
        ("500..2000", 500, 2000),
        # What a float would round
        ("9007199.254740993GB", 9007199254740993, 9007199254740993),
    ],
)
def test_file_size(text: str, low: int | None, high: int | None) -> None:
    assert parse(f"size:{text}") == tree.Size(low, high)


@pytest.mark.parametrize(
    ("text", "fault", "said"),
    [
        ("width:1.5", "1.5", "digits only"),
        ("width:-1", "-1", "digits only"),
        ("width:1e3", "1e3", "digits only"),
        ("width:1_000", "1_000", "digits only"),
        ("width:\u0661", "\u0661", "digits only"),
        ("width:1000px", "1000px", "digits only"),
        ("width:>", ">", "value is missing"),
        ("width:>=", ">=", "value is missing"),
        ("width:==1", "=1", "digits only"),
        ("width:..", "..", "at least one end"),
        ("width:1...2", ".2", "digits only"),
        ("width:1..x", "x", "digits only"),
        ("width:x..1", "x", "digits only"),
        ("width:>=1..2", ">=1..2", "not both"),
        ("width:2..1", "2..1", "smaller number first"),
        ("width:<0", "0", "larger number"),
        ("width:2147483648", "2147483648", "2147483647"),
        ("width:>2147483647", ">2147483647", "2147483647"),
        ("size:" + 4000 * "9", 4000 * "9", "9223372036854775807"),
        ("size:1XB", "XB", "not a unit of size"),
        ("size:1M", "M", "not a unit of size"),
        ("size:MB", "MB", "not a size"),
        ("size:1.MB", "1.MB", "not a size"),
        ("size:1..2MB", "1", "both ends"),
        ("size:1.5..2MB", "1.5", "both ends"),
        ("size:1MB..2", "2", "both ends"),
        ("size:1.0001KB", "1.0001KB", "no whole number of bytes"),
        ("size:<2 MB", "MB", "without a space"),
        ("size:<2 kib", "kib", "without a space"),
    ],
    ids=lambda value: value[:20],
)
def test_refused(text: str, fault: str, said: str) -> None:
    with pytest.raises(QuerySyntaxError, match=re.escape(said)) as caught:
        parse(text)
    start, length = caught.value.details["position"], caught.value.details["length"]
    assert text[start : start + length] == fault


@pytest.mark.parametrize("text", ['size:<2 "MB"', "size:<2MB gb", "size:<2 tag:mb", "width:2 MB"])
def test_a_unit_that_belongs_to_nothing_is_a_word(text: str) -> None:
    assert isinstance(parse(text), tree.And)


@given(
    st.integers(0, 2**31 - 2), st.sampled_from(["<", "<=", ">", ">=", "="]), st.integers(0, 2**31)
)
def test_comparisons_mean_what_python_means(bound: int, operator: str, width: int) -> None:
    try:
        node = parse(f"width:{operator}{bound}")
    except QuerySyntaxError:
        assert (operator, bound) == ("<", 0)
        return
    assert isinstance(node, tree.Width)
    inside = (node.at_least is None or node.at_least <= width) and (
        node.at_most is None or width <= node.at_most
    )
    meant = {
        "<": width < bound,
        "<=": width <= bound,
        ">": width > bound,
        ">=": width >= bound,
        "=": width == bound,
    }
    assert inside == meant[operator]

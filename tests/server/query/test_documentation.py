"""The page for users: every query on it is understood, and means what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from imgrepo_server.query import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    MAX_NESTING,
    QuerySyntaxError,
    parse,
    point_at,
    tree,
)
from imgrepo_server.query.fields import FIELDS

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PROSE = re.sub(r"^(```.*?^```|\|.*?)$", "", PAGE, flags=re.DOTALL | re.MULTILINE)
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not line.startswith("| ---")
]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def table(title: str, *, column: str) -> list[list[str]]:
    """The rows of all tables whose first column has that title and whose second the other."""
    wanted, rows = False, []
    for row in ROWS:
        if row[0] in {"Query", "Field"}:
            wanted = row[:2] == [title, column]
        elif wanted:
            rows.append(row)
    return rows


SHELL = [
    " ".join(word for word in shlex.split(line)[2:] if not re.fullmatch(r"--\w+|\d+", word))
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
]
EXAMPLES = [
    *SHELL,
    *(query for row in table("Query", column="Finds") for query in spans(row[0])),
    *(query for row in table("Field", column="Examples") for query in spans(row[1])),
    *(query for query in spans(PROSE) if query != "-"),  # an operator alone
]
SAME = [(spans(row[0])[0], spans(row[1])[0]) for row in table("Query", column="Same as")]
MISTAKES = [block for language, block in BLOCKS if language == "text"]


def bounds(node: tree.Node) -> tuple[object, ...]:
    """A range, or the two halves of one, as plain values."""
    if isinstance(node, tree.And):
        halves = zip(*map(bounds, node.parts), strict=True)
        return tuple(next((end for end in ends if end is not None), None) for ends in halves)
    assert isinstance(node, tree.Between | tree.During)
    return tuple(getattr(node, name) for name in node.__match_args__)


@pytest.mark.parametrize("query", EXAMPLES)
def test_example_is_understood(query: str) -> None:
    parse(query)


@pytest.mark.parametrize(("query", "same"), SAME)
def test_examples_mean_the_same(query: str, same: str) -> None:
    assert bounds(parse(query)) == bounds(parse(same))


@pytest.mark.parametrize("shown", MISTAKES)
def test_mistake_is_shown_so(shown: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(shown.splitlines()[0])
    details = caught.value.details
    pointed = point_at(details["query"], details["position"], details["length"])
    assert f"{pointed}\n{caught.value.message}\n" == shown


def test_page_names_every_field_with_an_example() -> None:
    documented = {name for row in table("Field", column="Examples") for name in spans(row[0])}
    assert documented == {f"{name}:" for name in FIELDS}
    for name, field in FIELDS.items():
        parse(f"{name}:{field.example}")


def test_page_gives_every_format_and_the_limits() -> None:
    assert {f"type:{name}" for name in tree.FORMAT_NAMES} <= set(EXAMPLES)
    for limit in (MAX_CONDITIONS, MAX_LENGTH, MAX_NESTING, tree.MAX_WORD_LENGTH):
        assert re.search(rf"\b{limit} (words|characters|levels)", PAGE)


def test_extraction_finds_the_examples() -> None:
    assert len(SHELL) == 4
    assert len(EXAMPLES) > 50
    assert len(SAME) > 20
    assert len(MISTAKES) == 5

"""How words, operators and parentheses make a tree, and what is refused."""

import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.query import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    MAX_NESTING,
    QuerySyntaxError,
    parse,
    point_at,
    to_text,
    tree,
)
from imgrepo_server.query.tree import And, Everything, Keyword, Not, Or, Tag, Title

A, B, C, D = map(Keyword, "abcd")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", Everything()),
        (" \t\n\u3000", Everything()),
        ("a", A),
        ("a b c", And((A, B, C))),
        ("a AND b", And((A, B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a OR b c OR d", Or((A, And((B, C)), D))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a(b)c", And((A, B, C))),
        ("(a b) c", And((And((A, B)), C))),
        ("-a b", And((Not(A), B))),
        ("NOT a b", And((Not(A), B))),
        ("a -b OR -(c d)", Or((And((A, Not(B))), Not(And((C, D)))))),
        ("NOT NOT a", Not(Not(A))),
        ("or and not", And((Keyword("or"), Keyword("and"), Keyword("not")))),
        ("ORANGE ANDY", And((Keyword("ORANGE"), Keyword("ANDY")))),
        ('"OR"', Keyword("OR")),
        ("well-known", Keyword("well-known")),
        (r"\x", Keyword(r"\x")),
        ('"a b"', Keyword("a b")),
        (r'"say \"hi\" \\ bye"', Keyword(r'say "hi" \ bye')),
        ('"12:30"', Keyword("12:30")),
        ('-"-a"', Not(Keyword("-a"))),
        ("tag:Beach", Tag("beach")),
        ('tag:"  New\tYork "', Tag("new york")),
        ("-tag:beach", Not(Tag("beach"))),
        ("title:a:b", Title("a:b")),
        ("title:-a", Title("-a")),
        ('title:"("', Title("(")),
        ("Title:a", Title("a")),
        ("日本 OR 東京", Or((Keyword("日本"), Keyword("東京")))),
    ],
)
def test_tree_of(text: str, node: tree.Node) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "carets", "said"),
    [
        ("cat AND", "    ^^^", "needs something after it"),
        ("OR cat", "^^", "needs something before it"),
        ("a OR OR b", "  ^^", "needs something after it"),
        ("a (OR b)", "   ^^", "needs something before it"),
        ("(a OR) b", "   ^^", "needs something after it"),
        ("NOT", "^^^", "needs something after it"),
        ("a -", "  ^", "needs something after it"),
        ("a - b", "  ^", "right before what it excludes"),
        ("()", "^^", "Nothing stands in these parentheses"),
        ("a (  )", "  ^^^^", "Nothing stands in these parentheses"),
        ("(a (b)", "^", "never closed"),
        ("(", "^", "never closed"),
        ("a) b", " ^", "closes nothing"),
        (")", "^", "closes nothing"),
        ('a "b c', "  ^", "never closed"),
        ('a"b', " ^", "inside a word"),
        ('title:a"b"', "       ^", "inside a word"),
        ('"a"b', "  ^^", "space after the closing quote"),
        (r'"a\n"', "  ^^", r"a backslash is written \\"),
        (r'"\\\n"', "   ^^", r"a backslash is written \\"),
        ("tags:beach", "^^^^^", "did you mean “tag:”?"),
        ("at 12:30", "   ^^^", 'quote it: "12:30"'),
        ("http://x", "^^^^^", 'quote it: "http://x"'),
        (":a", "^", 'quote it: ":a"'),
        ("zz: a", "^^^", 'quote it: "zz:"'),
        (r'zz:"a b"', "^^^", 'quote it: "zz:a b"'),
        ("tag:", "^^^^", "as in tag:beach"),
        ("tag: beach", "^^^^", "as in tag:beach"),
        ("tag:(a OR b)", "^^^^", "as in tag:beach"),
        ("is:privat", "   ^^^^^^", "did you mean “private”?"),
        ("is:up", "   ^^", "use one of gallery, private,"),
        ("type:jepg", "     ^^^^", "did you mean “jpeg”?"),
        ("type:xyz", "     ^^^", "use one of avif,"),
        ('title:""', "      ^^", "nothing to search for"),
        ("\u0301", "^", "nothing to search for"),
        ("tag:\u0007", "    ^", "control character U+0007"),
        ("tag:" + 101 * "x", "    " + 101 * "^", "shorten it to 100"),
        ("a \0", "  ^", "control character U+0000"),
        ("\ud83d", "^", "control character U+D83D"),
        ("a " + 1001 * "x", "  " + 1001 * "^", "at most 1000"),
        (MAX_CONDITIONS * "x " + "last", MAX_CONDITIONS * "  " + "^^^^", "leave out the rest"),
        (MAX_NESTING * "(" + "-a", MAX_NESTING * " " + "^", "simplify the query"),
        ((MAX_LENGTH + 1) * "x", (MAX_LENGTH - 1) * " " + "^", "shorten it to 4096"),
        (4000 * "(", MAX_NESTING * " " + "^", "simplify the query"),
        (4000 * "-", MAX_NESTING * " " + "^", "simplify the query"),
        (1000 * "NOT ", 4 * MAX_NESTING * " " + "^^^", "simplify the query"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_fault_of(text: str, carets: str, said: str) -> None:
    with pytest.raises(QuerySyntaxError, match=re.escape(said)) as caught:
        parse(text)
    start = len(carets) - len(carets.lstrip())
    assert caught.value.details["position"] == start
    assert caught.value.details["length"] == len(carets) - start


def test_unknown_field_lists_the_fields() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("colour:red")
    hint = caught.value.details["hint"]
    assert all(f"{name}:" in hint for name in ("tag", "title", "taken", "added", "size"))


def test_error_is_an_invalid_request_and_survives_a_process_boundary() -> None:
    with pytest.raises(ImgrepoError) as caught:
        parse("(")
    assert caught.value.code == ErrorCode.INVALID_REQUEST
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 (our own bytes)
    assert type(copy) is QuerySyntaxError
    assert (copy.code, copy.message, copy.details) == (
        caught.value.code,
        caught.value.message,
        caught.value.details,
    )


@pytest.mark.parametrize(
    "text",
    [
        MAX_NESTING * "(" + "a" + MAX_NESTING * ")",
        MAX_CONDITIONS * "x ",
        MAX_LENGTH * " ",
        (MAX_LENGTH // 6) * " " + "a",
    ],
)
def test_limits_themselves_are_accepted(text: str) -> None:
    parse(text)


SYMBOLS = [
    "(",
    ")",
    '"',
    "\\",
    "-",
    ":",
    " ",
    "..",
    "<",
    ">=",
    "=",
    "OR",
    "AND",
    "NOT",
    "tag",
    "is",
]
SYMBOLS += [
    "size",
    "taken",
    "added",
    "width",
    "2021",
    "-06",
    "MB",
    "1",
    "a",
    "é",
    "\0",
    "\n",
    "Z",
    "T",
]


@given(text=st.text() | st.lists(st.sampled_from(SYMBOLS), max_size=30).map("".join))
@settings(deadline=None, max_examples=500)
def test_whatever_is_typed_is_a_query_or_a_fault_with_its_place(text: str) -> None:
    try:
        node = parse(text)
    except QuerySyntaxError as error:
        place = error.details
        assert place["position"] >= 0
        assert place["length"] >= 1
        assert place["position"] + place["length"] <= len(place["query"]) == len(text)
        error.message.encode()
        place["query"].encode()
        point_at(place["query"], place["position"], place["length"]).encode()
    else:
        assert parse(to_text(node)) == node


def outside_quotes(text: str) -> list[str]:
    """The text cut where white space may be varied without changing a phrase."""
    return re.split(r'("(?:[^"\\]|\\.)*")', text)


@given(
    data=st.data(), spaces=st.lists(st.sampled_from([" ", "  ", "\t", "\n", "\u3000"]), min_size=1)
)
@settings(deadline=None)
def test_amount_and_kind_of_white_space_mean_nothing(
    trees: st.SearchStrategy[tree.Node], data: st.DataObject, spaces: list[str]
) -> None:
    node = data.draw(trees)
    pieces = outside_quotes(to_text(node))
    for index in range(0, len(pieces), 2):
        wider = pieces[index].replace(" ", spaces[index % len(spaces)])
        pieces[index] = wider.replace("(", "( ").replace(")", " )")
    assert parse(f"{spaces[0]}{''.join(pieces)}{spaces[-1]}") == node

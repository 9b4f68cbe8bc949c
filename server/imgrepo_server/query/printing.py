"""The tree as text again."""

from types import MappingProxyType
from typing import assert_never

from imgrepo_server.query import dates, numbers, tree
from imgrepo_server.query.words import as_keyword, as_value

_NAMES: MappingProxyType[type[tree.Node], str] = MappingProxyType(
    {
        tree.Title: "title",
        tree.Description: "description",
        tree.Camera: "camera",
        tree.Tag: "tag",
        tree.User: "user",
        tree.Is: "is",
        tree.Format: "type",
        tree.Width: "width",
        tree.Height: "height",
        tree.Size: "size",
        tree.Taken: "taken",
        tree.Added: "added",
    }
)


def to_text(node: tree.Node) -> str:
    """A query that parses to ``node`` again, without a quote or a parenthesis more than needed.

    Sizes are printed in the largest exact unit, dates and times in UTC. ``parse`` refuses the
    text of a node that is nested more deeply, has more conditions or is longer than it accepts.
    """
    match node:
        case tree.Everything():
            return ""
        case tree.And(parts):
            return " ".join(_grouped(part, tree.And, tree.Or) for part in parts)
        case tree.Or(parts):
            return " OR ".join(_grouped(part, tree.Or) for part in parts)
        case tree.Not(part):
            return "-" + _grouped(part, tree.And, tree.Or)
        case tree.Keyword(text):
            return as_keyword(text)
        case (
            tree.Title(value)
            | tree.Description(value)
            | tree.Camera(value)
            | tree.Tag(value)
            | tree.User(value)
            | tree.Is(value)
            | tree.Format(value)
        ):
            written = as_value(value)
        case tree.Width(low, high) | tree.Height(low, high):
            written = numbers.pixels_as_text(low, high)
        case tree.Size(low, high):
            written = numbers.file_size_as_text(low, high)
        case tree.Taken(start, end) | tree.Added(start, end):
            written = dates.as_text(start, end)
        case _:
            assert_never(node)
    return f"{_NAMES[type(node)]}:{written}"


def _grouped(part: tree.Condition, *weaker: type[tree.Node]) -> str:
    return f"({to_text(part)})" if isinstance(part, weaker) else to_text(part)

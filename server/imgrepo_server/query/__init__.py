"""The query language: :func:`parse` makes a tree of a text, :func:`to_text` a text of a tree.

Pure: it knows no images and no database. The nodes are in ``tree``, to be matched as
``case tree.Keyword(text)``; the grammar is in ``grammar``; ``docs/query-language.md`` is for users.
"""

from imgrepo_server.query import tree
from imgrepo_server.query.faults import QuerySyntaxError, point_at
from imgrepo_server.query.grammar import MAX_CONDITIONS, MAX_LENGTH, MAX_NESTING, parse
from imgrepo_server.query.printing import to_text

__all__ = [
    "MAX_CONDITIONS",
    "MAX_LENGTH",
    "MAX_NESTING",
    "QuerySyntaxError",
    "parse",
    "point_at",
    "to_text",
    "tree",
]

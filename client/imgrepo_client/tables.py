"""Tables of images that fit their terminal: pure functions from answers to lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from imgrepo_client.answers import DuplicateGroup, Image, Match
from imgrepo_client.names import printable

_GAP = "  "
_ID_WIDTH = 36
_SEEN_BY = MappingProxyType({"private": "only me", "shared": "some", "public": "all"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in a row, its heading, its width in cells. The last takes the rest.

    ``from_width`` is the narrowest terminal on which the column is worth its place.
    """

    key: str
    heading: str
    width: int
    from_width: int = 0


Row = dict[str, str]


def image_columns(width: int | None) -> list[Column]:
    """The columns of a list, for a terminal of so many cells; all of them without one."""
    columns = [
        Column("id", "ID", _ID_WIDTH),
        Column("added", "ADDED", 10, 90),
        Column("owner", "OWNER", 8, 72),
        Column("visibility", "SEEN BY", 7, 60),
        Column("pixels", "PIXELS", 11, 110),
        Column("size", "SIZE", 8, 120),
        Column("title", "TITLE", 0),
    ]
    return _fitting(columns, width)


def match_columns(width: int | None) -> list[Column]:
    """The columns of a search by image."""
    columns = [
        Column("similarity", "LIKE", 4),
        Column("match", "MATCH", 7, 66),
        Column("id", "ID", _ID_WIDTH),
        Column("reason", "WHY", 28, 100),
        Column("owner", "OWNER", 8, 120),
        Column("title", "TITLE", 0),
    ]
    return _fitting(columns, width)


def image_row(image: Image) -> Row:
    """What a list says about an image."""
    return {
        "id": image["id"],
        "added": image["created_at"][:10],
        "owner": image["owner"],
        "visibility": _SEEN_BY.get(image["visibility"], image["visibility"]),
        "pixels": f"{image['width']}x{image['height']}",
        "size": file_size(image["size"]),
        "title": image["title"],
    }


def match_row(match: Match) -> Row:
    """What a search by image says about an image."""
    return {
        **image_row(match),
        "similarity": f"{match['similarity']:.0%}",
        "match": match["match"],
        "reason": match.get("reason", match["orientation"].replace("_", " ")),
    }


def group_lines(group: DuplicateGroup, *, width: int | None) -> list[str]:
    """A group of duplicates: the copy to keep, then the others, and an empty line."""
    columns = [
        Column("what", "", 7),
        Column("id", "ID", _ID_WIDTH),
        Column("pixels", "PIXELS", 11, 80),
        Column("size", "SIZE", 8, 72),
        Column("added", "ADDED", 10, 110),
        Column("title", "TITLE", 0),
    ]
    rows = [{**image_row(group["best"]), "what": "keep"}]
    rows += [{**image_row(copy), "what": copy["match"]} for copy in group["others"]]
    return [*table_lines(_fitting(columns, width), rows, width=width, heading=False), ""]


def table_lines(
    columns: Sequence[Column], rows: Sequence[Row], *, width: int | None, heading: bool
) -> list[str]:
    """Aligned lines, cut to ``width`` cells; not cut at all for None."""
    lines = []
    if heading and rows:
        lines.append(_line(columns, {column.key: column.heading for column in columns}, width))
    lines.extend(_line(columns, row, width) for row in rows)
    return lines


def file_size(size: int) -> str:
    """Bytes for people, in powers of ten."""
    from rich.filesize import decimal  # noqa: PLC0415 - many commands show no size

    return decimal(size)


def counted(count: int, what: str) -> str:
    """So many of something that has a regular plural: ``1 image``, ``2,000 images``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _fitting(columns: Sequence[Column], width: int | None) -> list[Column]:
    return [column for column in columns if width is None or column.from_width <= width]


def _line(columns: Sequence[Column], row: Row, width: int | None) -> str:
    *fixed, last = columns
    cells = [_cell(printable(row[column.key]), column.width, cut=width) for column in fixed]
    start = _GAP.join([*cells, ""])
    text = printable(row[last.key])
    if width is not None:
        text = _shortened(text, max(width - sum(map(_cells, cells)) - len(_GAP) * len(cells), 8))
    return (start + text).rstrip()


def _cell(text: str, width: int, *, cut: int | None) -> str:
    if cut is not None and width != _ID_WIDTH:
        text = _shortened(text, width)
    return text + " " * (width - _cells(text))


def _shortened(text: str, width: int) -> str:
    if _cells(text) <= width:
        return text
    from rich.cells import set_cell_size  # noqa: PLC0415 - needed for long text only

    return set_cell_size(text, width - 1).rstrip() + "…"


def _cells(text: str) -> int:
    """How many cells of a terminal the text takes: wide characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - needed for such text only

    return cell_len(text)

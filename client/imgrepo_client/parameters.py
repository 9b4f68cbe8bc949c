"""What callers ask for, in the words of the server's API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from imgrepo_client.fields import Fields


@dataclass(frozen=True, slots=True)
class Filter:
    """Which images are meant; everything given must hold."""

    query: str | None = None
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    user: str | None = None
    gallery: bool = False

    def params(self) -> list[tuple[str, str]]:
        """As query parameters."""
        params = [("keyword", word) for word in self.keywords]
        params += [("tag", tag) for tag in self.tags]
        if self.query is not None:
            params.append(("q", self.query))
        if self.user is not None:
            params.append(("user", self.user))
        if self.gallery:
            params.append(("gallery", "true"))
        return params


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Nearness:
    """How unlike at most, from 0 to 192, and how many a page; pictures without detail if asked."""

    distance: float
    limit: int
    flat: bool = False

    def params(self, cursor: str | None) -> list[tuple[str, str]]:
        """As query parameters."""
        params = [("distance", str(self.distance)), ("limit", str(self.limit))]
        if self.flat:
            params.append(("flat", "true"))
        if cursor is not None:
            params.append(("cursor", cursor))
        return params


@dataclass(frozen=True, slots=True)
class OnSimilar:
    """What the server does about a picture like one that it has: ``report`` it, or ``skip``.

    ``distance`` bounds what is like it; None leaves that to the server.
    """

    action: Literal["report", "skip"] = "report"
    distance: float | None = None


def upload_fields(
    fields: Fields, sha256: str | None = None, on_similar: OnSimilar | None = None
) -> dict[str, object]:
    """All that goes with one file of an upload; what was not said is left out."""
    said: dict[str, object] = {
        "tags": list(fields.tags) or None,
        "title": fields.title,
        "description": fields.description,
        "visibility": fields.visibility,
        "exif_tags": fields.exif_tags or None,
        "sha256": sha256,
    }
    if on_similar is not None:
        said |= {"on_similar": on_similar.action, "distance": on_similar.distance}
    return {name: value for name, value in said.items() if value is not None}


def as_form(said: Mapping[str, object]) -> list[tuple[str, str]]:
    """The same as fields of a form, lists as repeated ones."""
    form: list[tuple[str, str]] = []
    for name, value in said.items():
        if isinstance(value, list):
            form += [(name, str(item)) for item in value]
        else:
            form.append((name, "true" if value is True else str(value)))
    return form


def as_json(said: Mapping[str, object]) -> bytes:
    """The same as JSON. What no UTF-8 can say becomes what it becomes in a form."""
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")

"""What callers ask for, in the words of the server's API."""

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

    def form(self) -> list[tuple[str, str]]:
        """As fields of a form."""
        form: list[tuple[str, str]] = [("on_similar", self.action)]
        if self.distance is not None:
            form.append(("distance", str(self.distance)))
        return form


def form_fields(fields: Fields) -> list[tuple[str, str]]:
    """What is said about an image, as the fields of a form."""
    form = [("tags", tag) for tag in fields.tags]
    for name, value in (
        ("title", fields.title),
        ("description", fields.description),
        ("visibility", fields.visibility),
    ):
        if value is not None:
            form.append((name, value))
    if fields.exif_tags:
        form.append(("exif_tags", "true"))
    return form

"""What callers ask for, in the words of the server's API."""

from dataclasses import dataclass

from imgrepo_client.fields import Fields


@dataclass(frozen=True, slots=True)
class Filter:
    """Which images are meant; everything given must hold."""

    query: str | None = None
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    user: str | None = None

    def params(self) -> list[tuple[str, str]]:
        """As query parameters."""
        params = [("keyword", word) for word in self.keywords]
        params += [("tag", tag) for tag in self.tags]
        if self.query is not None:
            params.append(("q", self.query))
        if self.user is not None:
            params.append(("user", self.user))
        return params


EVERYTHING = Filter()


def nearness(wanted: Filter, distance: float, limit: int) -> list[tuple[str, str]]:
    """The parameters of a search by image."""
    return [*wanted.params(), ("distance", str(distance)), ("limit", str(limit))]


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
    return form

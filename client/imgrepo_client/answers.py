"""The shapes of a server's answers, as it sends them: times are ISO 8601 in UTC, sizes bytes."""

from typing import Any, Literal, NotRequired, TypedDict


class Links(TypedDict):
    """Where the bytes are: paths on the server, beginning with ``/api/v1/``."""

    file: str
    preview: str


class Image(TypedDict):
    """One person's image."""

    id: str
    title: str
    filename: str
    description: str
    tags: list[str]
    visibility: Literal["public", "private"]
    owner: str
    sha256: str
    size: int
    width: int
    height: int
    format: str
    taken_at: str | None
    created_at: str
    trashed_at: NotRequired[str | None]
    exif: NotRequired[dict[str, Any]]
    links: Links


class Match(Image):
    """An image found by another image.

    ``distance`` is from 0 to 192, ``similarity`` 1 for the same picture and 0 for strangers,
    ``match`` one of same, near, similar, weak; ``orientation`` is how the query had to be turned.
    """

    distance: float
    similarity: float
    match: str
    orientation: str


class Page(TypedDict):
    """Some images, and where the next ones are; no cursor after the last."""

    images: list[Image]
    next_cursor: str | None


class User(TypedDict):
    """An account."""

    name: str
    email: NotRequired[str | None]
    role: NotRequired[str]
    created_at: NotRequired[str]


class Usage(TypedDict):
    """What an account holds."""

    images: int
    bytes: int


class Me(TypedDict):
    """The account that asks. ``quota`` is None where nothing is limited."""

    user: User
    usage: Usage
    tier: str | None
    quota: dict[str, Any] | None


class Session(TypedDict):
    """A fresh login. ``token`` is a secret."""

    token: str
    expires_at: str
    user: User


class Uploaded(TypedDict):
    """A received image; ``duplicate`` where the account had these bytes already."""

    image: Image
    duplicate: bool


class Tag(TypedDict):
    """A tag and how many images with it the caller may see."""

    name: str
    count: int


class Verdict(TypedDict):
    """What reading the stored bytes again showed; ``sha256`` is theirs, where there are any."""

    id: str
    status: Literal["ok", "missing", "different"]
    sha256: str | None

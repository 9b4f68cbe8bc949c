"""The shapes of a server's answers, as it sends them: times are ISO 8601 in UTC, sizes bytes."""

from typing import Any, Literal, NotRequired, TypedDict


class Links(TypedDict):
    """Where the bytes are: paths on the server, beginning with ``/api/v1/``."""

    file: str
    preview: str


class Image(TypedDict):
    """One person's image. ``shared_with`` are names, for its owner; None for everybody else.

    Its original is for accounts of ``gallery_tier`` or above, where it is in the gallery.
    """

    id: str
    title: str
    filename: str
    description: str
    tags: list[str]
    visibility: Literal["public", "private", "shared", "gallery"]
    shared_with: NotRequired[list[str] | None]
    gallery_tier: NotRequired[str | None]
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
    share_location: NotRequired[bool | None]
    links: Links


class Match(Image):
    """An image found by another image.

    ``distance`` is from 0 to 192, ``similarity`` 1 for the same picture and 0 for strangers,
    ``match`` one of same, near, similar, weak; ``orientation`` is how the query had to be turned,
    ``views`` which parts were compared (whole or box), ``reason`` both in a few words.
    """

    distance: float
    similarity: float
    match: str
    orientation: str
    views: NotRequired[dict[str, str]]
    reason: NotRequired[str]


class MatchPage(TypedDict):
    """Images like a query, nearest first; ``flat`` where the query itself has hardly any detail.

    ``incomplete`` where some images cannot be found before the server was told to ``reindex``.
    """

    matches: list[Match]
    next_cursor: NotRequired[str | None]
    flat: NotRequired[bool]
    incomplete: NotRequired[bool]


class Neighbour(TypedDict):
    """A label next to another: the distance where it begins, and how far away that is."""

    match: str
    distance: float
    away: float


class Why(TypedDict):
    """How two images compare: the bits in which each hash of their closest views differs."""

    distance: float
    similarity: float
    match: str
    orientation: str
    views: dict[str, str]
    reason: str
    hashes: dict[str, int]
    closer: Neighbour | None
    farther: Neighbour | None


class Copy(Image):
    """A copy that is not the best one of its group; ``distance`` is to the best one."""

    distance: float
    match: str


class DuplicateGroup(TypedDict):
    """Images of one picture; deleting the others would free so many bytes."""

    best: Image
    others: list[Copy]
    frees: int


class DuplicatesPage(TypedDict):
    """Groups that free the most first; the totals are of all pages."""

    groups: list[DuplicateGroup]
    total: int
    frees: int
    next_cursor: str | None


class NewLink(TypedDict):
    """A link that was made just now. Whoever has ``url`` sees the image: it is a secret."""

    id: str
    url: str
    expires_at: str


class Link(TypedDict):
    """A link that still works, without its secret part."""

    id: str
    image_id: str
    title: str
    preview_only: bool
    created_at: str
    expires_at: str


class Ended(TypedDict):
    """How many links to an image have ended now."""

    ended: int


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
    """The account that asks. ``quota`` is None where nothing is limited.

    Otherwise it has ``bytes_per_image``, ``images`` and ``bytes``, each None where without limit.
    """

    user: User
    usage: Usage
    tier: str | None
    quota: dict[str, Any] | None


class Key(TypedDict):
    """An API key without its secret; ``last_used_at`` is to the hour."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class NewKey(TypedDict):
    """A key that was made just now. ``secret`` is a secret, and the only copy."""

    key: Key
    secret: str


class Session(TypedDict):
    """A fresh login. ``token`` is a secret."""

    token: str
    expires_at: str
    user: User


class NearCopy(TypedDict):
    """The image nearest to one that was uploaded."""

    id: str
    distance: float
    match: str
    title: str


class Uploaded(TypedDict):
    """A received image; ``duplicate`` where the account had these bytes already.

    ``similar`` where that was asked and there is one; ``image`` is None where the upload was
    therefore not kept. ``similar_withheld`` where nothing was looked for, because the key is not
    for reading.
    """

    image: Image | None
    duplicate: bool
    similar: NotRequired[NearCopy | None]
    similar_withheld: NotRequired[bool]


class Tag(TypedDict):
    """A tag and how many images with it the caller may see."""

    name: str
    count: int


class Renamed(TypedDict):
    """How many images carry ``tag`` now; ``merged`` where some had it already.

    Not ``complete`` where there are more: the same request again goes on.
    """

    tag: str
    images: int
    merged: bool
    complete: bool


class Verdict(TypedDict):
    """What reading the stored bytes again showed; ``sha256`` is theirs, where there are any."""

    id: str
    status: Literal["ok", "missing", "different"]
    sha256: str | None

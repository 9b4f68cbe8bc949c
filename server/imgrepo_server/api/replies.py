"""What replies look like, and how the domain's values become them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from imgrepo_server.errors import ErrorCode
from imgrepo_server.imaging.explanation import Explanation, Neighbour, reason
from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.imaging.query import Orientation, Region
from imgrepo_server.models import Image, Role, Tier, User, Viewer, Visibility
from imgrepo_server.services.accounts import Login
from imgrepo_server.services.duplicates import DuplicateGroup
from imgrepo_server.services.ingest import Added
from imgrepo_server.services.similar import SimilarImage
from imgrepo_server.services.verification import VerifiedStatus

API = "/api/v1"


class Reply(BaseModel):
    """What a client gets: fields may be added."""

    model_config = ConfigDict(frozen=True)


class UserBody(Reply):
    """An account, as its owner sees it."""

    name: str
    email: str | None
    role: Role
    created_at: datetime


class LoginBody(Reply):
    """A login: the token is shown here and nowhere else."""

    token: str
    expires_at: datetime
    user: UserBody


class UsageBody(Reply):
    """What an account's images amount to, the trash included."""

    images: int
    bytes: int


class QuotaBody(Reply):
    """What the account may hold, the trash included; null is without limit."""

    bytes_per_image: int | None
    images: int | None
    bytes: int | None


class MeBody(Reply):
    """The caller. ``tier`` and ``quota`` are null where nothing is limited."""

    user: UserBody
    usage: UsageBody
    tier: Tier | None
    quota: QuotaBody | None


class LinksBody(Reply):
    """URL paths of an image's bytes and of its preview."""

    file: str
    preview: str


class ImageBody(Reply):
    """An image. Times are UTC, ``size`` is in bytes, ``width`` and ``height`` in pixels.

    ``exif`` tells where it was taken to its owner, and to others where ``share_location`` is true;
    that one is null for them, and so is ``shared_with``, the names that its owner gave.
    In the gallery, the original is for accounts of ``gallery_tier`` or above.
    """

    id: UUID
    title: str
    filename: str
    description: str
    tags: tuple[str, ...]
    visibility: Visibility
    shared_with: tuple[str, ...] | None
    gallery_tier: Tier | None
    owner: str
    sha256: str
    size: int
    width: int
    height: int
    format: str
    taken_at: datetime | None
    created_at: datetime
    trashed_at: datetime | None
    exif: dict[str, Any]
    share_location: bool | None
    links: LinksBody


class ViewsBody(Reply):
    """Which parts were compared: the whole picture, or the box inside of its border.

    ``wider``: the whole query, continued a little at its edges, as if it had been cropped.
    """

    query: Region
    found: Region


class MatchBody(ImageBody):
    """An image like the query: ``distance`` 0 to 192, ``similarity`` from 1 down to 0.

    ``orientation`` is how the query had to be turned, ``reason`` the same in words for people.
    """

    distance: float
    similarity: float
    match: Match
    orientation: Orientation
    views: ViewsBody
    reason: str


class NeighbourBody(Reply):
    """A label next to a match's own: the distance where it begins, and how far away that is."""

    match: Match
    distance: float
    away: float


class HashesBody(Reply):
    """In how many bits each hash differs: of 64, 64 and 256."""

    phash64: int
    dhash64: int
    phash256: int


class ExplanationReply(Reply):
    """The closest pair of views of two images. The distance is phash64 + dhash64 + phash256 / 4."""

    distance: float
    similarity: float
    match: Match
    orientation: Orientation
    views: ViewsBody
    reason: str
    hashes: HashesBody
    closer: NeighbourBody | None
    farther: NeighbourBody | None


class ImageReply(Reply):
    """One image."""

    image: ImageBody


class SimilarBody(Reply):
    """The image nearest to an upload."""

    id: UUID
    distance: float
    match: Match
    title: str


class UploadReply(Reply):
    """The image; ``duplicate`` where the caller already had these bytes.

    ``similar`` is what ``on_similar`` found, if it was asked; ``image`` is null where the upload
    was therefore not kept. ``similar_withheld``: it was asked, and nothing was looked for, because
    the caller's key is not for reading.
    """

    image: ImageBody | None
    duplicate: bool
    similar: SimilarBody | None = None
    similar_withheld: bool = False


class ImagesReply(Reply):
    """A page; ``next_cursor`` is null on the last one."""

    images: tuple[ImageBody, ...]
    next_cursor: str | None


class MatchesReply(Reply):
    """Nearest first; ``next_cursor`` is null on the last page.

    ``flat``: the query has hardly any detail, and finds other such pictures only when asked to.
    ``incomplete``: some images cannot be found until ``imgrepo-server reindex`` has come to them.
    """

    matches: tuple[MatchBody, ...]
    next_cursor: str | None
    flat: bool
    incomplete: bool


class CopyBody(ImageBody):
    """A copy that is not the best one of its group; ``distance`` is to the best one."""

    distance: float
    match: Match


class DuplicateGroupBody(Reply):
    """Images of one picture. ``frees``: bytes that deleting the others would free."""

    best: ImageBody
    others: tuple[CopyBody, ...]
    frees: int


class DuplicatesReply(Reply):
    """Groups that free the most first; ``total`` groups in all, which together free ``frees``."""

    groups: tuple[DuplicateGroupBody, ...]
    total: int
    frees: int
    next_cursor: str | None


class CheckReply(Reply):
    """The caller's images by hash; unknown hashes are left out."""

    known: dict[str, UUID]


class VerifiedBody(Reply):
    """``sha256`` is of the bytes as they were read just now."""

    id: UUID
    status: VerifiedStatus
    sha256: str | None


class VerifyReply(Reply):
    """In the order of the request."""

    results: tuple[VerifiedBody, ...]


class TagBody(Reply):
    """A tag, and how many images the caller can see with it."""

    name: str
    count: int


class TagsReply(Reply):
    """Most used first."""

    tags: tuple[TagBody, ...]


class RenamedReply(Reply):
    """How many images carry ``tag`` now; ``merged`` where some had it already.

    Not ``complete`` where there are more: the same request again goes on.
    """

    tag: str
    images: int
    merged: bool
    complete: bool


class HealthReply(Reply):
    """The server can read its database."""

    status: str


class ErrorFacts(Reply):
    """A fault: a code of the closed list, a sentence, and facts that differ by code."""

    code: ErrorCode
    message: str
    details: dict[str, Any]
    request_id: str


class ErrorBody(Reply):
    """The body of every fault."""

    error: ErrorFacts


def user_body(user: User) -> UserBody:
    """An account, for its owner."""
    return UserBody(name=user.name, email=user.email, role=user.role, created_at=user.created_at)


def login_body(login: Login) -> LoginBody:
    """A fresh login."""
    return LoginBody(token=login.token, expires_at=login.expires_at, user=user_body(login.user))


def image_body(image: Image, viewer: Viewer) -> ImageBody:
    """An image, for somebody who may see it."""
    return ImageBody(**_image_fields(image, viewer))


def upload_reply(added: Added, viewer: Viewer, *, similar_withheld: bool) -> UploadReply:
    """The outcome of an upload."""
    similar = added.similar
    return UploadReply(
        image=None if added.image is None else image_body(added.image, viewer),
        duplicate=added.duplicate,
        similar=None
        if similar is None
        else SimilarBody(
            id=similar.image_id,
            distance=similar.distance,
            match=similar.match,
            title=similar.title,
        ),
        similar_withheld=similar_withheld,
    )


def match_body(found: SimilarImage, viewer: Viewer) -> MatchBody:
    """An image that was found by another one."""
    return MatchBody(
        **_image_fields(found.image, viewer),
        distance=found.distance,
        similarity=round(found.similarity, 4),
        match=found.match,
        orientation=found.orientation,
        views=ViewsBody(query=found.views.query, found=found.views.found),
        reason=found.reason,
    )


def duplicate_group_body(group: DuplicateGroup, viewer: Viewer) -> DuplicateGroupBody:
    """A group, for the owner of its images."""
    return DuplicateGroupBody(
        best=image_body(group.best, viewer),
        others=tuple(
            CopyBody(**_image_fields(copy.image, viewer), distance=copy.distance, match=copy.match)
            for copy in group.others
        ),
        frees=group.frees,
    )


def explanation_reply(why: Explanation) -> ExplanationReply:
    """How two images compare."""
    distance = why.distance
    return ExplanationReply(
        distance=distance,
        similarity=round(similarity(distance), 4),
        match=match_of(distance),
        orientation=why.orientation,
        views=ViewsBody(query=why.views.query, found=why.views.found),
        reason=reason(distance, why.orientation, why.views),
        hashes=HashesBody(phash64=why.phash64, dhash64=why.dhash64, phash256=why.phash256),
        closer=_neighbour_body(why.closer),
        farther=_neighbour_body(why.farther),
    )


def _neighbour_body(neighbour: Neighbour | None) -> NeighbourBody | None:
    if neighbour is None:
        return None
    return NeighbourBody(match=neighbour.match, distance=neighbour.distance, away=neighbour.away)


def _image_fields(image: Image, viewer: Viewer) -> dict[str, Any]:
    path = f"{API}/images/{image.id}"
    own = image.owner_id == viewer.user_id
    return {
        **{name: getattr(image, name) for name in ImageBody.model_fields if name != "links"},
        "exif": image.exif_for(viewer),
        "share_location": image.share_location if own else None,
        "links": LinksBody(file=f"{path}/file", preview=f"{path}/preview"),
    }

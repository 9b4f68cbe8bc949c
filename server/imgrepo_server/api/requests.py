"""What requests look like. The OpenAPI description is generated from these."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from imgrepo_server.models import MAX_TITLE, Scope, Sort, Tier, Visibility
from imgrepo_server.services.links import LONGEST
from imgrepo_server.text import fold, normalize_tag

MOST_SECONDS = 100 * 365 * 86400
_USER_NAME = r"^\w[\w.@+-]*$"


class Request(BaseModel):
    """What a client sends: an unknown field is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _said(rule: str) -> WrapValidator:
    """The whole rule as a sentence, in the place of whichever constraint was not met."""

    def check(value: object, constrained: ValidatorFunctionWrapHandler) -> object:
        try:
            return constrained(value)
        except ValidationError:
            raise ValueError(rule) from None

    return WrapValidator(check)


def _sayable(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    if not fold(name):
        raise ValueError("A user name needs a letter or a digit.")
    return name


def _tag(name: str) -> str:
    return normalize_tag(name)


def _one_line(text: str) -> str:
    """Titles are shown in lists: control characters become blanks."""
    shown = (" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(shown).split())


def _named(name: str) -> str:
    if not name:
        raise ValueError("A key needs a name that says what it is for")
    return name


def _storable(text: str) -> str:
    """Neither NUL nor lone surrogates can be kept as text by every database."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _number(text: str | int) -> int:
    return int(text)


UserName = Annotated[
    str,
    StringConstraints(pattern=_USER_NAME, min_length=1, max_length=64),
    _said(
        "A user name begins with a letter, a digit or _, goes on with these and . @ + -, and has "
        "64 characters at the most"
    ),
    AfterValidator(_sayable),
]
Password = Annotated[
    str,
    StringConstraints(min_length=10, max_length=1024),
    _said("A password has at least 10 characters, and 1,024 at the most"),
]
KeyName = Annotated[
    str,
    Field(max_length=100),
    AfterValidator(_one_line),
    AfterValidator(_storable),
    AfterValidator(_named),
]
Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, to_lower=True)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]
Title = Annotated[
    str, AfterValidator(_one_line), AfterValidator(_storable), Field(max_length=MAX_TITLE)
]
Description = Annotated[str, AfterValidator(_storable), Field(max_length=20_000)]
Tag = Annotated[str, Field(max_length=400), AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=200)]
Keyword = Annotated[str, Field(max_length=400)]
PreviewSize = Annotated[Literal[256, 512, 1024], BeforeValidator(_number)]
Distance = Annotated[float, Field(ge=0, le=192)]


def _chosen(visibility: Visibility) -> Visibility:
    if visibility is Visibility.SHARED:
        raise ValueError("To share an image, name the people in share_with of PATCH /images/{id}")
    if visibility is Visibility.GALLERY:
        raise ValueError("For the gallery, give its gallery_tier to PATCH /images/{id}")
    return visibility


def _person(name: str) -> str:
    if not re.fullmatch(_USER_NAME, name):
        raise ValueError("This can be nobody's user name; give names one by one")
    return _sayable(name)


ChosenVisibility = Annotated[Visibility, AfterValidator(_chosen)]
Person = Annotated[str, Field(max_length=64), AfterValidator(_person)]
People = Annotated[tuple[Person, ...], Field(max_length=100)]


class Registration(Request):
    """A new account; ``invitation`` is a code where only invited people may have one."""

    username: UserName
    password: Password
    email: Email | None = None
    invitation: Annotated[str, Field(max_length=100)] | None = None


class Credentials(Request):
    """Who logs in."""

    username: Annotated[str, Field(max_length=400)]
    password: Annotated[str, Field(max_length=1024)]


class PasswordChange(Request):
    """A new password, and the current one as proof."""

    current_password: Annotated[str, Field(max_length=1024)]
    new_password: Password


class KeyCreation(Request):
    """A new API key, for ``expires_in`` seconds or until it is revoked."""

    name: KeyName
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    expires_in: Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None = None


class LogoutQuery(Request):
    """``everywhere``: every login of the account."""

    everywhere: bool = False


class OnSimilar(StrEnum):
    """What to do about an upload that looks like an image which its owner may see.

    Keep it; keep it and tell; or tell and not keep it.
    """

    STORE = "store"
    REPORT = "report"
    SKIP = "skip"


class UploadFields(Request):
    """The form fields beside ``file``.

    Title and description default to those inside the file, the title then to the file's name;
    keywords inside the file become tags, with ``exif_tags`` also the camera and the year.
    ``distance`` bounds what ``on_similar`` takes for similar.
    """

    title: Title | None = None
    description: Description | None = None
    tags: Tags = ()
    exif_tags: bool = False
    visibility: ChosenVisibility = Visibility.PUBLIC
    sha256: Sha256 | None = None
    on_similar: OnSimilar = OnSimilar.STORE
    distance: Distance = 28


class NoFields(Request):
    """A form that has nothing beside ``file``."""


def file_name(given: str) -> str:
    """The name of a file as a client gave it: only ever text, without folders."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return _storable(_one_line(name))[:1000] or "untitled"


class CheckRequest(Request):
    """Hashes to look for among the caller's own images."""

    sha256: Annotated[tuple[Sha256, ...], Field(max_length=5000)]


class VerifyRequest(Request):
    """Images whose stored bytes are to be read and hashed again."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=500)]


class Edit(Request):
    """What to change; what is left out stays.

    ``share_with`` names people who see the image beside its owner, and nobody else then does;
    names that no account has are kept without effect. ``unshare`` takes people off; with the last
    of them the image becomes private, as it does with ``visibility``, which forgets them all.
    ``gallery_tier``, for administrators, publishes an image in the gallery; ``none`` makes one that
    is there private.
    ``share_location``: whether others may know where the image was taken.
    """

    title: Title | None = None
    description: Description | None = None
    visibility: ChosenVisibility | None = None
    share_with: People = ()
    unshare: People = ()
    gallery_tier: Tier | Literal["none"] | None = None
    share_location: bool | None = None
    add_tags: Tags = ()
    remove_tags: Tags = ()

    @model_validator(mode="after")
    def _one_audience(self) -> Self:
        given = [self.visibility, self.share_with or None, self.gallery_tier]
        if sum(one is not None for one in given) > 1:
            raise ValueError("Give only one of visibility, share_with and gallery_tier")
        return self


def _short_enough(seconds: int) -> int:
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"A link lasts {LONGEST.days} days at the most")
    return seconds


class LinkCreation(Request):
    """A link for ``expires_in`` seconds, to the original or, ``preview_only``, to its preview."""

    expires_in: Annotated[int, Field(ge=1), AfterValidator(_short_enough)] = 3600
    preview_only: bool = False


class SharedQuery(Request):
    """``size``: pixels of the long side, for a link to a preview."""

    size: PreviewSize = 512


class FilterQuery(Request):
    """Conditions of a list; all must hold. ``keyword`` and ``tag`` may be repeated.

    ``q`` is a query in the query language; ``gallery`` leaves nothing but the gallery.
    """

    q: str = ""
    keyword: Annotated[tuple[Keyword, ...], Field(max_length=100)] = ()
    tag: Tags = ()
    user: Keyword | None = None
    gallery: bool = False


class ListQuery(FilterQuery):
    """A page of a list."""

    sort: Sort = Sort.NEWEST
    limit: Annotated[int, Field(ge=1, le=200)] = 20
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class SimilarQuery(FilterQuery):
    """A search by image. ``flat``: pictures without detail take part."""

    distance: Distance = 40
    limit: Annotated[int, Field(ge=1, le=200)] = 20
    flat: bool = False
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class DuplicatesQuery(Request):
    """A page of groups. ``flat``: pictures without detail take part."""

    distance: Annotated[float, Field(ge=0, le=40)] = 28
    flat: bool = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class Distinction(Request):
    """Two own images that are ``different`` pictures, or may be proposed as duplicates again."""

    ids: tuple[UUID, UUID]
    different: bool = True


class WhyQuery(Request):
    """The image to compare with."""

    other: UUID


class FileQuery(Request):
    """With ``strip=metadata``, without EXIF, XMP, IPTC and comments; the pixels stay the same."""

    strip: Literal["metadata"] | None = None


class PreviewQuery(Request):
    """``size``: pixels of the long side."""

    size: PreviewSize = 512


class DeleteQuery(Request):
    """With ``purge``, for good; otherwise into the trash."""

    purge: bool = False


class TagsQuery(Request):
    """Tags that begin with ``prefix``."""

    prefix: Annotated[str, Field(max_length=400)] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000


class TagRenaming(Request):
    """The tag ``old`` is to be called ``new`` on the caller's own images."""

    old: Tag
    new: Tag


class NoQuery(Request):
    """A route without query parameters."""

"""What single fields of requests may hold; several nouns share most of them."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    FailFast,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from imgrepo_server.models import MAX_TITLE, Visibility
from imgrepo_server.text import fold, normalize_tag

_USER_NAME = r"^\w[\w.@+-]*$"


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
Tags = Annotated[tuple[Tag, ...], Field(max_length=200), FailFast()]
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


def file_name(given: str) -> str:
    """The name of a file as a client gave it: only ever text, without folders."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return _storable(_one_line(name))[:1000] or "untitled"

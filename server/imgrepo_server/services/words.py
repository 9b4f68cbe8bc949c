"""The words under which an upload is kept: what a person says, then what the file says."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from imgrepo_server.errors import ImgrepoError
from imgrepo_server.models import MAX_TAGS, MAX_TITLE, Examination, NewImage, Said
from imgrepo_server.text import normalize_tag


def completed(said: Said, facts: Examination) -> NewImage:
    """What was said, completed by what the file says; its keywords are tags beside those given.

    Scripts find an image by its file's name where they gave no title; so the title inside a file
    begins the description instead.
    """
    exif = facts.exif
    title = said.title or said.filename
    description = _caption(exif) if said.description is None else said.description
    words = [*exif.get("keywords", ()), *(_camera_and_year(facts) if said.exif_tags else ())]
    tags = tuple(dict.fromkeys((*said.tags, *_as_tags(words))))[:MAX_TAGS] if words else said.tags
    return NewImage(
        title=title[:MAX_TITLE],
        filename=said.filename,
        description=description,
        tags=tags,
        visibility=said.visibility,
    )


def _caption(exif: Mapping[str, Any]) -> str:
    """Title and description from the file, each said once."""
    title, description = " ".join(exif.get("title", "").split()), exif.get("description", "")
    return description if title in description else f"{title}\n{description}".strip()


def _as_tags(words: list[str]) -> Iterator[str]:
    """What can be a tag; a sentence among a file's keywords is no reason to refuse the file."""
    for word in words:
        with suppress(ImgrepoError):
            yield normalize_tag(word)


def _camera_and_year(facts: Examination) -> Iterator[str]:
    camera = _camera(facts.exif)
    if camera:
        yield camera
    if facts.taken_at is not None:
        # By the camera's own calendar: New Year's Eve is not everywhere at the same time.
        year = (facts.taken_at + _offset(facts.exif.get("taken_offset"))).year
        yield f"{year:04}"


def _camera(exif: Mapping[str, Any]) -> str:
    """Make and model, the make only once: NIKON CORPORATION and NIKON D90 are a "NIKON D90"."""
    make, model = str(exif.get("make", "")), str(exif.get("model", ""))
    first = model.casefold().partition(" ")[0]
    return model if first and first in make.casefold().split() else f"{make} {model}".strip()


def _offset(written: str | None) -> timedelta:
    if written is None:
        return timedelta(0)
    hours, minutes = int(written[1:3]), int(written[4:6])
    distance = timedelta(hours=hours, minutes=minutes)
    return -distance if written[0] == "-" else distance

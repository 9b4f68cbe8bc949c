"""What is asked of lists, and of searches by image."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import Distance, Keyword, Tags
from imgrepo_server.models import Sort


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


class WhyQuery(Request):
    """The image to compare with."""

    other: UUID

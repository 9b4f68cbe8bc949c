"""What is asked of images that are the same picture."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from imgrepo_server.api.requests import Request


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

"""What is asked of tags."""

from typing import Annotated

from pydantic import Field

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import Tag


class TagsQuery(Request):
    """Tags that begin with ``prefix``."""

    prefix: Annotated[str, Field(max_length=400)] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000


class TagRenaming(Request):
    """The tag ``old`` is to be called ``new`` on the caller's own images."""

    old: Tag
    new: Tag

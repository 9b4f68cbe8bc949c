"""What is asked of links."""

from typing import Annotated

from pydantic import AfterValidator, Field

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import PreviewSize
from imgrepo_server.services.links import LONGEST


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

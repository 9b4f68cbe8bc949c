"""Links over HTTP."""

from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from imgrepo_server.api.context import Call
from imgrepo_server.api.files import send_original, send_preview
from imgrepo_server.api.prefix import API
from imgrepo_server.api.replies import Reply
from imgrepo_server.api.requests.links import LinkCreation, SharedQuery
from imgrepo_server.models import Link, Resource


class LinkBody(Reply):
    """A link that works until it expires, without the secret part that opens it."""

    id: UUID
    image_id: UUID
    title: str
    preview_only: bool
    created_at: datetime
    expires_at: datetime


class NewLinkReply(Reply):
    """A new link: whoever has the URL sees the image. It is shown here and nowhere else."""

    id: UUID
    url: str
    expires_at: datetime


class LinksReply(Reply):
    """The caller's links, newest first; those that have ended are not there any more."""

    links: tuple[LinkBody, ...]


class EndedReply(Reply):
    """How many links to the image have ended now."""

    ended: int


async def create_link(call: Call, body: LinkCreation) -> NewLinkReply:
    """Make a link to an own image that needs no login."""
    resource = Resource.PREVIEW if body.preview_only else Resource.FILE
    made = await call.services.links.create(
        call.viewer, call.image_id, resource, timedelta(seconds=body.expires_in)
    )
    return NewLinkReply(
        id=made.link.id,
        url=f"{call.origin}{API}/shared/{made.token}",
        expires_at=made.link.expires_at,
    )


async def list_links(call: Call) -> LinksReply:
    """The caller's links that still work."""
    return LinksReply(links=tuple(map(_body, await call.services.links.of(call.viewer))))


async def revoke_link(call: Call) -> None:
    """End a link of the caller's."""
    await call.services.links.revoke(call.viewer, call.link_id)


async def revoke_links(call: Call) -> EndedReply:
    """End all links to an own image."""
    return EndedReply(ended=await call.services.links.revoke_all(call.viewer, call.image_id))


async def open_link(call: Call, query: SharedQuery) -> web.StreamResponse:
    """The original or the preview that a link gives."""
    image, resource = await call.services.links.open(call.request.match_info["token"])
    if resource is Resource.PREVIEW:
        return await send_preview(call, image, query.size, name="preview.jpg")
    return await send_original(call, image, strip=False)


def _body(link: Link) -> LinkBody:
    return LinkBody(
        id=link.id,
        image_id=link.image_id,
        title=link.title,
        preview_only=link.resource is Resource.PREVIEW,
        created_at=link.created_at,
        expires_at=link.expires_at,
    )

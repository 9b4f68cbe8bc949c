"""Images over HTTP."""

import json

from imgrepo_server.api.context import Call
from imgrepo_server.api.replies.images import (
    CheckReply,
    ImageReply,
    ImagesReply,
    VerifiedBody,
    VerifyReply,
    image_body,
)
from imgrepo_server.api.requests.images import CheckRequest, DeleteQuery, Edit, VerifyRequest
from imgrepo_server.api.requests.lists import FilterQuery, ListQuery
from imgrepo_server.models import Image, ImageChanges, ImageFilter
from imgrepo_server.query import parse


async def check(call: Call, body: CheckRequest) -> CheckReply:
    """Which of these bytes the caller already has."""
    return CheckReply(known=await call.services.catalog.known(call.user, body.sha256))


async def verify(call: Call, body: VerifyRequest) -> VerifyReply:
    """Read and hash the stored bytes of images again."""
    verified = await call.services.verification.verify(call.viewer, body.ids)
    return VerifyReply(
        results=tuple(
            VerifiedBody(id=one.id, status=one.status, sha256=one.sha256) for one in verified
        )
    )


async def list_images(call: Call, query: ListQuery) -> ImagesReply:
    """A page of the images that the caller may see."""
    cursors = call.services.cursors
    context = _list_context(call, query)
    page = await call.services.catalog.page(
        call.viewer,
        image_filter(query),
        sort=query.sort,
        limit=query.limit,
        after=None if query.cursor is None else await cursors.read_place(query.cursor, context),
    )
    return ImagesReply(
        images=tuple(image_body(image, call.viewer) for image in page.images),
        next_cursor=None if page.next is None else await cursors.write_place(page.next, context),
    )


async def show(call: Call) -> ImageReply:
    """One image."""
    return _reply(call, await call.services.catalog.image(call.viewer, call.image_id))


async def edit(call: Call, body: Edit) -> ImageReply:
    """Change an own image's words."""
    if body.gallery_tier is not None:
        call.require_admin()
    changes = ImageChanges(
        title=body.title,
        description=body.description,
        visibility=body.visibility,
        share_with=body.share_with,
        unshare=body.unshare,
        gallery_tier=None if body.gallery_tier == "none" else body.gallery_tier,
        leave_gallery=body.gallery_tier == "none",
        add_tags=body.add_tags,
        remove_tags=body.remove_tags,
        share_location=body.share_location,
    )
    return _reply(call, await call.services.catalog.edit(call.viewer, call.image_id, changes))


async def delete(call: Call, query: DeleteQuery) -> None:
    """Put an own image into the trash, or delete it for good."""
    catalog = call.services.catalog
    remove = catalog.purge if query.purge else catalog.trash
    await remove(call.viewer, call.image_id)


async def restore(call: Call) -> ImageReply:
    """Take an own image out of the trash."""
    return _reply(call, await call.services.catalog.restore(call.viewer, call.image_id))


def _reply(call: Call, image: Image) -> ImageReply:
    return ImageReply(image=image_body(image, call.viewer))


def image_filter(query: FilterQuery) -> ImageFilter:
    """The filter that query parameters ask for."""
    return ImageFilter(
        keywords=query.keyword,
        tags=query.tag,
        owner=query.user,
        gallery=query.gallery,
        query=parse(query.q),
    )


def _list_context(call: Call, query: ListQuery) -> str:
    """What a cursor is bound to: this caller, these conditions, this order."""
    asked = query.model_dump(mode="json", exclude={"cursor", "limit"})
    return json.dumps([call.viewer.user_id, asked], sort_keys=True)

"""Duplicates over HTTP."""

import json

from imgrepo_server.api.context import Call
from imgrepo_server.api.replies.duplicates import DuplicatesReply, duplicate_group_body
from imgrepo_server.api.requests.duplicates import Distinction, DuplicatesQuery


async def list_duplicates(call: Call, query: DuplicatesQuery) -> DuplicatesReply:
    """Groups of own images that are the same picture, each with the copy to keep."""
    cursors = call.services.cursors
    asked = query.model_dump(mode="json", exclude={"cursor", "limit"})
    context = json.dumps(["duplicates", call.viewer.user_id, asked], sort_keys=True)
    page = await call.services.duplicates.page(
        call.viewer,
        distance=query.distance,
        flat=query.flat,
        limit=query.limit,
        after=None if query.cursor is None else await cursors.read(query.cursor, context),
    )
    return DuplicatesReply(
        groups=tuple(duplicate_group_body(group, call.viewer) for group in page.groups),
        total=page.total,
        frees=page.frees,
        next_cursor=None if page.next is None else await cursors.write(page.next, context),
    )


async def tell_apart(call: Call, body: Distinction) -> None:
    """Remember that two own images are different pictures, or forget it."""
    one, other = body.ids
    await call.services.duplicates.set_apart(call.viewer, one, other, different=body.different)

"""Search by image over HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from imgrepo_server.api.context import Call
from imgrepo_server.api.forms import receive_image
from imgrepo_server.api.images import image_filter
from imgrepo_server.api.replies.similar import (
    ExplanationReply,
    MatchesReply,
    explanation_reply,
    match_body,
)
from imgrepo_server.api.requests import NoFields
from imgrepo_server.api.requests.lists import SimilarQuery, WhyQuery
from imgrepo_server.services.similar import Nearness, SimilarPage

Context: TypeAlias = Callable[[], Awaitable[str]]
"""What a cursor is bound to. Asked for only where there is one, as it takes hashing the picture."""


async def like_posted(call: Call, query: SimilarQuery) -> MatchesReply:
    """Images like the posted one, which is not kept. The next page needs it posted again."""
    async with call.services.reception.query(call.viewer, call.address) as file:
        await receive_image(call, file, NoFields)

        async def context() -> str:
            return _context(call, query, await file.digest())

        found = await call.services.similar.like_file(
            call.viewer, file, image_filter(query), await _nearness(call, query, context)
        )
        return await _reply(call, found, context)


async def like_stored(call: Call, query: SimilarQuery) -> MatchesReply:
    """Images like a stored one, itself left out."""
    image = await call.services.catalog.image(call.viewer, call.image_id)

    async def context() -> str:
        return _context(call, query, image.sha256)

    found = await call.services.similar.like_image(
        call.viewer, image, image_filter(query), await _nearness(call, query, context)
    )
    return await _reply(call, found, context)


async def why_stored(call: Call, query: WhyQuery) -> ExplanationReply:
    """How another stored image compares with this one."""
    image = await call.services.catalog.image(call.viewer, call.image_id)
    other = await call.services.catalog.image(call.viewer, query.other)
    return explanation_reply(await call.services.similar.why_image(image, other))


async def why_posted(call: Call) -> ExplanationReply:
    """How the posted image, which is not kept, compares with this one."""
    async with call.services.reception.query(call.viewer, call.address) as file:
        await receive_image(call, file, NoFields)
        image = await call.services.catalog.image(call.viewer, call.image_id)
        return explanation_reply(await call.services.similar.why_file(image, file))


async def _nearness(call: Call, query: SimilarQuery, context: Context) -> Nearness:
    cursor = query.cursor
    return Nearness(
        distance=query.distance,
        limit=query.limit,
        flat=query.flat,
        after=None if cursor is None else await call.services.cursors.read(cursor, await context()),
    )


async def _reply(call: Call, found: SimilarPage, context: Context) -> MatchesReply:
    return MatchesReply(
        matches=tuple(match_body(match, call.viewer) for match in found.matches),
        next_cursor=None
        if found.next is None
        else await call.services.cursors.write(found.next, await context()),
        flat=found.flat,
        incomplete=found.incomplete,
    )


def _context(call: Call, query: SimilarQuery, sha256: str) -> str:
    """What a cursor is bound to: this caller, this picture, these conditions."""
    asked = query.model_dump(mode="json", exclude={"cursor", "limit"})
    return json.dumps(["similar", call.viewer.user_id, sha256, asked], sort_keys=True)

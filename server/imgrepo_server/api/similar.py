"""Search by image over HTTP."""

from imgrepo_server.api.context import Call
from imgrepo_server.api.forms import receive_image
from imgrepo_server.api.images import image_filter
from imgrepo_server.api.replies import MatchesReply, match_body
from imgrepo_server.api.requests import NoFields, SimilarQuery


async def like_posted(call: Call, query: SimilarQuery) -> MatchesReply:
    """Images like the posted one, which is not kept."""
    async with call.services.ingest.receiving() as file:
        await receive_image(call, file, NoFields)
        await file.finish()
        found = await call.services.similar.like_file(
            call.viewer,
            file.path,
            image_filter(query),
            distance=query.distance,
            limit=query.limit,
        )
    return MatchesReply(matches=tuple(map(match_body, found)))


async def like_stored(call: Call, query: SimilarQuery) -> MatchesReply:
    """Images like a stored one, itself left out."""
    image = await call.services.catalog.image(call.viewer, call.image_id)
    found = await call.services.similar.like_image(
        call.viewer, image, image_filter(query), distance=query.distance, limit=query.limit
    )
    return MatchesReply(matches=tuple(map(match_body, found)))

"""Tags over HTTP."""

from imgrepo_server.api.context import Call
from imgrepo_server.api.replies.tags import RenamedReply, TagBody, TagsReply
from imgrepo_server.api.requests.tags import TagRenaming, TagsQuery


async def list_tags(call: Call, query: TagsQuery) -> TagsReply:
    """Tags of the images that the caller may see."""
    counts = await call.services.catalog.tags(call.viewer, query.prefix, query.limit)
    return TagsReply(tags=tuple(TagBody(name=tag.name, count=tag.count) for tag in counts))


async def rename(call: Call, body: TagRenaming) -> RenamedReply:
    """Rename a tag on the caller's own images; into one that exists, they become one."""
    renamed = await call.services.retagging.rename(call.viewer, body.old, body.new)
    return RenamedReply(
        tag=body.new, images=renamed.images, merged=renamed.merged, complete=renamed.complete
    )

"""What an upload is answered with."""

from typing import Any
from uuid import UUID

from imgrepo_server.api.replies import Reply
from imgrepo_server.api.replies.images import ImageBody, image_body
from imgrepo_server.imaging.matching import Match
from imgrepo_server.models import Viewer
from imgrepo_server.services.ingest import Added


class SimilarBody(Reply):
    """The image nearest to an upload."""

    id: UUID
    distance: float
    match: Match
    title: str


class UploadReply(Reply):
    """The image; ``duplicate`` where the caller already had these bytes.

    ``similar`` is what ``on_similar`` found, if it was asked; ``image`` is null where the upload
    was therefore not kept. ``similar_withheld``: it was asked, and nothing was looked for, because
    the caller's key is not for reading.
    """

    image: ImageBody | None
    duplicate: bool
    similar: SimilarBody | None = None
    similar_withheld: bool = False


class Refusal(Reply):
    """Why one image of a batch was refused."""

    code: str
    message: str
    details: dict[str, Any]


class BatchResult(Reply):
    """What became of one image of a batch: ``status`` and the rest are those of an upload alone.

    ``error`` is null unless the image was refused.
    """

    status: int
    image: ImageBody | None = None
    duplicate: bool = False
    similar: SimilarBody | None = None
    similar_withheld: bool = False
    error: Refusal | None = None


class BatchReply(Reply):
    """A result for each image, in the order of the form."""

    results: tuple[BatchResult, ...]


def upload_reply(added: Added, viewer: Viewer, *, similar_withheld: bool) -> UploadReply:
    """The outcome of an upload."""
    similar = added.similar
    return UploadReply(
        image=None if added.image is None else image_body(added.image, viewer),
        duplicate=added.duplicate,
        similar=None
        if similar is None
        else SimilarBody(
            id=similar.image_id,
            distance=similar.distance,
            match=similar.match,
            title=similar.title,
        ),
        similar_withheld=similar_withheld,
    )

"""Uploads over HTTP: one image, or several small ones in one request."""

import asyncio
import logging

from imgrepo_server.api.context import Call
from imgrepo_server.api.endpoint import Answer
from imgrepo_server.api.faults import STATUS
from imgrepo_server.api.forms import receive_image
from imgrepo_server.api.forms_of_several import Received, receive_images
from imgrepo_server.api.replies.uploads import (
    BatchReply,
    BatchResult,
    Refusal,
    UploadReply,
    upload_reply,
)
from imgrepo_server.api.requests.fields import file_name
from imgrepo_server.api.requests.uploads import OnSimilar, UploadFields
from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Said, Scope
from imgrepo_server.services.ingest import SimilarPolicy

log = logging.getLogger("imgrepo.server")


async def upload(call: Call) -> Answer[UploadReply]:
    """Keep an image. The reply comes when it is durable."""
    owner = call.user
    announced = call.request.content_length
    async with call.services.reception.upload(owner, call.address, announced) as file:
        fields, given_name = await receive_image(call, file, UploadFields)
        return await _keep(call, file, fields, given_name)


async def upload_batch(call: Call) -> BatchReply:
    """Keep several small images. Each gets the answer that it would get alone, when it is durable.

    The form has, for each image, a part ``fields`` (a JSON object; may be left out) and then its
    part ``file``.
    """
    async with call.services.reception.batch(call.user, call.address) as files:
        received = await receive_images(call, files)
        # A group, so that none is at work any more when the files go.
        async with asyncio.TaskGroup() as group:
            kept = [group.create_task(_result(call, one)) for one in received]
    return BatchReply(results=tuple(one.result() for one in kept))


async def _result(call: Call, received: Received) -> BatchResult:
    try:
        if received.error is not None:
            raise received.error
        answer = await _keep(call, received.file, received.fields, received.filename)
    except ImgrepoError as error:
        return _refused(error)
    # One image's trouble is no reason to leave the others without an answer.
    except Exception:
        log.exception("an image of a batch failed")
        return _refused(ImgrepoError(ErrorCode.INTERNAL, "The server failed. Its log tells why."))
    reply = answer.body
    return BatchResult(
        status=answer.status,
        image=reply.image,
        duplicate=reply.duplicate,
        similar=reply.similar,
        similar_withheld=reply.similar_withheld,
    )


async def _keep(
    call: Call, file: IncomingFile, fields: UploadFields, given_name: str
) -> Answer[UploadReply]:
    said = Said(
        filename=file_name(given_name),
        visibility=fields.visibility,
        title=fields.title,
        description=fields.description,
        tags=fields.tags,
        exif_tags=fields.exif_tags,
    )
    policy = similar_policy(call, fields)
    added = await call.services.ingest.add(
        call.user, file, said, fields.sha256, policy, key=call.viewer.key
    )
    withheld = policy is None and fields.on_similar is not OnSimilar.STORE
    reply = upload_reply(added, call.viewer, similar_withheld=withheld)
    return Answer(reply, 201 if added.image and not added.duplicate else 200)


def _refused(error: ImgrepoError) -> BatchResult:
    refusal = Refusal(code=error.code, message=error.message, details=error.details)
    return BatchResult(status=STATUS[error.code], error=refusal)


def similar_policy(call: Call, fields: UploadFields) -> SimilarPolicy | None:
    """What an upload's form asks for; None where nothing has to be searched.

    A key that is for uploading only learns nothing of other images: for it none is looked for, and
    where keeping the upload hangs on that, this raises FORBIDDEN.
    """
    if fields.on_similar is OnSimilar.STORE:
        return None
    if not call.may(Scope.READ):
        if fields.on_similar is OnSimilar.REPORT:
            return None
        raise ImgrepoError(
            ErrorCode.FORBIDDEN,
            "Leaving out what looks like another image takes a key that may read (scope read). "
            "Use one, or upload with on_similar report or store.",
            {"scope": Scope.READ},
        )
    return SimilarPolicy(distance=fields.distance, skip=fields.on_similar is OnSimilar.SKIP)

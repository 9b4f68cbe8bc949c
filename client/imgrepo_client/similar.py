"""Searching with an image that is a local file, a stored image, or what stdin brings."""

import os
import shutil
import tempfile
import uuid
from typing import BinaryIO

from imgrepo_client.answers import Match
from imgrepo_client.api import MAX_PAGE, Client
from imgrepo_client.errors import InvalidInputError, LocalFileError
from imgrepo_client.parameters import Filter


async def find_similar(
    client: Client,
    image: str,
    wanted: Filter,
    *,
    distance: float,
    limit: int | None,
    stdin: BinaryIO,
) -> list[Match]:
    """Images like ``image``: a file, an image's id where there is no such file, or ``-``.

    At most ``distance`` (0 to 192) away; ``limit`` None means as many as one answer holds.
    Raises ClientError.
    """
    size = min(limit or MAX_PAGE, MAX_PAGE)
    if image == "-":
        return await _like_stream(client, stdin, wanted, distance=distance, limit=size)
    if not os.path.exists(image) and _is_id(image):  # noqa: PTH110, ASYNC240 - one quick look
        return await client.similar_to(image, wanted, distance=distance, limit=size)
    return await _like_file(client, image, wanted, distance=distance, limit=size)


async def _like_file(
    client: Client, path: str, wanted: Filter, *, distance: float, limit: int
) -> list[Match]:
    try:
        size = os.stat(path).st_size  # noqa: PTH116 - may not be UTF-8
        return await client.similar_to_file(path, wanted, size=size, distance=distance, limit=limit)
    except (OSError, LocalFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInputError(
            f"Cannot read {path}: {reason}. Give --image a file, an image's id, or - for stdin."
        ) from error


async def _like_stream(
    client: Client, stdin: BinaryIO, wanted: Filter, *, distance: float, limit: int
) -> list[Match]:
    # On disk for a moment: its length must be known before it is sent, and a retry reads it again.
    with tempfile.NamedTemporaryFile(prefix="imgrepo-") as copy:
        shutil.copyfileobj(stdin, copy)
        copy.flush()
        return await _like_file(client, copy.name, wanted, distance=distance, limit=limit)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

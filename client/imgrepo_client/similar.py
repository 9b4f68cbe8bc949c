"""Comparing with an image that is a local file, a stored image, or what stdin brings."""

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from imgrepo_client.answers import MatchPage, Why
from imgrepo_client.api import MAX_PAGE, Client
from imgrepo_client.errors import InvalidInputError, LocalFileError
from imgrepo_client.parameters import Filter, Nearness


async def find_similar(
    client: Client,
    image: str,
    wanted: Filter,
    *,
    distance: float,
    flat: bool,
    limit: int | None,
    stdin: BinaryIO,
) -> AsyncIterator[MatchPage]:
    """Images like ``image``: a file, an image's id where there is no such file, or ``-``.

    At most ``distance`` (0 to 192) away, ``limit`` in all; each page is asked for when taken.
    Raises ClientError.
    """
    cursor: str | None = None
    left = limit
    with _local(image, stdin) as path:
        while left is None or left > 0:
            size = MAX_PAGE if left is None else min(left, MAX_PAGE)
            nearness = Nearness(distance, size, flat)
            if path is None:
                page = await client.similar_to(image, wanted, nearness, cursor)
            else:
                page = await _like_file(client, path, wanted, nearness, cursor)
            yield page
            left = None if left is None else left - len(page["matches"])
            cursor = page.get("next_cursor")
            if cursor is None or not page["matches"]:
                return


async def explain(client: Client, one: str, other: str, stdin: BinaryIO) -> Why:
    """How two images compare, at least one of which is stored. Raises ClientError."""
    with _local(one, stdin) as path, _local(other, stdin) as other_path:
        if path is not None and other_path is not None:
            raise InvalidInputError(
                "Neither is an image in the repository. Name at least one by its id: "
                "imgrepo why ID FILE"
            )
        if path is None and other_path is None:
            return await client.why(one, other)
        stored, sent = (one, other_path or "") if path is None else (other, path)
        with _readable(sent):
            return await client.why_file(stored, sent, size=os.stat(sent).st_size)  # noqa: PTH116 - may not be UTF-8; one quick look


async def _like_file(
    client: Client, path: str, wanted: Filter, nearness: Nearness, cursor: str | None
) -> MatchPage:
    with _readable(path):
        size = os.stat(path).st_size  # noqa: PTH116 - may not be UTF-8
        return await client.similar_to_file(path, wanted, nearness, size=size, cursor=cursor)


@contextlib.contextmanager
def _local(image: str, stdin: BinaryIO) -> Iterator[str | None]:
    """The file that is meant, None for a stored image's id."""
    if image == "-":
        # On disk for a moment: its length must be known before it is sent, and a retry or the
        # next page reads it again.
        with tempfile.NamedTemporaryFile(prefix="imgrepo-") as copy:
            shutil.copyfileobj(stdin, copy)
            copy.flush()
            yield copy.name
    elif not os.path.exists(image) and _is_id(image):  # noqa: PTH110 - may not be UTF-8
        yield None
    else:
        yield image


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    """Say what to give instead of a file that cannot be read."""
    try:
        yield
    except (OSError, LocalFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInputError(
            f"Cannot read {path}: {reason}. Give a file, an image's id, or - for stdin."
        ) from error


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

"""What the services know of a store of bytes."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol
from uuid import UUID


def original_key(sha256: str) -> str:
    """Where the bytes that a person uploaded stand: ``ab/cd/abcd…``."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


STORED_PREVIEW = 512
"""Pixels of the long side of the preview that is made at upload."""


def preview_key(sha256: str) -> str:
    """Where the preview made at upload stands, beside its original: one folder to fsync for both.

    Every upload makes it anew, so everybody who has the bytes may share it.
    """
    return f"{original_key(sha256)}.{STORED_PREVIEW}.jpg"


def image_key(sha256: str, image_id: UUID) -> str:
    """Removing this key removes the previews that were made for one image on request."""
    return f"{original_key(sha256)}.{image_id.hex}"


def image_preview_key(sha256: str, image_id: UUID, size: int) -> str:
    """Where a preview stands that was made for one image on request.

    Were it shared by all who have the bytes, it would be there at once for who uploads a copy of
    what somebody else keeps privately and has looked at.
    """
    return f"{image_key(sha256, image_id)}.{size}.jpg"


class BlobStore(Protocol):
    """Keeps bytes under keys.

    Every method raises ``ImgrepoError`` with ``STORAGE_FULL`` where there is no room, and
    ``FileNotFoundError`` for a key that is not there.
    """

    async def open(self) -> None:
        """Create what is missing and sweep what killed processes left; raises OSError."""

    def staging_path(self) -> Path:
        """A new name in the store's staging folder, on this machine, for a file to be made."""

    async def place(self, files: Mapping[str, Path]) -> None:
        """Move staged files to their keys; once they are there they survive a power cut.

        A key that exists is replaced, which changes nothing: its bytes are the same.
        """

    async def size(self, key: str) -> int:
        """How many bytes stand under a key."""

    def read(self, key: str, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to ``stop``, in pieces of bounded size."""

    def local_file(self, key: str) -> AbstractAsyncContextManager[Path]:
        """The bytes as a file on this machine, for as long as the context lasts."""

    async def remove(self, key: str) -> None:
        """Remove a key, and those that begin with it and a dot: its previews.

        One that is gone already is no error.
        """

    async def clear(self) -> None:
        """Delete everything in it that is ours. For a store that is not open."""

    async def close(self) -> None:
        """Remove this process's staging folder."""

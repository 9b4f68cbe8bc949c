"""Chooses the store by its URL; nothing else in the program knows which one it is."""

from pathlib import Path

from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.store import BlobStore
from imgrepo_server.errors import ErrorCode, ImgrepoError


def open_store(location: str) -> BlobStore:
    """Open ``location``: a folder's path, or ``file:///path``. Blocks: call it on a thread."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return LocalStore(Path(location))
    if scheme == "file":
        return LocalStore(Path(rest))
    raise ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The storage {scheme}://… is not supported. Give a folder's path.",
    )

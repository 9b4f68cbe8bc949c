"""Chooses the store by its URL; nothing else in the program knows which one it is."""

from pathlib import Path

from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.store import BlobStore
from imgrepo_server.errors import ErrorCode, ImgrepoError


def store_at(location: str) -> BlobStore:
    """The store at ``location``: a folder's path, or ``file:///path``. Not yet opened."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return LocalStore(Path(location))
    if scheme == "file":
        return LocalStore(Path(rest))
    raise ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The storage {scheme}://… is not supported. Give a folder's path.",
    )

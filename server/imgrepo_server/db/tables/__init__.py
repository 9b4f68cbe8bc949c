"""The tables. Internal integer keys join them; public ids are UUIDs that sort by time.

A person's *image* (their words, their visibility) names a *blob* (facts about bytes), so that
the same bytes are stored once however many people upload them.
"""

from imgrepo_server.db.tables.accounts import api_keys, audit, holdings, invitations, logins, users
from imgrepo_server.db.tables.catalog import (
    TITLE_SORT,
    different_images,
    image_shares,
    image_tags,
    images,
    links,
    tags,
)
from imgrepo_server.db.tables.schema import metadata
from imgrepo_server.db.tables.stored_bytes import (
    blobs,
    fingerprints,
    removed_blobs,
    removed_previews,
)

__all__ = [
    "TITLE_SORT",
    "api_keys",
    "audit",
    "blobs",
    "different_images",
    "fingerprints",
    "holdings",
    "image_shares",
    "image_tags",
    "images",
    "invitations",
    "links",
    "logins",
    "metadata",
    "removed_blobs",
    "removed_previews",
    "tags",
    "users",
]

"""What becomes of who may see an image when it is edited.

Names belong to shared images only, a tier to the gallery, and an edit that makes an image private
ends its links: what was given once does not come back to life with a later edit.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db import links, shares
from imgrepo_server.db.tables import images
from imgrepo_server.models import Image, ImageChanges, Visibility


def change(connection: Connection, image: Image, image_seq: int, changes: ImageChanges) -> None:
    """Apply what an edit says about who may see an image."""
    if changes.unshare:
        shares.remove(connection, image_seq, changes.unshare)
    if changes.share_with:
        shares.add(connection, image_seq, changes.share_with)
    became = _became(connection, image, image_seq, changes)
    if became is None:
        return
    if became is not Visibility.SHARED:
        shares.remove_all(connection, image_seq)
    if became is Visibility.PRIVATE:
        links.end(connection, image_seq)
    connection.execute(
        sa.update(images)
        .where(images.c.seq == image_seq)
        .values(visibility=became, gallery_tier=changes.gallery_tier)
    )


def _became(
    connection: Connection, image: Image, image_seq: int, changes: ImageChanges
) -> Visibility | None:
    if changes.visibility is not None:
        return changes.visibility
    if changes.share_with:
        return Visibility.SHARED
    if changes.gallery_tier is not None:
        return Visibility.GALLERY
    left_gallery = changes.leave_gallery and image.visibility is Visibility.GALLERY
    unshared = changes.unshare and image.visibility is Visibility.SHARED
    if left_gallery or (unshared and not shares.names_of(connection, [image_seq])):
        return Visibility.PRIVATE
    return None

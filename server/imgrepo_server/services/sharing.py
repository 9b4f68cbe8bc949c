"""What an edit says about who may see an image: what is refused, and what is written down."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from imgrepo_server.account_models import Action
from imgrepo_server.db import audit
from imgrepo_server.db.database import Connection
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Image, ImageChanges, Viewer
from imgrepo_server.text import fold


def refuse_oneself(viewer: Viewer, names: Sequence[str]) -> None:
    """Raise INVALID_REQUEST where somebody shares with themselves."""
    if viewer.user is not None and fold(viewer.user.name) in {fold(name) for name in names}:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            f"{viewer.user.name} is the owner and sees the image anyway. Name somebody else.",
            {"field": "share_with"},
        )


def record(
    connection: Connection, viewer: Viewer, image_id: UUID, changes: ImageChanges, now: datetime
) -> None:
    """Write down whom an edit lets see an image, and whom no longer."""
    deeds: list[tuple[Action, dict[str, object]]] = []
    if changes.share_with:
        deeds.append((Action.SHARE, {"with": list(changes.share_with)}))
    if changes.unshare:
        deeds.append((Action.UNSHARE, {"with": list(changes.unshare)}))
    if changes.gallery_tier is not None or changes.leave_gallery:
        deeds.append((Action.GALLERY, {"tier": changes.gallery_tier}))
    actor = None if viewer.user is None else viewer.user.name
    for action, details in deeds:
        audit.record(
            connection, action, now=now, actor=actor, object_=str(image_id), details=details
        )


def tier_too_low(image: Image) -> ImgrepoError:
    """The refusal of an original to somebody who may look at the preview."""
    return ImgrepoError(
        ErrorCode.TIER_TOO_LOW,
        f"The original of this image is for accounts of the tier {image.gallery_tier} or above. "
        "Its preview is for everybody.",
        {"id": str(image.id), "tier": image.gallery_tier},
    )

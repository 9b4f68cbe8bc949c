"""What is refused about who may see an image."""

from collections.abc import Sequence

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Image, Viewer
from imgrepo_server.text import fold


def refuse_oneself(viewer: Viewer, names: Sequence[str]) -> None:
    """Raise INVALID_REQUEST where somebody shares with themselves."""
    if viewer.user is not None and fold(viewer.user.name) in {fold(name) for name in names}:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            f"{viewer.user.name} is the owner and sees the image anyway. Name somebody else.",
            {"field": "share_with"},
        )


def tier_too_low(image: Image) -> ImgrepoError:
    """The refusal of an original to somebody who may look at the preview."""
    return ImgrepoError(
        ErrorCode.TIER_TOO_LOW,
        f"The original of this image is for accounts of the tier {image.gallery_tier} or above. "
        "Its preview is for everybody.",
        {"id": str(image.id), "tier": image.gallery_tier},
    )

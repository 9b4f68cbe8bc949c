"""What is told of images that are the same picture."""

from imgrepo_server.api.replies import Reply
from imgrepo_server.api.replies.images import ImageBody, image_body, image_fields
from imgrepo_server.imaging.matching import Match
from imgrepo_server.models import Viewer
from imgrepo_server.services.duplicate_groups import DuplicateGroup


class CopyBody(ImageBody):
    """A copy that is not the best one of its group; ``distance`` is to the best one."""

    distance: float
    match: Match


class DuplicateGroupBody(Reply):
    """Images of one picture. ``frees``: bytes that deleting the others would free."""

    best: ImageBody
    others: tuple[CopyBody, ...]
    frees: int


class DuplicatesReply(Reply):
    """Groups that free the most first; ``total`` groups in all, which together free ``frees``."""

    groups: tuple[DuplicateGroupBody, ...]
    total: int
    frees: int
    next_cursor: str | None


def duplicate_group_body(group: DuplicateGroup, viewer: Viewer) -> DuplicateGroupBody:
    """A group, for the owner of its images."""
    return DuplicateGroupBody(
        best=image_body(group.best, viewer),
        others=tuple(
            CopyBody(**image_fields(copy.image, viewer), distance=copy.distance, match=copy.match)
            for copy in group.others
        ),
        frees=group.frees,
    )

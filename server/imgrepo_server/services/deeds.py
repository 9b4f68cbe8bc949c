"""What the audit log is told of things that people do with their images."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from imgrepo_server.db import audit
from imgrepo_server.db.database import Connection
from imgrepo_server.models import Action, ImageChanges, Viewer

_OF_ITS_OWN = frozenset({"share_with", "unshare", "gallery_tier", "leave_gallery"})


def note_deed(
    connection: Connection,
    action: Action,
    viewer: Viewer,
    image_id: UUID,
    *,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Write down what the viewer does to an image, in the change that does it."""
    audit.record(
        connection,
        action,
        now=now,
        actor=None if viewer.user is None else viewer.user.name,
        object_=str(image_id),
        details=details,
        key=viewer.key,
    )


def note_edit(
    connection: Connection, viewer: Viewer, image_id: UUID, changes: ImageChanges, now: datetime
) -> None:
    """Write down an edit: which fields, but not a person's words."""
    for action, details in _edit_deeds(changes):
        note_deed(connection, action, viewer, image_id, now=now, details=details)


def _edit_deeds(changes: ImageChanges) -> Iterator[tuple[Action, dict[str, Any]]]:
    if changes.share_with:
        yield Action.SHARE, {"with": list(changes.share_with)}
    if changes.unshare:
        yield Action.UNSHARE, {"with": list(changes.unshare)}
    if changes.gallery_tier is not None or changes.leave_gallery:
        yield Action.GALLERY, {"tier": changes.gallery_tier}
    names = {field.name for field in fields(changes)} - _OF_ITS_OWN
    said = sorted(name for name in names if getattr(changes, name) not in (None, ()))
    if said:
        visibility = {} if changes.visibility is None else {"visibility": changes.visibility}
        yield Action.EDIT, {"fields": said, **visibility}

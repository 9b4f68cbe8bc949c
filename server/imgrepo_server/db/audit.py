"""The audit log. An entry is written in the transaction of the deed that it tells of."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import audit
from imgrepo_server.models import Action, AuditEntry
from imgrepo_server.text import fold

# Made once: an upload writes an entry, and building the statement costs more than running it.
_RECORD = sa.insert(audit)
_COLUMNS = (
    audit.c.seq,
    audit.c.at,
    audit.c.actor,
    audit.c.action,
    audit.c.object,
    audit.c.address,
    audit.c.details,
    audit.c.key,
)

# An API key may have the name of somebody's account.
_IS_ABOUT = audit.c.action.in_([action for action in Action if action.is_about_an_account])


def record(
    connection: Connection,
    action: Action,
    *,
    now: datetime,
    actor: str | None,
    object_: str | None,
    address: str | None = None,
    details: dict[str, Any] | None = None,
    key: str | None = None,
) -> None:
    """Write down who did what to which object, with which API key; see ``AuditEntry``."""
    values: dict[str, Any] = {"at": now, "actor": actor, "action": action, "object": object_}
    if address is not None:
        values["address"] = address
    if details is not None:
        values["details"] = details
    if key is not None:
        values["key"] = key
    connection.execute(_RECORD, values)


def entries(
    connection: Connection,
    *,
    about: Collection[str] | None,
    since: datetime | None,
    after: int,
    limit: int,
) -> tuple[AuditEntry, ...]:
    """At most ``limit`` entries, oldest first, whose ``seq`` is beyond ``after``.

    All, or what accounts of these names did or had done to them; from a moment on.
    """
    query = sa.select(*_COLUMNS).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    if about is not None:
        query = query.where(sa.or_(audit.c.actor.in_(about), _IS_ABOUT & audit.c.object.in_(about)))
    if since is not None:
        query = query.where(audit.c.at >= since)
    return tuple(
        AuditEntry(
            row.seq,
            row.at,
            row.actor,
            Action(row.action),
            row.object,
            row.address,
            row.details,
            row.key,
        )
        for row in connection.execute(query)
    )


def spellings(connection: Connection, name: str) -> tuple[str, ...]:
    """How accounts of that name, also deleted ones, are written in the log."""
    written = sa.union(
        sa.select(audit.c.actor.label("name")), sa.select(audit.c.object).where(_IS_ABOUT)
    )
    return tuple(
        row.name
        for row in connection.execute(written)
        if row.name is not None and fold(row.name) == fold(name)
    )


def any_before(connection: Connection, moment: datetime) -> bool:
    """Whether there are entries from before that moment."""
    query = sa.select(audit.c.seq).where(audit.c.at < moment).limit(1)
    return connection.execute(query).first() is not None


def forget_before(connection: Connection, moment: datetime, limit: int) -> int:
    """Remove at most ``limit`` entries from before that moment; how many there were."""
    old = sa.select(audit.c.seq).where(audit.c.at < moment).order_by(audit.c.at).limit(limit)
    return connection.execute(sa.delete(audit).where(audit.c.seq.in_(old))).rowcount

"""The audit log. An entry is written in the transaction of the deed that it tells of."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.account_models import Action, AuditEntry
from imgrepo_server.db.tables import audit

# Made once: an upload writes an entry, and building the statement costs more than running it.
_RECORD = sa.insert(audit)
_COLUMNS = (
    audit.c.at,
    audit.c.actor,
    audit.c.action,
    audit.c.object,
    audit.c.address,
    audit.c.details,
)


def record(
    connection: Connection,
    action: Action,
    *,
    now: datetime,
    actor: str | None,
    object_: str | None,
    address: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write down who did what to which object; see ``AuditEntry``."""
    connection.execute(
        _RECORD,
        {
            "at": now,
            "actor": actor,
            "action": action,
            "object": object_,
            "address": address,
            "details": details,
        },
    )


def entries(
    connection: Connection, *, about: str | None, since: datetime | None
) -> Iterator[AuditEntry]:
    """Oldest first: all, or what the account of that name did or had done to it, from a moment on.

    Rows are read as they are taken.
    """
    query = sa.select(*_COLUMNS).order_by(audit.c.seq)
    if about is not None:
        query = query.where(sa.or_(audit.c.actor == about, audit.c.object == about))
    if since is not None:
        query = query.where(audit.c.at >= since)
    for row in connection.execute(query.execution_options(yield_per=500)):
        yield AuditEntry(
            row.at, row.actor, Action(row.action), row.object, row.address, row.details
        )


def forget_before(connection: Connection, moment: datetime, limit: int) -> int:
    """Remove at most ``limit`` entries from before that moment; how many there were."""
    old = sa.select(audit.c.seq).where(audit.c.at < moment).order_by(audit.c.at).limit(limit)
    return connection.execute(sa.delete(audit).where(audit.c.seq.in_(old))).rowcount

"""``imgrepo-server audit``: who did what."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from imgrepo_server.cli_options import Span, data_options, open_office

if TYPE_CHECKING:
    from imgrepo_server.models import AuditEntry


@click.command()
@click.option("--user", "name", metavar="NAME", help="What this account did or had done to it.")
@click.option("--since", metavar="WHEN", help="From then on: 2026-03-01, 2026-03-01T09:00, or 7d.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@data_options
def audit(name: str | None, since: str | None, as_json: bool, **given: Any) -> None:
    """Print who did what to which object, oldest first."""
    moment = None if since is None else _moment(since)
    for entry in open_office(given).audit(name, moment):
        click.echo(json.dumps(_entry_json(entry)) if as_json else _entry_line(entry))


def _moment(text: str) -> datetime:
    with suppress(ValueError):
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=read.tzinfo or UTC)
    try:
        ago: timedelta = Span().convert(text, None, None)
    except click.BadParameter:
        raise click.UsageError(
            f"--since: {text!r} is no moment. Write it like 2026-03-01, 2026-03-01T09:00, or 7d "
            "for a week ago."
        ) from None
    return datetime.now(UTC) - ago


def _entry_json(entry: "AuditEntry") -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "address": entry.address,
        "details": entry.details,
        "key": entry.key,
    }


def _entry_line(entry: "AuditEntry") -> str:
    more = "" if entry.details is None else f"  {json.dumps(entry.details, ensure_ascii=False)}"
    place = "" if entry.address is None else f"  from {entry.address}"
    key = "" if entry.key is None else f"  with the key {entry.key}"
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor or '-':<16} {entry.action:<18} "
        f"{entry.object or '-'}{place}{key}{more}"
    )

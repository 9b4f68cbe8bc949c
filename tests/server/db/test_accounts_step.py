"""The step that brought tiers, keys, invitations and the audit log, on a database in use."""

from pathlib import Path

from imgrepo_server.db import users

from tests.server.db.steps import connected, execute, migrating

BEFORE = """
INSERT INTO users (name, name_key, email, password_hash, role, created_at) VALUES
 ('jeff', 'jeff', 'jeff@example.org', 'hash', 'admin', '2026-03-01 09:00:00.000000')
"""


def test_accounts_made_before_there_were_tiers_stay_without_limits(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with migrating(path, "0005") as connection:
        execute(connection, BEFORE)
    with connected(path) as connection:
        found = users.credentials(connection, "Jeff")
    assert found is not None
    user, password_hash = found
    assert (user.email, user.role, user.tier, password_hash) == (
        "jeff@example.org",
        "admin",
        None,
        "hash",
    )

"""The step that brought tiers, keys, invitations and the audit log, on a database in use."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from imgrepo_server.db import migrations, users
from imgrepo_server.db.migrations import upgrade

BEFORE = """
INSERT INTO users (name, name_key, email, password_hash, role, created_at) VALUES
 ('jeff', 'jeff', 'jeff@example.org', 'hash', 'admin', '2026-03-01 09:00:00.000000')
"""


def test_accounts_made_before_there_were_tiers_stay_without_limits(tmp_path: Path) -> None:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(tmp_path / "old.db")))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005-1")
        connection.execute(sa.text(BEFORE))
    upgrade(engine)
    with engine.begin() as connection:
        found = users.credentials(connection, "Jeff")
    engine.dispose()
    assert found is not None
    user, password_hash = found
    assert (user.email, user.role, user.tier, password_hash) == (
        "jeff@example.org",
        "admin",
        None,
        "hash",
    )

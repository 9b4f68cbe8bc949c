"""The step that gives no account the number of a deleted one, on a database in use."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import User
from sqlalchemy import Connection

from tests.server.db.steps import before, execute

MOMENT = "2026-03-01 09:00:00.000000"
BEFORE = f"""
INSERT INTO users (id, name, name_key, email, password_hash, role, created_at, disabled_at, tier)
 VALUES (3, 'Jeff', 'jeff', 'j@example.org', 'hash', 'admin', '{MOMENT}', NULL, 'free'),
 (7, 'rita', 'rita', NULL, NULL, 'user', '{MOMENT}', '{MOMENT}', NULL);
INSERT INTO logins VALUES ('{1:032x}', 3, '{MOMENT}', '2099-01-01 00:00:00.000000');
INSERT INTO api_keys (id, user_id, name, secret_sha256, scopes, created_at)
 VALUES ('{2:032x}', 7, 'a key', 'aa', 'read', '{MOMENT}');
INSERT INTO holdings VALUES (3, 1, 10);
INSERT INTO blobs (seq, sha256, size, format, width, height, exif)
 VALUES (1, 'aa', 10, 'jpeg', 4, 3, '{{}}');
INSERT INTO images (seq, id, owner_id, blob_seq, title, filename, description, visibility,
 created_at, title_key, description_key, search_text, share_location, size)
 VALUES (1, '{3:032x}', 3, 1, 'kept', 'a.jpg', '', 'shared', '{MOMENT}', 'kept', '', 'kept', 0, 10);
INSERT INTO image_shares VALUES (1, 'rita', 'rita', 7);
INSERT INTO links VALUES ('{4:032x}', 1, 3, 'file', '{MOMENT}', '2099-01-01 00:00:00.000000')
"""  # noqa: S608 -- our own
# What must stay, and what goes with an account.
DEPENDENT = ("logins", "api_keys", "holdings", "images", "image_shares", "links")


def everything(connection: Connection) -> dict[str, list[Any]]:
    names = ("users", *DEPENDENT)
    return {
        name: [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))]  # noqa: S608 -- our own
        for name in names
    }


@pytest.fixture
def earlier(tmp_path: Path) -> tuple[Path, dict[str, list[Any]]]:
    path = tmp_path / "old.db"
    with before(path, "0006") as connection:
        execute(connection, BEFORE)
        kept = everything(connection)
    return path, kept


async def test_nothing_is_lost_and_no_number_comes_again(
    earlier: tuple[Path, dict[str, list[Any]]], records: Any
) -> None:
    path, kept = earlier
    database = SqliteDatabase(path)
    await database.open()
    assert await database.read(everything) == kept
    assert all(kept.values())

    def add(connection: Connection) -> User:
        made: User = records(connection).user("tom")
        return made

    assert (await database.write(add)).id == 8
    await database.write(lambda connection: users.remove(connection, 8))
    assert (await database.write(add)).id == 9
    # References hold as before: they keep an owner, and what is an account's goes with it.
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda connection: users.remove(connection, 3))
    await database.write(lambda connection: users.remove(connection, 7))
    left = await database.read(everything)
    assert left["api_keys"] == []
    assert left["image_shares"] == [(1, "rita", "rita", None)]
    await database.close()

"""The step that brought shares, links and the gallery, on a database in use."""

from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from imgrepo_server.db import images, migrations
from imgrepo_server.db.migrations import upgrade
from imgrepo_server.models import ANONYMOUS, Visibility

KEPT, SHOWN = UUID(int=1), UUID(int=2)
BEFORE = """
INSERT INTO users (id, name, name_key, role, created_at) VALUES
 (1, 'jeff', 'jeff', 'user', '2026-03-01 09:00:00.000000');
INSERT INTO blobs (seq, sha256, size, format, width, height, exif) VALUES
 (1, 'aa', 10, 'jpeg', 4, 3, '{}'), (2, 'bb', 10, 'jpeg', 4, 3, '{}');
INSERT INTO images (id, owner_id, blob_seq, title, filename, description, visibility, created_at,
 title_key, description_key, search_text) VALUES
 ('00000000000000000000000000000001', 1, 1, 'kept', 'a.jpg', '', 'private',
  '2026-03-01 09:00:00.000000', 'kept', '', 'kept'),
 ('00000000000000000000000000000002', 1, 2, 'shown', 'b.jpg', '', 'public',
  '2026-03-01 09:00:00.000000', 'shown', '', 'shown')
"""


def test_what_was_private_or_public_stays_so_and_is_in_no_gallery(tmp_path: Path) -> None:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(tmp_path / "old.db")))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004-1")
        for statement in BEFORE.split(";"):
            connection.execute(sa.text(statement))
    upgrade(engine)
    with engine.begin() as connection:
        assert images.visible(connection, ANONYMOUS, KEPT) is None
        shown = images.visible(connection, ANONYMOUS, SHOWN)
    engine.dispose()
    assert shown is not None
    assert (shown.title, shown.visibility) == ("shown", Visibility.PUBLIC)

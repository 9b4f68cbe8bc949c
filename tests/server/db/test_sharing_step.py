"""The step that brought shares, links and the gallery, on a database in use."""

from pathlib import Path
from uuid import UUID

from imgrepo_server.db import images
from imgrepo_server.models import ANONYMOUS, Visibility

from tests.server.db.steps import connected, execute, migrating

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
    path = tmp_path / "old.db"
    with migrating(path, "0004") as connection:
        execute(connection, BEFORE)
    with connected(path) as connection:
        assert images.visible(connection, ANONYMOUS, KEPT) is None
        shown = images.visible(connection, ANONYMOUS, SHOWN)
    assert shown is not None
    assert (shown.title, shown.visibility) == ("shown", Visibility.PUBLIC)

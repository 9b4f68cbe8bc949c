"""The step that brought the search index, on a database in use."""

from pathlib import Path

from imgrepo_server.db import listing, users
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.models import ANONYMOUS, ImageFilter, Sort, Viewer
from imgrepo_server.query import parse

from tests.server.db.steps import connected, execute, migrating

BEFORE = """
INSERT INTO users (id, name, name_key, role, created_at) VALUES
 (1, 'jeff', 'jeff', 'user', '2026-03-01 09:00:00.000000');
INSERT INTO blobs (seq, sha256, size, format, width, height, taken_at, exif, camera_key) VALUES
 (3, 'aa', 30, 'jpeg', 4, 3, '2021-06-05 10:00:00.000000', '{}', 'nikon z 6'),
 (4, 'bb', 20, 'png', 4, 3, NULL, '{}', NULL);
INSERT INTO tags (id, name) VALUES (1, 'Pets');
INSERT INTO images (seq, id, owner_id, blob_seq, title, filename, description, visibility,
 created_at, title_key, description_key, search_text) VALUES
 (7, '00000000000000000000000000000002', 1, 3, 'Tom Cat', 'a.jpg', 'on a roof', 'public',
  '2026-03-01 09:00:00.000000', 'tom cat', 'on a roof', 'tom cat' || char(10) || 'on a roof'
   || char(10) || 'jeff' || char(10) || 'pets'),
 (8, '00000000000000000000000000000001', 1, 4, '猫', 'b.jpg', '', 'private',
  '2026-03-02 09:00:00.000000', '猫', '', '猫' || char(10) || char(10) || 'jeff');
INSERT INTO image_tags (image_seq, tag_id) VALUES (7, 1)
"""


def test_images_that_were_there_are_found_and_sorted(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with migrating(path, "0002") as connection:
        execute(connection, BEFORE)
    with connected(path) as connection:
        viewer = Viewer(users.by_name(connection, "jeff"))

        def found(query: str, sort: Sort = Sort.NEWEST, who: Viewer = viewer) -> list[str]:
            page = listing.page(
                connection,
                who,
                ImageFilter(query=parse(query)),
                sort=sort,
                limit=9,
                after=None,
                frequencies=GramFrequencies(),
            )
            return [image.title for image in page.images]

        for query in ("cat", "roo", "tag:pets jeff", "camera:nikon", "taken:2021-06", "type:jpeg"):
            assert found(query.replace("tag:pets", "pets")) == ["Tom Cat"], query
        assert found("猫") == found("is:private added:2026-03-02") == ["猫"]
        assert found("猫", who=ANONYMOUS) == []
        assert found("", Sort.SIZE) == found("", Sort.NEWEST) == ["猫", "Tom Cat"]
        assert found("", Sort.TITLE) == found("", Sort.TAKEN) == ["Tom Cat", "猫"]

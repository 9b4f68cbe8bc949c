"""Nobody reads images past ``db.access``: every query says whose images are meant.

Only ``db/`` knows SQL (the linter of imports sees to that), so reading its code is enough. A new
query that leaves the predicate out fails here, and stays out or is added below with its reason.
"""

from pathlib import Path

import pytest
from imgrepo_server import db
from imgrepo_server.db.tables import images

from tests.server.db.bare_queries import WATCHED, bare_queries

FOLDER = Path(str(db.__file__)).parent

# What leaves the predicate to those who call it; and they are held to it.
BUILDERS = ("images._one", "images._by_seq", "lookalikes._selected")

# What has a query without a predicate, and why it may.
KNOWN = {
    "access._shared_with": "is the place itself",
    "blobs._KNOWN": "of bytes that somebody uploads; answers nobody",
    "blobs._renew": "writes what all images of the same bytes have; answers nobody",
    "blobs.release": "whether bytes have any name left; answers nobody",
    "different_images._pair": "of two own images",
    "different_images.forget": "of two own images",
    "fingerprints._NEXT": "for an index whose hits are looked up with the predicate",
    "fingerprints.count_outdated": "for the server's own program",
    "fingerprints.of_image": "of an image that the viewer was shown",
    "fingerprints.outdated": "for the server's own program",
    "fingerprints.renew": "writes",
    "holdings.summed": "by owner",
    "image_words.index_again": "of the image that was just written",
    "images._OF_BLOB": "by owner",
    "gram_frequencies._NEWEST": "how far the repository has grown; answers nobody",
    "gram_frequencies._TEXTS": "an estimate that decides nothing but speed",
    "images._by_seq": "its callers add the predicate",
    "images._one": "its callers add the predicate",
    "images._only": "of the image that was just written",
    "images._seq": "of the image that is being written",
    "images.change": "writes to an own image",
    "images.known": "by owner",
    "images.purge": "deletes an own image",
    "images.replace_words": "writes to an own image",
    "images.set_trashed": "writes to an own image",
    "links.add": "forgets what has expired",
    "links.end": "of an image that is being written",
    "links.end_of_image": "of an image that is being trashed",
    "links.maker": "by the secret of a link",
    "links.remove": "by owner",
    "listing._Finder._has_few": "which way is quicker; answers nobody",
    "lookalikes._pass": "has the predicate as a column, and looks at it",
    "lookalikes._selected": "its callers add the predicate",
    "lookalikes._with": "its callers add the predicate",
    "ownership._blob_seq": "of an image that was found by its owner",
    "ownership._some": "by owner, for the program of an administrator",
    "ownership.hand_over_some": "writes, for the program of an administrator",
    "query_conditions._of_blob": "a condition that is added to the predicate",
    "query_conditions.has_tag": "a condition that is added to the predicate",
    "shares.names_of": "of images that the viewer was shown, for their owner",
    "shares.remove": "of an image that is being written",
    "shares.remove_all": "of an image that is being written",
    "tags.attach_more": "of an image that is being written",
    "tags.detach": "of an image that is being written",
    "tags.of_images": "of images that the viewer was shown",
    "term_index._ALL": "writes the index of terms",
    "term_index._OF_IMAGE": "writes the index of terms",
    "users.every": "counts only, for the program of an administrator",
    "visibility.change": "writes to an own image",
}


def test_every_query_on_images_carries_the_predicate() -> None:
    sources = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    bare = set(bare_queries(sources, BUILDERS))
    assert bare - KNOWN.keys() == set(), "give these db.access.visible_to or owned_by"
    assert KNOWN.keys() - bare == set(), "these need no excuse any more"


IMPORTS = """
import sqlalchemy as sa
from imgrepo_server.db import tables, term_index
from imgrepo_server.db.access import VISIBLE_TO_USER, owned_by, visible_to
from imgrepo_server.db.tables import image_tags, images, links, tags
"""

EVASIONS = {
    "a plain one": "def f(c):\n    return c.execute(sa.select(images.c.id)).all()",
    "by tags alone": "def f(c):\n    return c.scalar(sa.select(sa.func.count())"
    ".select_from(tags.join(image_tags)).group_by(tags.c.name))",
    "by attribute": "def f(c):\n    return c.execute(sa.select(tables.images.c.id))",
    "annotated": "_ANY: sa.Select = sa.select(images.c.id, images.c.title)",
    "a constant": "_ANY = sa.select(images.c.id)",
    "SQL in lower case": "def f(c):\n    return c.execute(sa.text('select id\\nfrom images'))",
    "SQL kept elsewhere": "_SQL = 'SELECT * FROM links'\ndef f(c):\n    return c.execute(_SQL)",
    "SQL for the driver": "def f(c):\n    c.exec_driver_sql('select rowid from image_terms')",
    "a predicate elsewhere in the function": "def f(c, v):\n"
    "    good = c.execute(sa.select(images.c.id).where(visible_to(v)))\n"
    "    bad = c.execute(sa.select(images.c.id))\n    return good, bad",
    "a predicate in the same expression": "def f(c, v):\n    return [\n"
    "        c.execute(sa.select(images.c.id).where(visible_to(v))),\n"
    "        c.execute(sa.select(images.c.id)),\n    ]",
    "a predicate in another method": "class F:\n    def a(self, c, v):\n"
    "        return c.execute(sa.select(images.c.id).where(visible_to(v)))\n"
    "    def b(self, c):\n        return c.execute(sa.select(images.c.id))",
    "a predicate of an earlier result": "def f(c, v):\n"
    "    one = c.execute(sa.select(images.c.seq).where(owned_by(v))).first()\n"
    "    return c.execute(sa.select(images.c.id).where(images.c.seq != one.seq))",
    "asynchronous": "async def f(c):\n    return await c.execute(sa.select(images.c.id))",
    "by an alias": "def f(c):\n    i = images.alias()\n    return c.execute(sa.select(i.c.id))",
    "by the table's own method": "def f(c):\n    return c.execute(images.select())",
    "joined elsewhere": "_J = images.join(tags)\n"
    "def f(c):\n    return c.scalar(sa.select(sa.func.count()).select_from(_J))",
    "by the index of words": "def f(c):\n    return c.execute(sa.select(term_index.rows.c.rowid))",
    "a table made anew": "def f(c):\n    return c.execute(sa.select(sa.table('fingerprints')))",
    "in a condition": "def f(c):\n    if c.scalar(sa.select(sa.func.count(links.c.id))):\n"
    "        return 1",
    "below a condition": "import os\nif os.name:\n    ANY = sa.select(images.c.id)",
    "a predicate of its own": "from elsewhere import visible_to as seen_by\n"
    "def f(c, v):\n    return c.execute(sa.select(image_tags).where(seen_by(v)))",
    "a builder's caller": "def _all():\n    return sa.select(images.c.id)\n"
    "def f(c):\n    return c.execute(_all()).all()",
}

GOOD = {
    "in one step": "def f(c, v):\n    return c.execute(sa.select(images.c.id).where(owned_by(v)))",
    "in several": "def f(c, v):\n    query = sa.select(images.c.id)\n"
    "    query = query.where(visible_to(v))\n    return c.execute(query).all()",
    "made before": "def f(c, v):\n    shown = sa.and_(visible_to(v), sa.true())\n"
    "    return c.execute(sa.select(images.c.id).where(shown))",
    "made once": "_SEEN = sa.select(images.c.id).where(VISIBLE_TO_USER)\n"
    "def f(c):\n    return c.execute(_SEEN)",
    "by the object": "class F:\n    def __init__(self, v):\n        self._c = [visible_to(v)]\n"
    "    def f(self, c):\n        return c.execute(sa.select(images.c.id).where(*self._c))",
    "words": 'def f():\n    """Select whatever stands in images."""\n    return 1',
}


@pytest.mark.parametrize("code", EVASIONS.values(), ids=EVASIONS.keys())
def test_a_query_cannot_hide(code: str) -> None:
    sources = {"new": IMPORTS + code, "term_index": "rows = sa.table('image_terms')"}
    found = set(bare_queries(sources, ["new._all"])) - {"new._all"}
    assert len(found) == 1


@pytest.mark.parametrize("code", GOOD.values(), ids=GOOD.keys())
def test_a_query_with_a_predicate_is_let_through(code: str) -> None:
    assert list(bare_queries({"new": IMPORTS + code})) == []


def test_every_table_that_names_an_image_is_watched() -> None:
    naming = {
        table.name
        for table in images.metadata.tables.values()
        if any(key.column.table is images for key in table.foreign_keys)
    }
    # The fingerprint is its blob's, and the index of words is made by SQLite's own means.
    assert naming | {"images", "fingerprints", "image_terms"} == WATCHED

"""Nobody reads images past ``db.access``: who names the table says whose images are meant.

Only ``db/`` knows SQL (the linter of imports sees to that), so reading its code is enough. A new
query that leaves the predicate out fails here, and stays out or is added below with its reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from imgrepo_server import db

FOLDER = Path(str(db.__file__)).parent
PREDICATES = {"visible_to", "owned_by", "VISIBLE_TO_USER"}

# What names the table without a predicate, and why it may.
KNOWN = {
    "access": "is the place itself",
    "image_filters": "conditions that are added to the predicate",
    "query_conditions": "conditions that are added to the predicate",
    "tables": "no query",
    "images._COLUMNS": "no query",
    "images._JOINED": "no query",
    "images._INSERT": "writes",
    "images._OF_BLOB": "by owner",
    "images.known": "by owner",
    "images.change": "writes to an own image",
    "images.replace_words": "writes to an own image",
    "images.set_trashed": "writes to an own image",
    "images.purge": "deletes an own image",
    "image_words.index_again": "of the image that was just written",
    "images._one": "its callers add the predicate",
    "images._only": "of the image that was just written",
    "images._seq": "of the image that is being written",
    "listing._INDEXED": "no query",
    "term_index._INDEXED": "no query",
    "term_index._ALL": "writes the index of terms",
    "term_index._OF_IMAGE": "writes the index of terms",
    "visibility.change": "writes to an own image",
    "links.end_of_image": "of an image that is being trashed",
    "different_images._pair": "of two own images",
    "fingerprints.of_image": "of an image that the viewer was shown",
    "lookalikes._JOINED": "no query",
    "lookalikes._selected": "its callers add the predicate",
    "lookalikes._in_order": "its callers add the predicate",
    "blobs.release": "whether bytes have any name left; answers nobody",
    "holdings.summed": "by owner",
    "ownership.hand_over_some": "writes, for the program of an administrator",
    "ownership._some": "by owner, for the program of an administrator",
    "ownership._blob_seq": "of an image that was found by its owner",
    "users.every": "counts only, for the program of an administrator",
}


def test_every_query_on_images_carries_the_predicate() -> None:
    bare = set(without_predicate())
    assert bare - KNOWN.keys() == set(), "give these db.access.visible_to or owned_by"
    modules = {name.partition(".")[0] for name in KNOWN}
    assert modules <= {path.stem for path in FOLDER.glob("*.py")}
    assert {name for name in KNOWN if "." in name} - bare == set(), "these need no excuse any more"


def without_predicate() -> Iterator[str]:
    """Functions and constants that name the table of images, without a predicate beside it."""
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem in KNOWN:
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        names = table_names(module)
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                name = node.name
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
            else:
                continue
            if reads_images(node, names) and not PREDICATES & set(mentioned(node)):
                yield f"{path.stem}.{name}"


def table_names(module: ast.Module) -> set[str]:
    """What the table of images is called in a module, itself or joined."""
    imports = (part for part in module.body if isinstance(part, ast.ImportFrom))
    return {"_JOINED"} | {
        alias.asname or alias.name
        for part in imports
        if part.module == "imgrepo_server.db.tables"
        for alias in part.names
        if alias.name == "images"
    }


def reads_images(node: ast.AST, names: set[str]) -> bool:
    """Whether the table is named, in SQLAlchemy's words or in SQL's."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) if name in names:
                return True
            case ast.Constant(value=str(text)) if re.search(r"\b(FROM|JOIN) images\b", text):
                return True
    return False


def mentioned(node: ast.AST) -> Iterator[str]:
    """All names that are used."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id

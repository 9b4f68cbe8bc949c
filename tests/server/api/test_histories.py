"""Whatever people do one after another: nobody is shown what ten lines say they may not see."""

import hashlib
import io
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.server.api.town import NOBODY, PEOPLE, PLAIN, Said, Town

BELOW = (NOBODY, PLAIN)  # the gallery's tier, which is premium
PICTURES = range(2)
PREVIEWS = ("/preview", "/preview?size=256")


def every(viewer: str) -> str:
    """All that a search by image shows a viewer."""
    return f"distance={64 if viewer == NOBODY else 192}&limit=200"


def may_see(image: Said, viewer: str) -> bool:
    """The whole of who may see what."""
    if image.owner == viewer:
        return True
    if image.trashed:
        return False
    if image.visibility in ("public", "gallery"):
        return True
    return image.visibility == "shared" and viewer in image.shared_with


def check(town: Town, viewer: str) -> None:
    """Every way to look, against what the model allows."""
    seen = {image.id for image in town.images.values() if may_see(image, viewer)}
    kept = {image.id for image in town.images.values() if image.id in seen and not image.trashed}
    check_lists(town, viewer, kept, seen)
    check_pictures(town, viewer, kept, seen)
    for image in town.images.values():
        expected = 200 if image.id in seen else 404
        for path in ("", "/file", *PREVIEWS):
            below_tier = path == "/file" and image.visibility == "gallery" and viewer in BELOW
            status, _ = town.ask(viewer, "GET", f"/images/{image.id}{path}")
            assert status == (403 if below_tier and expected == 200 else expected)
        status, body = town.ask(viewer, "GET", f"/images/{image.id}/similar?{every(viewer)}")
        assert status == expected
        if status == 200:
            check_matches(town, viewer, body, kept - {image.id}, image.picture)
        for path, works in image.links.items():
            assert town.ask(viewer, "GET", path)[0] == (200 if works else 404)


def check_lists(town: Town, viewer: str, kept: set[str], seen: set[str]) -> None:
    def listed(query: str) -> set[str]:
        status, body = town.ask(viewer, "GET", f"/images?limit=200&{query}")
        assert status == 200
        return {one["id"] for one in body["images"]}

    assert listed("") == listed("sort=title") == kept
    assert listed("q=is:trashed") == seen - kept
    counts = {}
    for owner in PEOPLE:
        theirs = {image.id for image in town.images.values() if image.owner == owner}
        assert listed(f"keyword={owner}") == listed(f"user={owner}") == theirs & kept
        assert listed(f"tag=of-{owner}") == theirs & kept
        if theirs & kept:
            counts[f"of-{owner}"] = len(theirs & kept)
    for state in ("private", "shared", "public", "gallery"):
        of_state = {image.id for image in town.images.values() if image.visibility == state}
        assert listed(f"q=is:{state}") == of_state & kept
    _, body = town.ask(viewer, "GET", "/tags")
    assert {tag["name"]: tag["count"] for tag in body["tags"]} == counts


def check_pictures(town: Town, viewer: str, kept: set[str], seen: set[str]) -> None:
    for picture in PICTURES:
        form = town.form(picture)
        _, body = town.ask(viewer, "POST", f"/search/similar?{every(viewer)}", data=form)
        check_matches(town, viewer, body, kept, picture)
    ids = [image.id for image in town.images.values()]
    _, body = town.ask(viewer, "POST", "/images/verify", json={"ids": ids})
    assert {one["id"] for one in body["results"] if one["status"] != "missing"} == seen
    if viewer != NOBODY:
        _, body = town.ask(viewer, "GET", "/duplicates?distance=40")
        shown = [one for group in body["groups"] for one in [group["best"], *group["others"]]]
        assert all(one["owner"] == viewer and one["id"] in kept for one in shown)
        check_uploads(town, viewer, kept)


def check_matches(town: Town, viewer: str, body: Any, expected: set[str], picture: int) -> None:
    """Each image, those of the picture first, and equals in the order of their ids.

    Nobody is shown other pictures: they are farther than one may ask without a login.
    """
    found = [(one["distance"], one["id"]) for one in body["matches"]]
    assert found == sorted(found)
    same = {image.id for image in town.images.values() if image.picture == picture}
    shown = expected & same if viewer == NOBODY else expected
    assert {image_id for _, image_id in found} == shown
    assert {image_id for distance, image_id in found if distance == 0} == same & expected


def check_uploads(town: Town, viewer: str, kept: set[str]) -> None:
    """What somebody is told who has a picture in hand."""
    hashes = {n: hashlib.sha256(data).hexdigest() for n, data in town.pictures.items()}
    _, body = town.ask(viewer, "POST", "/images/check", json={"sha256": [*hashes.values()]})
    own = {one.picture: one.id for one in town.images.values() if one.owner == viewer}
    assert body["known"] == {hashes[n]: own[n] for n in own if own[n] in kept}
    for picture in PICTURES:
        same = {image.id for image in town.images.values() if image.picture == picture}
        form = town.form(picture, comment=viewer, on_similar="skip", visibility="private")
        _, body = town.ask(viewer, "POST", "/images", data=form)
        if same & kept:
            assert (body["image"], body["similar"]["id"]) == (None, min(same & kept))
        else:
            assert body["similar"] is None
            path = f"/images/{body['image']['id']}?purge=true"
            assert town.ask(viewer, "DELETE", path)[0] == 204


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Town]:
    data_dir = tmp_path_factory.mktemp("town")
    shutil.copy(migrated, data_dir / "imgrepo.db")
    made = Town(data_dir, {number: make(number) for number in PICTURES})
    yield made
    made.close()


def make(number: int) -> bytes:
    """A picture unlike the others."""
    out = io.BytesIO()
    Image.frombytes("L", (40, 30), random.Random(number).randbytes(1200)).save(out, "JPEG")
    return out.getvalue()


# Few images, so that much happens to each: whose it is and of which picture.
IMAGES = (("jeff", 0), ("rita", 0), ("jeff", 1))
DEEDS = (
    "public", "private", "share", "share", "unshare", "publish", "trash", "restore", "purge",
    "link", "link_to_preview", "upload",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(IMAGES), st.sampled_from(DEEDS), st.sampled_from(PEOPLE)),
    min_size=5,
    max_size=25,
)
# Shared and then trashed; a link through the trash; a link through an edit to private.
KNOWN = [
    *((IMAGES[0], deed, "rita") for deed in ("upload", "share", "trash")),
    *((IMAGES[1], deed, "") for deed in ("upload", "link", "trash", "restore")),
    *((IMAGES[2], deed, "") for deed in ("upload", "link", "link_to_preview", "private")),
]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(steps=KNOWN)
@given(steps=STEPS)
def test_nobody_is_ever_shown_what_they_may_not_see(
    town: Town, steps: list[tuple[tuple[str, int], str, str]]
) -> None:
    town.begin_again()
    for (who, picture), deed, whom in steps:
        image = town.images.get((who, picture))
        if image is None or deed == "upload":
            town.upload(who, picture, "public" if deed == "public" else "private")
        elif deed in ("public", "private"):
            town.set_visibility(image, deed)
        elif deed in ("share", "unshare"):
            getattr(town, deed)(image, whom)
        else:
            getattr(town, deed)(image)
    for viewer in (*PEOPLE, NOBODY):
        check(town, viewer)

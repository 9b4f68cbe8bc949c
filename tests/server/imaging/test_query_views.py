from collections.abc import Callable
from pathlib import Path

import pytest
from imgrepo_server.imaging.distance import distance
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing, look_at
from imgrepo_server.imaging.matching import STRANGERS
from imgrepo_server.imaging.query import Orientation, Region
from imgrepo_server.imaging.query_views import query_fingerprint
from PIL import Image

Scene = Callable[..., Image.Image]

# Pillow turns counterclockwise.
TURN = {
    Orientation.UPRIGHT: (),
    Orientation.ROTATED_90: (Image.Transpose.ROTATE_270,),
    Orientation.ROTATED_180: (Image.Transpose.ROTATE_180,),
    Orientation.ROTATED_270: (Image.Transpose.ROTATE_90,),
    Orientation.MIRRORED: (Image.Transpose.FLIP_LEFT_RIGHT,),
    Orientation.MIRRORED_ROTATED_90: (
        Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_270,
    ),
    Orientation.MIRRORED_ROTATED_180: (
        Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180,
    ),
    Orientation.MIRRORED_ROTATED_270: (
        Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90,
    ),
}  # fmt: skip


def turned(picture: Image.Image, orientation: Orientation) -> Image.Image:
    for step in TURN[orientation]:
        picture = picture.transpose(step)
    return picture


def test_the_first_view_is_the_stored_one(scene: Scene) -> None:
    gray = gray_for_hashing(scene(400, 300))
    query = query_fingerprint(gray)
    first = query.views[0]
    assert (first.orientation, first.region) == (Orientation.UPRIGHT, Region.WHOLE)
    assert first.view == fingerprint(gray).whole
    assert [view.orientation for view in query.views[:8]] == list(Orientation)


def test_a_content_box_adds_its_own_eight(scene: Scene) -> None:
    framed = Image.new("L", (256, 256), 255)
    framed.paste(scene(180, 120, mode="L"), (20, 60))
    query = query_fingerprint(framed)
    boxed = [view.region for view in query.views if view.region is not Region.WIDER]
    assert boxed == [Region.WHOLE] * 8 + [Region.BOX] * 8
    assert query.views[8].view == fingerprint(framed).box


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("size", [(256, 192), (171, 256), (97, 61)])
def test_each_view_is_that_of_the_turned_picture(
    orientation: Orientation, size: tuple[int, int], scene: Scene
) -> None:
    gray = scene(*size, mode="L")
    views = {view.orientation: view.view for view in query_fingerprint(gray).views[:8]}
    assert distance(views[orientation], look_at(turned(gray, orientation)).view) <= 2


@pytest.mark.parametrize("orientation", Orientation)
def test_photographs_are_found_however_they_were_turned(
    orientation: Orientation, shared: Path
) -> None:
    photos = sorted((shared / "photos" / "small").glob("kodak*.jpg"))
    assert photos
    for photo in photos:
        with Image.open(photo) as picture:
            gray = gray_for_hashing(picture.convert("RGB"))
        stored = look_at(turned(gray, orientation)).view
        found = min(query_fingerprint(gray).views, key=lambda view: distance(view.view, stored))
        assert found.orientation is orientation
        assert distance(found.view, stored) <= 4


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5)])
def test_a_cropped_picture_is_found_by_what_may_have_been_cut_away(
    corner: tuple[float, float], scene: Scene
) -> None:
    for seed in range(5):
        picture = scene(400, 300, seed=seed)
        left, top = round(40 * corner[0]), round(30 * corner[1])
        cropped = gray_for_hashing(picture.crop((left, top, left + 360, top + 270)))
        stored = look_at(gray_for_hashing(picture)).view
        nearest = min(
            query_fingerprint(cropped).views, key=lambda view: distance(view.view, stored)
        )
        assert nearest.region is Region.WIDER
        assert distance(nearest.view, stored) <= STRANGERS / 2


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 7), (256, 3)])
def test_the_smallest_pictures_have_all_views(size: tuple[int, int]) -> None:
    gray = Image.effect_noise(size, 90) if min(size) > 1 else Image.new("L", size, 9)
    query = query_fingerprint(gray)
    assert len(query.views) in ({8, 16} if query.flat else {13, 21})


def test_a_darker_copy_of_a_picture_that_is_just_not_flat_finds_it(scene: Scene) -> None:
    gray = gray_for_hashing(scene(400, 300))
    faded = (gray.point([round(tone * share / 100) for tone in range(256)]) for share in range(99))
    kept = next(one for one in faded if not fingerprint(one).flat)
    darker = kept.point([round(tone * 0.8) for tone in range(256)])
    assert fingerprint(darker).flat
    query = query_fingerprint(darker)
    assert not query.flat
    nearest = min(distance(seen.view, fingerprint(kept).whole) for seen in query.views)
    assert nearest <= 28

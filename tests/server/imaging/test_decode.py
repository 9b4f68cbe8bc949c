from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.decode import decode_reduced, fitting, shrink, upright_size
from imgrepo_server.imaging.distance import distance
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.probe import probed
from numpy.typing import NDArray
from PIL import Image

Scene = Callable[..., Image.Image]

# What has to be done to an upright picture so that a viewer who obeys the tag undoes it.
AS_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def decoded(path: Path, limits: DecodeLimits) -> NDArray[np.int16]:
    with probed(path, limits) as probe:
        return np.asarray(decode_reduced(probe.picture, 512), dtype=np.int16)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_of_a_picture_is_the_same_picture(
    form: str, orientation: int, tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    upright = scene(240, 160)
    stored = upright.transpose(AS_STORED[orientation]) if orientation in AS_STORED else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned"
    lossless: dict[str, dict[str, Any]] = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 98, "subsampling": 0},
    }
    stored.save(path, form, exif=exif.tobytes(), **lossless.get(form, {}))
    seen = examine(path, None, limits)
    upright.save(tmp_path / "upright.png")
    wanted = examine(tmp_path / "upright.png", None, limits)
    assert (seen.width, seen.height) == (240, 160)
    if form in {"PNG", "TIFF", "WEBP"}:
        assert np.array_equal(decoded(path, limits), np.asarray(upright))
        assert seen.fingerprint == wanted.fingerprint
    else:
        assert distance(seen.fingerprint.whole, wanted.fingerprint.whole) <= 6


@pytest.mark.parametrize("kind", ["Landscape", "Portrait"])
def test_cameras_orientations_give_equal_fingerprints(
    kind: str, shared: Path, limits: DecodeLimits
) -> None:
    folder = shared / "photos" / "orientation"
    seen = [examine(folder / f"{kind}_{each}.jpg", None, limits) for each in range(9)]
    assert len({(each.width, each.height) for each in seen}) == 1
    furthest = max(distance(seen[0].fingerprint.whole, each.fingerprint.whole) for each in seen[1:])
    assert furthest <= 4  # they were turned and compressed again one by one


@pytest.mark.parametrize("damage", [0, 9, 65535])
def test_a_nonsensical_orientation_is_none(
    damage: int, tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    exif = Image.Exif()
    exif[0x0112] = damage
    scene(60, 40).save(tmp_path / "odd.png", exif=exif)
    assert decoded(tmp_path / "odd.png", limits).shape == (40, 60, 3)


def test_a_jpeg_is_decoded_reduced_and_looks_the_same(shared: Path, limits: DecodeLimits) -> None:
    path = shared / "photos" / "camera" / "camera_02.jpg"
    with probed(path, limits) as probe:
        reduced = decode_reduced(probe.picture, 512)
        assert probe.size == (4000, 3000)
        assert max(probe.picture.size) == 1000  # a quarter was decoded, which still covers 512
    with Image.open(path) as picture:
        whole = picture.convert("RGB").resize(reduced.size, Image.Resampling.BOX)
    difference = np.abs(np.asarray(reduced, np.int16) - np.asarray(whole, np.int16))
    assert difference.mean() < 3


def test_a_progressive_jpeg_is_decoded_like_any_other(
    tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    scene(1400, 1100).save(tmp_path / "plain.jpg", quality=85)
    scene(1400, 1100).save(tmp_path / "progressive.jpg", quality=85, progressive=True)
    plain = decoded(tmp_path / "plain.jpg", limits)
    assert np.array_equal(plain, decoded(tmp_path / "progressive.jpg", limits))


@pytest.mark.parametrize(("size", "loaded"), [
    ((1280, 960), (640, 480)), ((2048, 1367), (512, 342)), ((960, 1280), (480, 640)),
    ((1023, 700), (1023, 700)), ((5000, 40), (625, 5)),
])  # fmt: skip
def test_a_jpeg_is_decoded_at_the_least_size_that_covers(
    size: tuple[int, int], loaded: tuple[int, int], tmp_path: Path, limits: DecodeLimits
) -> None:
    Image.new("RGB", size).save(tmp_path / "plain.jpg")
    with probed(tmp_path / "plain.jpg", limits) as probe:
        decode_reduced(probe.picture, 512)
        assert probe.picture.size == loaded


def test_it_never_enlarges(tmp_path: Path, limits: DecodeLimits, scene: Scene) -> None:
    scene(30, 20).save(tmp_path / "small.png")
    assert decoded(tmp_path / "small.png", limits).shape == (20, 30, 3)


@given(st.integers(1, 70_000), st.integers(1, 70_000), st.integers(1, 2000))
def test_a_fitting_size_fits_and_keeps_proportions(width: int, height: int, long_side: int) -> None:
    wide, high = fitting((width, height), long_side)
    assert 1 <= wide <= width
    assert 1 <= high <= height
    assert max(wide, high) == min(long_side, max(width, height))
    assert abs(wide * height - high * width) <= max(width, height) or 1 in (wide, high)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"])
def test_shrinking_by_bands_is_shrinking(mode: str, scene: Scene) -> None:
    # 1711 rows are more than one band, and no whole number of anything.
    picture = scene(703, 1711).convert("L" if mode in {"1", "I;16"} else mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    if mode == "1":
        picture = picture.convert("1")
    small = shrink(picture, (70, 171)).convert("RGB")
    plain = picture
    if mode == "I;16":
        plain = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    wanted = plain.convert("RGB").resize((70, 171), Image.Resampling.BOX)
    difference = np.abs(np.asarray(small, np.int16) - np.asarray(wanted, np.int16))
    assert difference.mean() < 2.5


def test_the_first_frame_of_an_animation_is_shown(
    tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    first, second = scene(80, 60, seed=1), scene(80, 60, seed=2)
    for form in ("WEBP", "PNG"):
        path = tmp_path / f"moving.{form}"
        first.save(path, form, save_all=True, append_images=[second], lossless=True)
        assert np.array_equal(decoded(path, limits), np.asarray(first))


def test_upright_size() -> None:
    assert [upright_size((3, 2), each) for each in (1, 4, 5, 8)] == [
        (3, 2), (3, 2), (2, 3), (2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(300, 200), (512, 340), (1024, 680), (1000, 700)])
def test_nothing_of_the_file_stays_attached_and_the_file_keeps_it(
    mode: str, size: tuple[int, int], tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    path = tmp_path / "told.jpg"
    scene(*size).convert(mode).save(path, comment=b"taken at home", dpi=(72, 72))
    with probed(path, limits) as probe:
        small = decode_reduced(probe.picture, 512)
        assert probe.picture.info["comment"] == b"taken at home"
    assert small.info == {}

from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.distance import distance
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing, look_at
from imgrepo_server.models import View
from PIL import Image, ImageDraw, ImageFilter

Scene = Callable[..., Image.Image]


def reference(gray: Image.Image) -> View:
    """The three hashes as ``imagehash`` computes them."""
    return View(
        phash64=np.packbits(imagehash.phash(gray).hash).tobytes(),
        dhash64=np.packbits(imagehash.dhash(gray).hash).tobytes(),
        phash256=np.packbits(imagehash.phash(gray, hash_size=16).hash).tobytes(),
    )


def test_photographs_hash_as_imagehash_does_bit_for_bit(shared: Path) -> None:
    photos = sorted((shared / "photos" / "small").iterdir())
    assert len(photos) > 300
    for photo in photos:
        with Image.open(photo) as picture:
            picture.draft("RGB", (512, 512))
            gray = gray_for_hashing(picture.convert("RGB"))
        assert look_at(gray).view == reference(gray), photo.name
        assert str(imagehash.phash(gray)) == look_at(gray).view.phash64.hex()


@given(
    width=st.integers(1, 256),
    height=st.integers(1, 256),
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["noise", "one tone", "stripes", "columns", "symmetric", "checkers"]),
)
def test_drawings_of_exact_symmetry_hash_as_imagehash_does(
    width: int, height: int, seed: int, kind: str
) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(0, 256, (height, 1))
    columns = random.integers(0, 256, (1, width))
    noise = random.integers(0, 256, (height, width))
    pixels = {
        "noise": noise,
        "one tone": np.full((height, width), seed % 256),
        "stripes": np.broadcast_to(rows, (height, width)),
        "columns": np.broadcast_to(columns, (height, width)),
        "symmetric": (noise + noise[::-1, ::-1]) // 2,
        "checkers": 255 * ((np.arange(height)[:, np.newaxis] // 9 + np.arange(width) // 9) % 2),
    }[kind]
    gray = Image.fromarray(pixels.astype(np.uint8))
    assert look_at(gray).view == reference(gray)


def test_hashes_are_packed_row_by_row_first_bit_first() -> None:
    # Brighter to the right in the upper half, darker in the lower one.
    ramp = np.tile(np.arange(0, 256, dtype=np.uint8), (128, 1))
    gray = Image.fromarray(np.vstack([ramp, ramp[:, ::-1]]))
    assert look_at(gray).view.dhash64 == b"\xff\xff\xff\xff\0\0\0\0"
    assert len(look_at(gray).view.phash64) == 8
    assert len(look_at(gray).view.phash256) == 32


@pytest.mark.parametrize("size", [(512, 384), (256, 1), (257, 400), (1, 512), (40, 30)])
def test_the_gray_picture_has_at_most_256_pixels(size: tuple[int, int]) -> None:
    gray = gray_for_hashing(Image.new("RGB", size, (255, 0, 0)))
    assert gray.mode == "L"
    assert max(gray.size) == min(256, max(size))
    assert gray.getextrema() == (76, 76)  # ITU-R 601 luma of pure red


def test_copies_are_near_and_strangers_far(scene: Scene) -> None:
    original = scene(512, 384)
    of = {
        "resized": original.resize((200, 150), Image.Resampling.LANCZOS),
        "blurred": original.filter(ImageFilter.GaussianBlur(2)),
        "brighter": original.point(lambda tone: min(255, int(tone * 1.2))),
        "gray": original.convert("L").convert("RGB"),
    }
    whole = look_at(gray_for_hashing(original)).view
    for name, copy in of.items():
        assert distance(whole, look_at(gray_for_hashing(copy)).view) <= 12, name
    strangers = [
        look_at(gray_for_hashing(scene(512, 384, seed=seed))).view for seed in range(2, 30)
    ]
    assert min(distance(whole, stranger) for stranger in strangers) > 60


def test_a_bordered_copy_is_found_by_its_content_box(scene: Scene) -> None:
    original = scene(512, 384)
    bordered = Image.new("RGB", (640, 640), "white")
    bordered.paste(original, (64, 100))
    plain = fingerprint(gray_for_hashing(original))
    framed = fingerprint(gray_for_hashing(bordered))
    assert plain.box is None
    assert framed.box is not None
    assert distance(plain.whole, framed.whole) > 40
    assert distance(plain.whole, framed.box) <= 28


def test_a_box_without_detail_is_not_kept() -> None:
    page = Image.new("L", (256, 200), 255)
    ImageDraw.Draw(page).rectangle((80, 60, 180, 140), fill=128)
    assert fingerprint(page).box is None


def test_pictures_without_detail_are_flat_and_others_not(scene: Scene) -> None:
    across = np.linspace(0, 255, 256)
    down = np.linspace(0, 255, 192)[:, np.newaxis]
    noise = np.random.default_rng(1).normal(0, 2, (192, 256))
    fog = {
        "white": np.full((192, 256), 255.0),
        "blank scan": 245 + noise,
        "gradient": across + 0 * down,
        "diagonal": (across + down) / 2 + noise,
        "vignette": 230 - np.hypot(across - 128, down - 128) ** 2 / 500 + noise,
    }
    for name, pixels in fog.items():
        gray = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        assert fingerprint(gray).flat, name
    assert not fingerprint(gray_for_hashing(scene(512, 384))).flat


def test_a_plain_ground_with_something_in_a_corner_is_flat_however_it_is_turned() -> None:
    """All such look alike to the hashes, whatever is in the corner."""
    across, down = np.arange(256), np.arange(192)[:, np.newaxis]
    sky = 200 - across / 64 + 0 * down
    roof = np.where(across + 2 * down > 520, 40 + 3 * np.sin(across), sky)
    stripes = 120 + 80 * np.sin(down / 9) + 0 * across
    for pixels in (roof, stripes):
        for quarters in range(4):
            gray = Image.fromarray(np.rot90(pixels, quarters).astype(np.uint8))
            assert fingerprint(gray).flat


def test_few_photographs_are_flat(shared: Path) -> None:
    flat = 0
    photos = sorted((shared / "photos" / "small").iterdir())
    for photo in photos:
        with Image.open(photo) as picture:
            picture.draft("RGB", (512, 512))
            flat += look_at(gray_for_hashing(picture.convert("RGB"))).flat
    assert flat <= len(photos) * 0.03

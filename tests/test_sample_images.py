"""The sample pictures are what their generator draws, and show what the product is for."""

import subprocess
import sys
from datetime import datetime
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD, Base

FOLDER = Path(__file__).parents[1] / "sample_images"
SUFFIXES = {".jpg", ".png", ".webp"}
NEAR = {
    "cat_windowsill_small.jpg": "cat_windowsill.jpg",
    "beach_sunset_recompressed.jpg": "beach_sunset.jpg",
    "mountain_lake_cropped.jpg": "mountain_lake.jpg",
    "forest_fog_brighter.jpg": "forest_fog.jpg",
}


def pictures(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}


def seen(path: Path) -> Image.Image:
    """The picture as a person sees it."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


@pytest.fixture(scope="module")
def committed() -> dict[str, Path]:
    return pictures(FOLDER)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, str(FOLDER / "generate.py"), "--to", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return pictures(folder)


def test_generator_draws_the_committed_pictures(
    committed: dict[str, Path], generated: dict[str, Path]
) -> None:
    assert committed.keys() == generated.keys()
    for name, path in committed.items():
        # Not the bytes: another version of an encoder may write others.
        before = np.asarray(seen(path), np.int16)
        after = np.asarray(seen(generated[name]), np.int16)
        assert before.shape == after.shape, name
        assert np.abs(before - after).mean() < 3, name


def test_set_is_small_and_has_every_format(committed: dict[str, Path]) -> None:
    assert 12 <= len(committed) <= 20
    assert sum(path.stat().st_size for path in committed.values()) <= 2_000_000
    assert {path.suffix for path in committed.values()} == SUFFIXES


def test_near_duplicates_are_near_and_all_others_far_apart(committed: dict[str, Path]) -> None:
    hashes = {name: imagehash.phash(seen(path)) for name, path in committed.items()}
    assert NEAR.keys() <= hashes.keys()
    for one, other in combinations(hashes, 2):
        distance = hashes[one] - hashes[other]
        if NEAR.get(one, one) == NEAR.get(other, other):
            assert 0 <= distance <= 8, (one, other)
        else:
            assert distance >= 16, (one, other)


def test_near_duplicates_are_other_bytes(committed: dict[str, Path]) -> None:
    contents = {path.read_bytes() for path in committed.values()}
    assert len(contents) == len(committed)


def test_exif_tells_camera_time_place_and_orientation(committed: dict[str, Path]) -> None:
    cameras, turned, places = set(), [], []
    for name, path in committed.items():
        with Image.open(path) as image:
            exif = image.getexif()
            stored = image.size
        details, where = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
        if exif:
            cameras.add(exif[Base.Make])
            moment = details[Base.DateTimeOriginal] + details[Base.OffsetTimeOriginal]
            assert datetime.strptime(moment, "%Y:%m:%d %H:%M:%S%z") is not None
        if exif.get(Base.Orientation, 1) != 1:
            turned.append(name)
            assert seen(path).size == stored[::-1]
        if where:
            north, west = where[GPS.GPSLatitude], where[GPS.GPSLongitude]
            places.append([float(d + m / 60 + s / 3600) for d, m, s in (north, west)])
    assert len(cameras) >= 3
    assert turned == ["lighthouse_storm.jpg"]
    assert places == [pytest.approx([37.8199, 122.4783], abs=1e-4)]

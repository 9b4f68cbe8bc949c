from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from imgrepo_server.imaging.examine import examine, render_preview
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.preview import PREVIEW_SIZES, write_preview
from PIL import Image

Scene = Callable[..., Image.Image]


@pytest.mark.parametrize("size", PREVIEW_SIZES)
def test_a_preview_has_the_size_asked_for_and_the_picture_in_it(
    size: int, tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    scene(1600, 1000).save(tmp_path / "original.png")
    render_preview(tmp_path / "original.png", tmp_path / "preview.jpg", size, limits)
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert (preview.format, preview.mode, preview.width) == ("JPEG", "RGB", size)
        assert preview.height == size * 5 // 8
        wanted = scene(1600, 1000).resize(preview.size, Image.Resampling.BOX)
        difference = np.asarray(preview, np.int16) - np.asarray(wanted, np.int16)
        assert np.abs(difference).mean() < 3


def test_a_small_picture_is_not_enlarged(
    tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    scene(100, 300).save(tmp_path / "original.png")
    render_preview(tmp_path / "original.png", tmp_path / "preview.jpg", 1024, limits)
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert preview.size == (100, 300)


@pytest.mark.parametrize("size", [(65_000, 1), (1, 65_000), (1, 1)])
def test_extreme_shapes_have_previews(
    size: tuple[int, int], tmp_path: Path, limits: DecodeLimits
) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "original.png")
    seen = examine(tmp_path / "original.png", tmp_path / "preview.jpg", limits)
    assert (seen.width, seen.height) == size
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert max(preview.size) == min(512, max(size))


def test_a_preview_tells_nothing_about_the_photographer(
    tmp_path: Path, limits: DecodeLimits, shared: Path
) -> None:
    source = shared / "photos" / "exif" / "DSCN0012.jpg"
    assert examine(source, tmp_path / "preview.jpg", limits).exif["gps_latitude"]
    written = (tmp_path / "preview.jpg").read_bytes()
    for secret in (b"Exif", b"NIKON", b"ns.adobe.com", b"Photoshop", b"ICC_PROFILE"):
        assert secret not in written


@pytest.mark.parametrize("form", ["JPEG", "GIF", "PNG", "TIFF"])
def test_comments_and_profiles_stay_behind(
    form: str, tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    scene(64, 48).save(
        tmp_path / "original", form, comment=b"home alone", icc_profile=b"home alone", dpi=(9, 9)
    )
    examine(tmp_path / "original", tmp_path / "preview.jpg", limits)
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert set(preview.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_preview_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_preview(Image.new("RGB", (9, 9)), tmp_path / "no such folder" / "preview.jpg")
    # A picture that its encoder refuses fails after the file was opened.
    with pytest.raises(OSError, match="mode RGBA"):
        write_preview(Image.new("RGBA", (9, 9)), tmp_path / "preview.jpg")
    assert not list(tmp_path.iterdir())

from collections.abc import Callable
from pathlib import Path

import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.distance import distance
from imgrepo_server.imaging.examine import examine, fingerprint_for_search
from imgrepo_server.imaging.formats import FORMATS
from imgrepo_server.imaging.limits import DecodeLimits
from PIL import Image

Scene = Callable[..., Image.Image]

FORESEEN = {
    ErrorCode.EMPTY_FILE,
    ErrorCode.NOT_AN_IMAGE,
    ErrorCode.UNSUPPORTED_FORMAT,
    ErrorCode.TRUNCATED_IMAGE,
    ErrorCode.CORRUPT_IMAGE,
    ErrorCode.TOO_MANY_PIXELS,
}


@pytest.mark.parametrize("folder", ["pillow", "heif", "libvips", "pngsuite", "rs"])
def test_odd_files_are_examined_or_refused(
    folder: str, shared: Path, tmp_path: Path, limits: DecodeLimits
) -> None:
    preview = tmp_path / "preview.jpg"
    examined = 0
    for file in sorted((shared / "odd" / folder).iterdir()):
        preview.unlink(missing_ok=True)
        try:
            seen = examine(file, preview, limits)
        except ImgrepoError as refusal:
            if refusal.code not in FORESEEN or preview.exists():
                raise
            continue
        examined += 1
        assert seen.format in FORMATS
        assert seen.width > 0
        assert seen.height > 0
        with Image.open(preview) as written:
            assert written.mode == "RGB"
            assert max(written.size) <= 512
    assert examined >= 10


def test_every_valid_file_of_the_png_suite_is_accepted(shared: Path, limits: DecodeLimits) -> None:
    for file in sorted((shared / "odd" / "pngsuite").glob("*.png")):
        if not file.name.startswith("x"):  # the suite's damaged files
            assert examine(file, None, limits).format == "png"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("heif/empty.heic", ErrorCode.EMPTY_FILE),
        ("heif/truncated.heic", ErrorCode.TRUNCATED_IMAGE),
        ("libvips/truncated.gif", ErrorCode.TRUNCATED_IMAGE),
        ("libvips/logo.svg", ErrorCode.UNSUPPORTED_FORMAT),
        ("libvips/page-box.pdf", ErrorCode.UNSUPPORTED_FORMAT),
        ("pillow/truncated_jpeg.jpg", ErrorCode.TRUNCATED_IMAGE),
        ("pillow/decompression_bomb.gif", ErrorCode.TOO_MANY_PIXELS),
        ("pillow/reallybig.bmp", ErrorCode.TOO_MANY_PIXELS),
        ("pillow/five_channels.psd", ErrorCode.UNSUPPORTED_FORMAT),
        ("pillow/png_decompression_dos.png", ErrorCode.CORRUPT_IMAGE),
        ("rs/LICENSE-MIT", ErrorCode.NOT_AN_IMAGE),
        ("pngsuite/xhdn0g08.png", ErrorCode.CORRUPT_IMAGE),
    ],
)
def test_odd_files_are_called_by_their_names(
    file: str, code: ErrorCode, shared: Path, limits: DecodeLimits
) -> None:
    path = shared / "odd" / file
    if not path.exists():
        pytest.skip(f"there is no {path}")
    with pytest.raises(ImgrepoError) as caught:
        examine(path, None, limits)
    assert caught.value.code is code


def test_the_same_picture_in_every_format_is_the_same_picture(
    tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    picture = scene(800, 600)
    seen = {}
    for form in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF", "HEIF", "GIF"):
        picture.save(tmp_path / form, form)
        seen[form] = examine(tmp_path / form, None, limits)
    assert {each.format for each in seen.values()} == set(FORMATS)
    for form, each in seen.items():
        assert (each.width, each.height) == (800, 600)
        nearness = distance(each.fingerprint.whole, seen["PNG"].fingerprint.whole)
        assert nearness <= 12, form


def test_a_search_sees_what_an_upload_stores(shared: Path, limits: DecodeLimits) -> None:
    photo = shared / "photos" / "camera" / "camera_01.jpg"
    stored = examine(photo, None, limits).fingerprint
    query = fingerprint_for_search(photo, limits)
    assert query.views[0].view == stored.whole
    assert (query.version, query.flat) == (stored.version, stored.flat)

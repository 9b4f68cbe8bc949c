from collections.abc import Callable

import pytest
from imgrepo_server.imaging.formats import FORMATS, accepted, refused
from PIL import Image

Scene = Callable[..., Image.Image]
Encode = Callable[..., bytes]

SAVED_AS = ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"]


@pytest.mark.parametrize("form", SAVED_AS)
def test_what_pillow_writes_is_recognised(form: str, scene: Scene, encode: Encode) -> None:
    claimed = accepted(encode(scene(64, 48), form))
    assert claimed is FORMATS[form.lower()]


def test_what_pillow_heif_writes_is_recognised(scene: Scene, encode: Encode) -> None:
    assert accepted(encode(scene(64, 48), "HEIF")) is FORMATS["heic"]


def test_a_big_tiff_and_an_animation_are_recognised(scene: Scene, encode: Encode) -> None:
    frames = {"save_all": True, "append_images": [scene(64, 48, seed=2)]}
    assert accepted(encode(scene(64, 48), "TIFF", big_tiff=True)) is FORMATS["tiff"]
    assert accepted(encode(scene(64, 48), "AVIF", **frames)) is FORMATS["avif"]
    assert accepted(encode(scene(64, 48), "MPO", **frames)) is FORMATS["jpeg"]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x20ftypmif1\0\0\0\0mif1heicmiafMiHB", "heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf", "avif"),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0hevcmsf1", "heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1heicmiaf", "avif"),
    ],
)
def test_generic_containers_are_told_by_their_compatible_brands(head: bytes, name: str) -> None:
    assert accepted(head) is FORMATS[name]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BM is how this letter begins, but it is not a bitmap",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41",
        b"GIF",
        b"Dear Sir",
        b"\xff\xd8",
    ],
)
def test_other_files_are_neither_accepted_nor_called_pictures(head: bytes) -> None:
    assert accepted(head) is None
    assert refused(head) is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"8BPS\0\x01", "Photoshop"),
        (b"\0\0\x01\0\x01\0", "icon"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"%PDF-1.7", "PDF"),
        (b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<SVG width="9">', "SVG"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01", "raw"),
        (b"P6\n640 480\n255\n", "anymap"),
        (b"\0" * 128 + b"DICM", "DICOM"),
    ],
)
def test_known_pictures_that_are_not_accepted_are_named(head: bytes, kind: str) -> None:
    assert accepted(head) is None
    assert kind in (refused(head) or "")


def test_every_format_names_a_plugin_that_is_there() -> None:
    for each in FORMATS.values():
        assert each.pillow in Image.OPEN
        assert each.extensions[0].startswith(".")

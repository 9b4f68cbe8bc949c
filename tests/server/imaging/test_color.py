from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from imgrepo_server.imaging.color import resizable, to_rgb, tone_range
from PIL import Image, ImageCms

RED = (200, 30, 40)


def rgb(picture: Image.Image, profile: bytes | None = None) -> Image.Image:
    return to_rgb(resizable(picture, tone_range(picture)), profile)


def gray_ramp(kind: type[np.generic], top: float) -> np.ndarray:
    return np.linspace(0, top, 256).reshape(16, 16).astype(kind)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV", "P", "PA"])
def test_every_colour_mode_keeps_its_colour(mode: str) -> None:
    source = Image.new("RGB", (8, 8), RED)
    if mode == "RGBa":
        picture = source.convert("RGBA").convert("RGBa")
    elif mode in {"P", "PA"}:
        picture = source.quantize(4).convert(mode)
    else:
        picture = source.convert(mode)
    result = rgb(picture)
    assert result.mode == "RGB"
    assert np.abs(np.array(result.getpixel((4, 4))) - RED).max() <= 4


def test_lab_is_converted() -> None:
    lab = Image.new("RGB", (8, 8), RED).convert("LAB")
    assert np.abs(np.array(rgb(lab).getpixel((4, 4))) - RED).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_every_gray_mode_keeps_black_and_white(mode: str) -> None:
    picture = Image.new("L", (8, 8), 0)
    picture.paste(255, (4, 0, 8, 8))
    result = rgb(picture.convert(mode))
    assert result.getpixel((1, 1)) == (0, 0, 0)
    assert result.getpixel((6, 6)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("kind", "top"),
    [
        (np.uint16, 65535), (np.int32, 255), (np.int32, 65535), (np.int32, 2**30),
        (np.float32, 1.0), (np.float32, 255.0), (np.float32, 65535.0), (np.float32, 3e9),
    ],
)  # fmt: skip
def test_deep_grays_are_scaled_and_not_clipped(kind: type[np.generic], top: float) -> None:
    result = np.asarray(rgb(Image.fromarray(gray_ramp(kind, top))))[:, :, 0].ravel()
    assert np.abs(result.astype(int) - np.arange(256)).max() <= 1


def test_dark_deep_pictures_stay_dark() -> None:
    assert rgb(Image.fromarray(gray_ramp(np.uint16, 256))).getextrema()[0] == (0, 1)


def test_impossible_floats_are_black_or_white_at_worst() -> None:
    values = gray_ramp(np.float32, 1.0)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    result = np.asarray(rgb(Image.fromarray(values)))
    assert result[15, 15, 0] == 255
    assert result[0, 1, 0] == 255
    assert result[0, 0, 0] == result[0, 2, 0] == 0
    assert rgb(Image.fromarray(np.full((4, 4), np.nan, np.float32))).getpixel((0, 0)) == (0, 0, 0)
    assert rgb(Image.fromarray(np.full((4, 4), -7.0, np.float32))).getpixel((0, 0)) == (0, 0, 0)


def test_transparency_shows_white() -> None:
    assert rgb(Image.new("RGBA", (4, 4), (0, 0, 0, 0))).getpixel((0, 0)) == (255, 255, 255)
    half = rgb(Image.new("RGBA", (4, 4), (0, 0, 0, 128))).getpixel((0, 0))
    assert half == (127, 127, 127)
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([9, 9, 9, *RED])
    palette.info["transparency"] = 1
    assert rgb(palette).getpixel((0, 0)) == (255, 255, 255)
    key = Image.new("RGB", (4, 4), RED)
    key.info["transparency"] = RED
    assert rgb(key).getpixel((0, 0)) == (255, 255, 255)


def test_colours_of_another_space_are_converted_and_known_ones_left_alone(shared: Path) -> None:
    with Image.open(shared / "odd" / "pillow" / "frame_size.mpo") as phone:
        display_p3 = phone.info["icc_profile"]
    red = Image.new("RGB", (4, 4), (200, 60, 60))
    wider = np.asarray(rgb(red, display_p3))[0, 0]
    assert wider[0] > 210  # the same red needs a larger number in the smaller space
    assert wider[1] < 60
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert rgb(red, srgb).getpixel((0, 0)) == (200, 60, 60)


@pytest.mark.parametrize(
    "profile", [b"", b"\0", b"not a profile", b"\0\0\x02\x0cappl" + b"\0" * 500]
)
def test_a_broken_profile_is_no_profile(profile: bytes) -> None:
    assert rgb(Image.new("RGB", (4, 4), RED), profile).getpixel((0, 0)) == RED


def test_a_profile_for_other_pixels_is_no_profile() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    assert ImageCms.getOpenProfile(BytesIO(lab.tobytes()))
    assert rgb(Image.new("RGB", (4, 4), RED), lab.tobytes()).getpixel((0, 0)) == RED
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert rgb(Image.new("L", (4, 4), 77), srgb).getpixel((0, 0)) == (77, 77, 77)

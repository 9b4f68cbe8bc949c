"""From any of Pillow's pixel modes to plain 8-bit RGB (or gray), the way a viewer shows it."""

import math
from functools import lru_cache
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageCms

_DEEP_MODES: Final = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_RESIZABLE: Final = frozenset({"L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})


def tone_range(picture: Image.Image) -> tuple[float, float]:
    """The values that become black and white; (0, 255) for everything but deep modes.

    16-bit pictures are scaled by their type's range. 32-bit integers and floats have no such
    range: values up to 1, 255 or 65,535 are taken at their word, others stretched from their
    least to their greatest.
    """
    if picture.mode not in _DEEP_MODES:
        return 0.0, 255.0
    if picture.mode.startswith("I;16"):
        return 0.0, 65535.0
    low, high = _finite_extrema(picture)
    if low >= 0:
        scales = (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0)
        for full in scales:
            if high <= full:
                return 0.0, full
    return low, high


def _finite_extrema(picture: Image.Image) -> tuple[float, float]:
    low, high = picture.getextrema()
    if isinstance(low, tuple) or isinstance(high, tuple):
        raise TypeError("a deep picture has one band")
    if math.isfinite(low) and math.isfinite(high):
        return float(low), float(high)
    values = np.asarray(picture)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def resizable(picture: Image.Image, tones: tuple[float, float]) -> Image.Image:
    """The picture, or a part of it, in a mode in which averaging pixels makes sense."""
    if picture.mode in _DEEP_MODES:
        return _from_deep(picture, tones)
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture if picture.mode in _RESIZABLE else picture.convert("RGB")


def _from_deep(picture: Image.Image, tones: tuple[float, float]) -> Image.Image:
    values = np.asarray(picture)
    if tones == (0.0, 65535.0) and values.dtype.kind == "u":
        return Image.fromarray((values >> 8).astype(np.uint8))
    low, high = tones
    limited = np.clip(np.nan_to_num(values.astype(np.float64), nan=low), low, high)
    scaled = (limited - low) * (255 / (high - low or 1))
    return Image.fromarray(scaled.astype(np.uint8))


def to_rgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in the sRGB colour space, transparency laid on white; the picture itself if it is that.

    ``profile`` is the file's ICC profile. To be called on the reduced picture: converting
    512x384 pixels takes 3 ms (and spares photographs from phones, whose colours are wider than
    sRGB, from looking dull).
    """
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    managed = _managed(picture, profile) if profile else None
    return managed or (picture if picture.mode == "RGB" else picture.convert("RGB"))


def _managed(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """The picture converted by its colour profile, None where that is needless or impossible."""
    try:
        transform = _to_srgb(profile, picture.mode)
        return ImageCms.applyTransform(picture, transform) if transform else None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # a broken profile, or one for another kind of pixels, is no profile


# Building a transform takes 2 ms, and a phone embeds the same profile in all of its pictures.
@lru_cache(maxsize=8)
def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from a profile to sRGB, None where they are the same."""
    source = ImageCms.getOpenProfile(BytesIO(profile))
    if "sRGB" in ImageCms.getProfileDescription(source):
        return None
    target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.buildTransform(source, target, mode, "RGB")

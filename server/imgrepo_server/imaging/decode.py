"""From an opened file to upright RGB pixels, never larger than needed."""

from typing import Final

from PIL import Image, ImageFile

from imgrepo_server.imaging.color import resizable, to_rgb, tone_range
from imgrepo_server.imaging.exif import orientation_of

_BAND_ROWS: Final = 256
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height as a person sees them."""
    width, height = size
    return (height, width) if orientation >= 5 else (width, height)


def decode_reduced(picture: ImageFile.ImageFile, long_side: int) -> Image.Image:
    """The first frame as upright RGB, its long side at most ``long_side`` pixels.

    A JPEG is decoded at the smallest of 1/1, 1/2, 1/4, 1/8 that still covers that size, which
    saves most of the work. Never enlarges. To be called inside ``probe.probed``.
    """
    target = _fitting(picture.size, long_side)
    # A draft's factor is the lesser of both sides' quotients: rounding the target up would
    # sometimes lose it.
    picture.draft("RGB", _fitting(picture.size, long_side, round_up=False))
    picture.load()
    small = _reduced(picture, target)
    rgb = to_rgb(small, picture.info.get("icc_profile"))
    turn = _UPRIGHT.get(orientation_of(picture))
    return rgb if turn is None else rgb.transpose(turn)


def _fitting(size: tuple[int, int], long_side: int, *, round_up: bool = True) -> tuple[int, int]:
    longest = max(size)
    if longest <= long_side:
        return size
    half = longest // 2 if round_up else 0
    width, height = (max(1, (side * long_side + half) // longest) for side in size)
    return width, height


def _reduced(picture: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Shrink to ``target``: bilinear, after a whole factor that leaves at least twice that size.

    The whole factor is applied band by band, so that a large picture is never converted to
    another mode, or copied, as a whole.
    """
    tones = tone_range(picture)
    factor = max(1, min(picture.width // target[0], picture.height // target[1]) // 2)
    if factor == 1:
        return resizable(picture, tones).resize(target, Image.Resampling.BILINEAR)
    rows = _BAND_ROWS * factor
    canvas = Image.new("RGB", (1, 1))
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        part = resizable(band, tones).reduce(factor)
        if top == 0:
            canvas = Image.new(part.mode, (part.width, -(-picture.height // factor)))
        canvas.paste(part, (0, top // factor))
    return canvas.resize(target, Image.Resampling.BILINEAR)

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
    """The first frame as upright RGB, its long side at most ``long_side`` pixels; no ``info``.

    Never enlarges. To be called inside ``probe.probed``.
    """
    target = fitting(picture.size, long_side)
    load(picture, long_side)
    small = to_rgb(shrink(picture, target), picture.info.get("icc_profile"))
    if small is picture:
        small = picture.copy()
    small.info = {}  # a JPEG encoder would write a comment found here
    turn = _UPRIGHT.get(orientation_of(picture))
    return small if turn is None else small.transpose(turn)


def fitting(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """Width and height in the same proportions, neither greater than ``long_side``."""
    longest = max(size)
    if longest <= long_side:
        return size
    width, height = (max(1, round(side * long_side / longest)) for side in size)
    return width, height


def load(picture: ImageFile.ImageFile, long_side: int) -> None:
    """Decode the first frame; a JPEG at 1/1, 1/2, 1/4 or 1/8, whichever still covers the size.

    That saves most of the work. The draft has to be asked for in the picture's own proportions,
    and rounded down, since the lesser quotient of both sides decides.
    """
    longest = max(picture.size)
    if longest > long_side:
        width, height = (max(1, side * long_side // longest) for side in picture.size)
        picture.draft("RGB", (width, height))
    picture.load()


def shrink(picture: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Resize to ``target``: bilinear, after a whole factor that leaves at least twice that size.

    The picture itself where nothing is to be done. The whole factor is applied band by band, so
    that a large picture is never converted to another mode, or copied, as a whole.
    """
    tones = tone_range(picture)
    factor = min(picture.width // target[0], picture.height // target[1]) // 2
    if factor <= 1:
        whole = resizable(picture, tones)  # which Pillow would copy even where it fits already
        fits = whole.size == target
        return whole if fits else whole.resize(target, Image.Resampling.BILINEAR)
    canvas = Image.new("RGB", (1, 1))
    rows = _BAND_ROWS * factor
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        part = resizable(band, tones).reduce(factor)
        if top == 0:
            canvas = Image.new(part.mode, (part.width, -(-picture.height // factor)))
        canvas.paste(part, (0, top // factor))
    return canvas.resize(target, Image.Resampling.BILINEAR)

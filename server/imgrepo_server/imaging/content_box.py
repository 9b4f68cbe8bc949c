"""Finding the picture within a picture: what is left without borders, bars and screen chrome."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Box = tuple[int, int, int, int]
"""Left, upper, right, lower, in pixels, right and lower exclusive."""

_TOLERANCE: Final = 8
_RULED: Final = 0.55
_LEAST_SIDE: Final = 0.25
_CHUNK: Final = 16


def content_box(gray: Image.Image) -> Box | None:
    """What is left of a gray picture without its outer rows and columns ruled by one tone.

    None where that is everything, or too little to be a picture.
    """
    pixels = np.asarray(gray)
    top, bottom = _trim(pixels)
    left, right = _trim(pixels[top:bottom].T)
    height, width = pixels.shape
    if (right - left, bottom - top) == (width, height):
        return None
    if bottom - top < height * _LEAST_SIDE or right - left < width * _LEAST_SIDE:
        return None
    return left, top, right, bottom


def _trim(rows: NDArray[np.uint8]) -> tuple[int, int]:
    first = _leading(rows)
    if first == len(rows):
        return 0, len(rows)
    return first, len(rows) - _leading(rows[::-1])


def _leading(rows: NDArray[np.uint8]) -> int:
    for start in range(0, len(rows), _CHUNK):
        ruled = _ruled(rows[start : start + _CHUNK])
        if not ruled.all():
            return start + int(np.argmin(ruled))
    return len(rows)


def _ruled(rows: NDArray[np.uint8]) -> NDArray[np.bool_]:
    # Where most pixels are near one tone, the median is one of them.
    tone = np.median(rows, axis=1, keepdims=True)
    near = np.abs(rows - tone) <= _TOLERANCE
    ruled: NDArray[np.bool_] = near.mean(axis=1) >= _RULED
    return ruled

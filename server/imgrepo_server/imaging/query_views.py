"""A picture to search with, in every way that its copy may have been turned or trimmed.

A cropped copy is continued at its edges by its own mirror image. For the low frequencies, which are
all that the hashes see, that is near enough to what was cut away. Of 303 photographs with a tenth
cropped away at one corner, 29 % come first among 7,392 pictures without it, and 98 % with it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgrepo_server.imaging.fingerprint import (
    Look,
    difference_bits,
    difference_pixels,
    look_at,
    look_into,
    median_bits,
)
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.imaging.query import Orientation, QueryFingerprint, QueryView, Region
from imgrepo_server.models import View

__all__ = ["Orientation", "QueryFingerprint", "QueryView", "Region", "query_fingerprint"]

_TURNS: Final = (
    (Orientation.UPRIGHT, False, 0),
    (Orientation.ROTATED_90, False, 1),
    (Orientation.ROTATED_180, False, 2),
    (Orientation.ROTATED_270, False, 3),
    (Orientation.MIRRORED, True, 0),
    (Orientation.MIRRORED_ROTATED_90, True, 1),
    (Orientation.MIRRORED_ROTATED_180, True, 2),
    (Orientation.MIRRORED_ROTATED_270, True, 3),
)

# What to add on the left, above, on the right and below, as shares of the side: as if a tenth had
# been cut away, all around or in one corner. They miss no crop between by much. Chosen on every
# other one of 309 photographs; ``docs/similar-images.md`` has the figures of the others.
_FAR, _EVEN = 0.08, 0.05
_MARGINS: Final = (
    (_EVEN, _EVEN, _EVEN, _EVEN),
    (_FAR, _FAR, 0, 0),
    (_FAR, 0, 0, _FAR),
    (0, _FAR, _FAR, 0),
    (0, 0, _FAR, _FAR),
)


def query_fingerprint(gray: Image.Image) -> QueryFingerprint:
    """All views of a picture given as ``fingerprint.gray_for_hashing`` returns it."""
    whole = look_at(gray)
    views = [QueryView(turn, Region.WHOLE, seen) for turn, seen in _turned(gray, whole)]
    box = look_into(gray)
    if box:
        views += [QueryView(turn, Region.BOX, seen) for turn, seen in _turned(*box)]
    smaller = gray.reduce(2)  # a guess need not be exact, and costs a quarter of the time so
    for margins in () if whole.blank else _MARGINS:
        wider = look_at(_widened(smaller, margins))
        views.append(QueryView(Orientation.UPRIGHT, Region.WIDER, wider.view))
    return QueryFingerprint(version=VERSION, views=tuple(views), flat=whole.blank)


def _widened(gray: Image.Image, margins: tuple[float, float, float, float]) -> Image.Image:
    width, height = gray.size
    left, above, right, below = margins
    rows = round(height * above), round(height * below)
    columns = round(width * left), round(width * right)
    return Image.fromarray(np.pad(np.asarray(gray), (rows, columns), mode="reflect"))


def _turned(gray: Image.Image, look: Look) -> Iterator[tuple[Orientation, View]]:
    """The view of a gray picture in each orientation, the upright one first.

    Turning a picture changes signs in its cosine transform, and exchanges rows and columns; so
    one transform serves all eight. The bits equal those of the turned picture, but for
    coefficients within rounding of the median.
    """
    lying = difference_pixels(gray)
    standing = difference_pixels(gray, lying=False)
    for name, mirrored, quarters in _TURNS:
        if name is Orientation.UPRIGHT:
            yield name, look.view
            continue
        pixels = standing if quarters % 2 else lying
        yield (
            name,
            View(
                phash64=median_bits(_turn_frequencies(look.short, mirrored, quarters)),
                dhash64=difference_bits(_turn_pixels(pixels, mirrored, quarters)),
                phash256=median_bits(_turn_frequencies(look.long, mirrored, quarters)),
            ),
        )


def _turn_pixels(pixels: NDArray[np.uint8], mirrored: bool, quarters: int) -> NDArray[np.uint8]:
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, -quarters)


def _turn_frequencies(
    block: NDArray[np.float64], mirrored: bool, quarters: int
) -> NDArray[np.float64]:
    # Reversing an axis changes the sign of its odd frequencies.
    signs = 1.0 - 2.0 * (np.arange(block.shape[1]) % 2)
    if mirrored:
        block = block * signs
    for _ in range(quarters):
        block = block.T * signs
    return block

"""A picture to search with, in every way that its copy may have been turned or trimmed.

A cropped copy is continued at its edges by its own mirror image. For the low frequencies, which are
all that the hashes see, that is near enough to what was cut away. Of 304 photographs with a tenth
cropped away at one corner, 29 % are nearer to the original than to any of 8,488 views of pieces of
the others without it, and 99 % with it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgrepo_server.imaging.continued import Margins, continued_views
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

_QUARTERS: Final = 4  # of turns; as in ``Orientation``, upright first, then mirrored

# What to add on the left, above, on the right and below, as shares of the side: as if a tenth had
# been cut away, all around or in one corner. They miss no crop between by much. Chosen on every
# other one of 309 photographs; ``docs/similar-images.md`` has the figures of the others.
_FAR, _EVEN = 0.08, 0.05
_MARGINS: Final[tuple[Margins, ...]] = (
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
    if not whole.blank:
        smaller = gray.reduce(2)  # a guess need not be exact
        wider = continued_views(smaller, _MARGINS)
        views += [QueryView(Orientation.UPRIGHT, Region.WIDER, view) for view in wider]
    return QueryFingerprint(version=VERSION, views=tuple(views), flat=whole.blank)


def _turned(gray: Image.Image, look: Look) -> Iterator[tuple[Orientation, View]]:
    """The view of a gray picture in each orientation, the upright one first.

    Turning a picture changes signs in its cosine transform, and exchanges rows and columns; so
    one transform serves all eight. The bits equal those of the turned picture, but for
    coefficients within rounding of the median.
    """
    short, long = (median_bits(_turned_frequencies(block)) for block in (look.short, look.long))
    standing = difference_pixels(gray, lying=False)
    difference = map(difference_bits, _turned_pixels(look.pixels, standing))
    views = [View(*hashes) for hashes in zip(short, difference, long, strict=True)]
    return zip(Orientation, [look.view, *views[1:]], strict=True)


def _turned_frequencies(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """The block in each orientation."""
    # Reversing an axis changes the sign of its odd frequencies.
    signs = 1.0 - 2.0 * (np.arange(len(block)) % 2)
    turned: list[NDArray[np.float64]] = []
    for start in (block, block * signs):
        turned.append(start)
        for _ in range(_QUARTERS - 1):
            turned.append(turned[-1].T * signs)
    return np.stack(turned)


def _turned_pixels(
    lying: NDArray[np.uint8], standing: NDArray[np.uint8]
) -> Iterator[NDArray[np.uint8]]:
    """What ``dhash`` compares, in each orientation."""
    for step in (1, -1):
        flat, upright = lying[:, ::step], standing[:, ::step]
        yield flat
        yield upright.T[:, ::-1]
        yield flat[::-1, ::-1]
        yield upright[:, ::-1].T

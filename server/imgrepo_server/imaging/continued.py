"""What a cropped picture looked like before, if what was cut away went on like what is left.

Its sides are continued by their own mirror image. That changes nothing but the lengths of the waves
that the picture is taken apart into, so no wider picture is made: one cosine transform of the
picture itself gives the lowest frequencies of all of them, and these all three hashes.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgrepo_server.imaging.fingerprint import cosines, difference_bits, median_bits
from imgrepo_server.models import View

Margins = tuple[float, float, float, float]
"""What to add on the left, above, on the right and below, as shares of the side."""

_FREQUENCIES: Final = 16
_SAMPLES: Final = 4 * _FREQUENCIES
_SHORT: Final = 8
_DIGITS: Final = 9  # of tones; two ways to sum the same differ by less


def continued_views(gray: Image.Image, margins: Sequence[Margins]) -> list[View]:
    """The hashes of a gray picture (mode L) continued by each of the margins.

    Guesses, and so not bit for bit those that the picture would have if it were made.
    """
    width, height = gray.size
    down = np.concatenate([_waves(height, above, below) for _, above, _, below in margins])
    across = np.concatenate([_waves(width, left, right) for left, _, right, _ in margins])
    every = down @ np.asarray(gray, np.float64) @ across.T
    every = every.reshape(len(margins), _FREQUENCIES, len(margins), _FREQUENCIES)
    # Of a picture of exact symmetry many are none: what rounding leaves of these says nothing.
    long = np.round([every[number, :, number] for number in range(len(margins))], _DIGITS)
    # To whole tones, so that plain grounds stay plain.
    pixels = np.rint(_sampled(_SHORT) @ long @ _sampled(_SHORT + 1).T)
    hashes = (
        median_bits(long[:, :_SHORT, :_SHORT]),
        map(difference_bits, pixels),
        median_bits(long),
    )
    return [View(*each) for each in zip(*hashes, strict=True)]


@lru_cache(maxsize=64)
def _waves(side: int, before: float, after: float) -> NDArray[np.float64]:
    """What each pixel of a side adds to the lowest frequencies of the continued side."""
    ahead, behind = round(side * before), round(side * after)
    whole = ahead + side + behind
    waves = cosines(_FREQUENCIES, whole) / whole
    mine = waves[:, ahead : ahead + side]
    mine[:, 1 : 1 + ahead] += waves[:, :ahead][:, ::-1]
    mine[:, side - 1 - behind : side - 1] += waves[:, ahead + side :][:, ::-1]
    return mine


@cache
def _sampled(size: int) -> NDArray[np.float64]:
    """From frequencies to pixels, as few as ``dhash`` looks at, by the filter that it uses."""
    waves = cosines(_FREQUENCIES, _SAMPLES)
    waves[1:] *= 2
    fine = Image.fromarray(waves.astype(np.float32))
    return np.asarray(fine.resize((size, _FREQUENCIES), Image.Resampling.LANCZOS)).T

"""What similarity search compares: three hashes of the whole picture and of its content box.

The hashes are those of ``imagehash`` (Zauner 2010 for ``phash``; Krawetz 2013 for ``dhash``),
bit for bit, computed here because each call there converts, resizes and transforms anew, and
because a query in eight orientations needs the transform itself, not only its signs.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgrepo_server.imaging.content_box import content_box
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import Fingerprint, View

_LONG_SIDE: Final = 256
# The transform of at most 64x64 bytes stays below 1.1e6, so that two ways to sum it differ by
# less than 1e-8. Middle values further apart than this are told apart by both.
_SAFE_GAP: Final = 1e-5
_FLAT_MEDIAN: Final = 0.5  # tones
_FLAT_QUARTILE: Final = 1.35
_LEVEL: Final = 1  # tones: what JPEG does to a plain ground stays within
_MOST_LEVEL: Final = 37  # of the 64 steps that dhash sees across, or 63 down


@dataclass(frozen=True, slots=True)
class Look:
    """A gray picture as the hashes see it.

    ``short`` and ``long`` are its lowest 8x8 and 16x16 frequencies, see ``low_frequencies``, and
    ``pixels`` is what ``difference_pixels`` makes of it; ``flat`` tells whether it has too little
    detail to be told from other flat ones, ``blank`` whether it has hardly any at all.
    """

    view: View
    short: NDArray[np.float64]
    long: NDArray[np.float64]
    pixels: NDArray[np.uint8]
    flat: bool
    blank: bool


def gray_for_hashing(picture: Image.Image) -> Image.Image:
    """The picture in gray (mode L) with a long side of at most 256 pixels."""
    gray = picture.convert("L")
    longest = max(gray.size)
    if longest <= _LONG_SIDE:
        return gray
    width, height = (max(1, round(side * _LONG_SIDE / longest)) for side in gray.size)
    # The gap makes it average whole pixels first: halving 512 to 256 costs a third so.
    return gray.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=1.0)


def fingerprint(gray: Image.Image) -> Fingerprint:
    """Fingerprint a picture given as ``gray_for_hashing`` returns it."""
    whole = look_at(gray)
    box = look_into(gray)
    telling = box is not None and not box[1].flat
    return Fingerprint(
        version=VERSION,
        whole=whole.view,
        box=box[1].view if box and telling else None,
        flat=whole.flat,
    )


def look_into(gray: Image.Image) -> tuple[Image.Image, Look] | None:
    """The content box of a gray picture, None where it has none or a blank one."""
    box = content_box(gray)
    if box is None:
        return None
    content = gray.crop(box)
    look = look_at(content)
    return None if look.blank else (content, look)


def look_at(gray: Image.Image) -> Look:
    """Hash a gray picture."""
    short = low_frequencies(gray, 8)
    long = low_frequencies(gray, 16)
    pixels = difference_pixels(gray)
    view = View(
        phash64=_phash(gray, short),
        dhash64=difference_bits(pixels),
        phash256=_phash(gray, long),
    )
    amplitudes = _quartiles(short)
    return Look(
        view,
        short,
        long,
        pixels,
        flat=_is_flat(amplitudes, pixels),
        blank=amplitudes.middle < _FLAT_MEDIAN,
    )


@dataclass(frozen=True, slots=True)
class _Amplitudes:
    """What half and three quarters of the 64 lowest frequencies stay below, in tones."""

    middle: float
    upper: float


def _quartiles(short: NDArray[np.float64]) -> _Amplitudes:
    ordered = np.sort(np.abs(short), axis=None) / (4 * len(short)) ** 2
    return _Amplitudes(float(ordered[ordered.size // 2]), float(ordered[3 * ordered.size // 4]))


def _is_flat(amplitudes: _Amplitudes, pixels: NDArray[np.uint8]) -> bool:
    """Whether the hashes are mostly noise, as one half of their bits or the other is.

    Of the 64 lowest frequencies, half have amplitudes below half a tone, or three quarters below
    little more than one: blank and nearly blank pages, plain gradients, fog. Or most of the steps
    that ``dhash`` sees, across or (once turned) down, are none: plain grounds with something in a
    corner, which look like all others with something in that corner. Of 309 photographs, drawings
    and screenshots, 2 % are flat, all of them by the first rule; of their sixteenths 7 %, which
    leaves 6 of 81 pairs that look alike among 9.7 million pairs of sixteenths.
    """
    if amplitudes.middle < _FLAT_MEDIAN or amplitudes.upper < _FLAT_QUARTILE:
        return True
    tones = pixels.astype(np.int16)
    return any(
        int(np.count_nonzero(np.abs(np.diff(tones, axis=axis)) <= _LEVEL)) > _MOST_LEVEL
        for axis in (0, 1)
    )


def low_frequencies(gray: Image.Image, hash_size: int) -> NDArray[np.float64]:
    """The lowest ``hash_size`` squared coefficients of the DCT-II, as ``scipy.fftpack`` scales it.

    Of the picture squeezed to a square of four times that side. Row: vertical frequency.
    """
    side = 4 * hash_size
    pixels = np.asarray(gray.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float64)
    basis = _dct_basis(hash_size)
    return basis @ pixels @ basis.T


@cache
def _dct_basis(hash_size: int) -> NDArray[np.float64]:
    return 2 * cosines(hash_size, 4 * hash_size)


def cosines(count: int, side: int) -> NDArray[np.float64]:
    """The lowest waves of the DCT-II, as many rows as asked for, sampled at so many pixels."""
    frequencies = np.arange(count)[:, np.newaxis]
    positions = 2 * np.arange(side) + 1
    waves: NDArray[np.float64] = np.cos(np.pi * frequencies * positions / (2 * side))
    return waves


def median_bits(blocks: NDArray[np.float64]) -> list[bytes]:
    """For each block, one bit for each of its coefficients: whether it lies above their median."""
    rows = blocks.reshape(len(blocks), -1)
    ordered, half = np.sort(rows, axis=1), rows.shape[1] // 2
    middle = (ordered[:, half - 1 : half] + ordered[:, half : half + 1]) / 2
    return [bits.tobytes() for bits in np.packbits(rows > middle, axis=1)]


def difference_pixels(gray: Image.Image, *, lying: bool = True) -> NDArray[np.uint8]:
    """The picture squeezed to 8 rows of 9 pixels, or standing, to 9 rows of 8."""
    size = (9, 8) if lying else (8, 9)
    return np.asarray(gray.resize(size, Image.Resampling.LANCZOS))


def difference_bits(pixels: NDArray[np.uint8] | NDArray[np.float64]) -> bytes:
    """One bit for each pixel but the first of a row: whether it is brighter than the one before."""
    return np.packbits(pixels[:, 1:] > pixels[:, :-1]).tobytes()


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    ordered = np.sort(values, axis=None)
    return float(ordered[ordered.size // 2 - 1]), float(ordered[ordered.size // 2])


def _phash(gray: Image.Image, coefficients: NDArray[np.float64]) -> bytes:
    lower, upper = _middle(coefficients)
    if upper - lower < _SAFE_GAP:
        # Pictures of exact symmetry, such as drawings, have coefficients that are equal but
        # for the last bits; then only the same sums in the same order give the same hash.
        return np.packbits(imagehash.phash(gray, len(coefficients)).hash).tobytes()
    return np.packbits(coefficients > (lower + upper) / 2).tobytes()

"""What a distance means to people (this module does not import NumPy)."""

from enum import StrEnum
from typing import Final

VERSION: Final = 2
"""Names the algorithm of a fingerprint; those of different versions must not be compared."""

GREATEST: Final = 192.0
"""The distance of a picture from its negative, in every bit."""

STRANGERS: Final = 96.0
"""About what two pictures that have nothing in common are apart."""


class Match(StrEnum):
    """What a distance means; how often strangers get there was measured on millions of pairs."""

    SAME = "same"
    NEAR = "near"
    SIMILAR = "similar"
    WEAK = "weak"


LIMITS: Final = ((12.0, Match.SAME), (28.0, Match.NEAR), (40.0, Match.SIMILAR))
"""The greatest distance of each label, the closest first; beyond the last it is ``WEAK``."""


def match_of(distance: float) -> Match:
    """The label of a distance."""
    for greatest, label in LIMITS:
        if distance <= greatest:
            return label
    return Match.WEAK


def similarity(distance: float) -> float:
    """1 for the same picture, 0 for strangers."""
    return max(0.0, 1.0 - distance / STRANGERS)

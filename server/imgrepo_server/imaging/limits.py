"""How much one picture may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a decoder may be asked to do for one file.

    ``max_pixels`` bounds width times height as the header claims them, and is checked before
    anything is decoded. The default admits the largest phone cameras (200 megapixels); a
    picture of that many pixels in four channels takes 1 GB.
    """

    max_pixels: int = 250_000_000

"""Small JPEG copies to look at."""

from pathlib import Path
from typing import Final

from PIL import Image

PREVIEW_LONG_SIDE: Final = 512
"""The long side, in pixels, of the preview that is made when a picture arrives."""

PREVIEW_SIZES: Final = (256, 512, 1024)
"""The long sides that a client may ask for."""

_QUALITY: Final = 82  # above it files grow faster than pictures improve


def write_preview(picture: Image.Image, target: Path) -> None:
    """Write an RGB picture as JPEG, without any metadata.

    To bring it to the disk is the caller's: a worker that waits for a disk decodes nothing.
    Leaves no file behind when it fails. Raises ``OSError`` where the file cannot be written.
    """
    try:
        with target.open("wb") as file:
            picture.save(file, "JPEG", quality=_QUALITY)
    except BaseException:
        target.unlink(missing_ok=True)
        raise

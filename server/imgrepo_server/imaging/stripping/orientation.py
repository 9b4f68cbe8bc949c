"""The one word of metadata that a picture needs to be seen as it was taken: its orientation."""


def tiff_orientation(orientation: int) -> bytes:
    """The smallest EXIF block: an orientation from 1 to 8 and nothing else (EXIF 2.32, 4.6)."""
    return (
        b"MM\0*\0\0\0\x08"  # big-endian, and the directory follows
        b"\0\1"  # one entry
        b"\x01\x12\0\3\0\0\0\1"  # Orientation, one short number
        + bytes((0, orientation, 0, 0))
        + bytes(4)  # no further directory
    )

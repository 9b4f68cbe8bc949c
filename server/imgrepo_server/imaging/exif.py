"""Reading EXIF tags so that no damaged value costs a picture its place.

Cameras, phones and editors write texts padded with NULs and blanks, rationals over zero, numbers
as texts, and directories that point outside the file. What cannot be read is absent.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from PIL import ExifTags, Image

_LONGEST_TEXT: Final = 2000
_FIRST_PHOTOGRAPH: Final = 1826
_OFFSET: Final = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Exif:
    """The tags of a file's three directories, by number, as Pillow decodes them."""

    image: dict[int, Any]
    photo: dict[int, Any]
    gps: dict[int, Any]


def read_exif(picture: Image.Image) -> Exif:
    """The picture's EXIF, empty where there is none or it is damaged.

    To be asked after the pixels are decoded: in a PNG the EXIF block may follow them.
    """
    try:
        exif = picture.getexif()
        image = dict(exif)
    except Exception:  # what Pillow raises on damaged EXIF is documented nowhere
        return Exif({}, {}, {})
    return Exif(
        image,
        _directory(exif, ExifTags.IFD.Exif),
        _directory(exif, ExifTags.IFD.GPSInfo),
    )


def orientation_of(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where the file does not say or says nonsense.

    To be asked after the pixels are decoded, as ``read_exif``.
    """
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # as above
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _directory(exif: Image.Exif, which: ExifTags.IFD) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(which))
    except Exception:  # as above
        return {}


def text(value: object) -> str | None:
    """A text without padding, control characters and lone surrogates; None if that is nothing."""
    if isinstance(value, str):
        # Pillow reads every text as Latin-1; most that are not ASCII are UTF-8.
        try:
            raw = value.encode("latin-1")
        except UnicodeEncodeError:
            raw = value.encode("utf-8", "replace")
    elif isinstance(value, bytes):
        raw = value
    else:
        return None
    raw = raw.split(b"\0", 1)[0]
    try:
        return clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return clean(raw.decode("latin-1"))


def clean(decoded: str) -> str | None:
    """A text without control characters and surrounding blanks; None if that is nothing."""
    kept = "".join(c for c in decoded if c.isprintable() or c in "\n\t").strip()
    return kept[:_LONGEST_TEXT] or None


def number(value: object) -> float | None:
    """A finite number; of several, such as two sensitivities, the first."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or isinstance(value, str | bytes):
        return None
    try:
        result = float(value)  # type: ignore[arg-type]  # Pillow's rationals convert themselves
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def numbers(value: object) -> list[float] | None:
    """Finite numbers, None if one of them is not. A lone one is not in a tuple."""
    found = [number(each) for each in (value if isinstance(value, tuple) else (value,))]
    return [each for each in found if each is not None] if None not in found else None


def moment(value: object, offset: object) -> datetime | None:
    """``YYYY:MM:DD HH:MM:SS`` and ``+HH:MM`` as a time in UTC.

    Most cameras do not say where on earth they are: without an offset the time is taken as UTC.
    None for what is no date, or one before photography.
    """
    written = text(value)
    if written is None:
        return None
    try:
        local = datetime.strptime(written[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - set below
        if local.year < _FIRST_PHOTOGRAPH:
            return None
        return local.replace(tzinfo=_zone(text(offset))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc_offset(value: object) -> str | None:
    """How far local time was from UTC, as ``+HH:MM``; None for anything else."""
    written = text(value) or ""
    return written if _OFFSET.fullmatch(written) else None


def _zone(offset: str | None) -> timezone:
    found = _OFFSET.fullmatch(offset or "")
    if found is None:
        return UTC
    sign, hours, minutes = found.groups()
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-distance if sign == "-" else distance)

"""What the camera and the people behind it wrote into a file, as plain JSON values."""

from datetime import datetime
from typing import Any, Final

from PIL import Image
from PIL.ExifTags import GPS, Base

from imgrepo_server.imaging.captions import read_captions
from imgrepo_server.imaging.exif import Exif, moment, number, numbers, text, utc_offset

_TEXTS: Final = (("make", Base.Make), ("model", Base.Model), ("software", Base.Software))
_CREDITS: Final = (("artist", Base.Artist), ("copyright", Base.Copyright))
_NUMBERS: Final = (
    ("exposure_time", Base.ExposureTime),
    ("f_number", Base.FNumber),
    ("iso", Base.ISOSpeedRatings),
    ("focal_length", Base.FocalLength),
    ("focal_length_35mm", Base.FocalLengthIn35mmFilm),
)
_TIMES: Final = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
)
# What cameras write into every picture in place of a description.
_BOILERPLATE: Final = frozenset(
    {
        "dcim",
        "default",
        "digital camera",
        "exif_jpeg_picture",
        "kodak digital still camera",
        "minolta digital camera",
        "olympus digital camera",
        "samsung camera pictures",
        "sanyo digital camera",
        "sony dsc",
    }
)


def metadata(picture: Image.Image, exif: Exif, orientation: int) -> dict[str, Any]:
    """What the file says, by stable names, each absent where the file does not say.

    ``make``, ``model``, ``lens``, ``software``, ``artist``, ``copyright``, ``title`` and
    ``description``: text. ``keywords``: list of texts. ``exposure_time`` in seconds,
    ``f_number``, ``iso``, ``focal_length`` and ``focal_length_35mm`` in millimetres.
    ``taken_offset``: how far the camera's clock was from UTC, as ``+HH:MM``.
    ``orientation``: 2 to 8, as EXIF numbers them. ``gps_latitude`` and ``gps_longitude`` in
    degrees, north and east positive; ``gps_altitude`` in metres above the sea. All that tells
    a place begins with ``gps_`` (``models.LOCATION_PREFIX``): others do not see it by themselves.

    Never raises, whatever the file says.
    """
    captions = read_captions(picture)
    found: dict[str, Any] = {name: text(exif.image.get(tag)) for name, tag in (*_TEXTS, *_CREDITS)}
    found["lens"] = text(exif.photo.get(Base.LensModel)) or _lens(exif.photo)
    if any(offset in exif.photo for _, offset in _TIMES):
        found["taken_offset"] = _taken(exif)[1]
    for name, tag in _NUMBERS:
        value = number(exif.photo.get(tag))
        found[name] = _tidy(value) if value is not None and value > 0 else None
    found["orientation"] = orientation if orientation > 1 else None
    found["title"] = captions.title
    found["description"] = _said(captions.description) or _said(
        text(exif.image.get(Base.ImageDescription))
    )
    found["keywords"] = list(captions.keywords) or None
    found.update(_place(exif.gps))
    return {name: value for name, value in found.items() if value is not None}


def taken_at(exif: Exif) -> datetime | None:
    """When the picture was taken, in UTC; see ``exif.moment`` for cameras without a time zone."""
    return _taken(exif)[0]


def _taken(exif: Exif) -> tuple[datetime | None, str | None]:
    for time, offset in _TIMES:
        when = moment(exif.photo.get(time), exif.photo.get(offset))
        if when is not None:
            return when, utc_offset(exif.photo.get(offset))
    return None, None


def _said(description: str | None) -> str | None:
    """What a person wrote, not a camera."""
    if description is None or description.strip().casefold() in _BOILERPLATE:
        return None
    return description


def _lens(photo: dict[int, Any]) -> str | None:
    """A lens by its focal lengths and apertures, as ``18-55 mm f/3.5-5.6``."""
    limits = numbers(photo.get(Base.LensSpecification))
    if limits is None or len(limits) != 4 or min(limits[:2]) <= 0:
        return None
    shortest, longest, *apertures = (_tidy(limit) for limit in limits)
    lens = f"{shortest} mm" if shortest == longest else f"{shortest}-{longest} mm"
    widest, narrowest = apertures
    if min(apertures) <= 0:
        return lens
    return f"{lens} f/{widest}" if widest == narrowest else f"{lens} f/{widest}-{narrowest}"


def _tidy(value: float) -> float | int:
    """Without the digits that dividing a rational leaves behind."""
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() else rounded


def _place(gps: dict[int, Any]) -> dict[str, float]:
    latitude = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "S")
    longitude = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return {}
    place = {"gps_latitude": round(latitude, 7), "gps_longitude": round(longitude, 7)}
    altitude = number(gps.get(GPS.GPSAltitude))
    if altitude is not None:
        below = gps.get(GPS.GPSAltitudeRef) in (b"\x01", 1)
        place["gps_altitude"] = round(-altitude if below else altitude, 2)
    return place


def _degrees(gps: dict[int, Any], tag: int, reference: int, negative: str) -> float | None:
    """Degrees, minutes and seconds, of which the later ones may be missing."""
    parts = numbers(gps.get(tag))
    if not parts:
        return None
    degrees: float = sum(part / 60**power for power, part in enumerate(parts[:3]))
    return -degrees if (text(gps.get(reference)) or "").upper() == negative else degrees

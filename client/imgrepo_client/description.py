"""An image in full, as names and values for a person."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from imgrepo_client.answers import Image
from imgrepo_client.tables import file_size

# Told in words of their own, or told already: the rest is shown by its own name.
_TOLD = frozenset(
    {
        "make", "model", "exposure_time", "f_number", "iso", "focal_length", "focal_length_35mm",
        "taken_offset", "gps_latitude", "gps_longitude", "gps_altitude",
    }
)  # fmt: skip


def described(image: Image) -> list[tuple[str, str]]:
    """Everything known about an image, as names and values."""
    exif = image.get("exif", {})
    pairs = [
        ("id", image["id"]),
        ("title", image["title"]),
        ("file name", image["filename"]),
        ("description", image["description"]),
        ("tags", ", ".join(image["tags"])),
        ("owner", image["owner"]),
        ("visibility", image["visibility"]),
        ("shared with", ", ".join(image.get("shared_with") or ())),
        ("original for", _for_tier(image)),
        ("format", image["format"]),
        ("pixels", f"{image['width']} x {image['height']}"),
        ("size", f"{file_size(image['size'])} ({image['size']:,} bytes)"),
        ("taken", _taken(image["taken_at"], exif.get("taken_offset"))),
        ("camera", _camera(exif)),
        ("exposure", "  ".join(_exposure(exif))),
        ("location", _location(image, exif)),
        *_rest(image, exif),
        ("added", image["created_at"]),
        ("in the trash", image.get("trashed_at") or ""),
        ("sha256", image["sha256"]),
        ("file", image["links"]["file"]),
        ("preview", image["links"]["preview"]),
    ]
    return [(name, value) for name, value in pairs if value]


def _for_tier(image: Image) -> str:
    tier = image.get("gallery_tier")
    return f"accounts of the tier {tier} or above" if tier else ""


def _rest(image: Image, exif: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(exif.items()):
        if name in _TOLD or value == image.get(name):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        # A title of the file's own may differ from the one that it has here.
        yield (f"{name} in file" if name in image else name.replace("_", " "), text)


def _taken(taken_at: str | None, offset: str | None) -> str:
    """By the clock of the camera, where it said how that went; else as it is, in UTC."""
    if taken_at is None or offset is None:
        return taken_at or ""
    try:
        sign, hours, minutes = offset[0], int(offset[1:3]), int(offset[4:6])
        distance = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-distance if sign == "-" else distance)
        return datetime.fromisoformat(taken_at).astimezone(zone).isoformat()
    except (ValueError, IndexError, OverflowError):  # a newer server's way of writing
        return taken_at


def _camera(exif: Mapping[str, Any]) -> str:
    make, model = str(exif.get("make", "")), str(exif.get("model", ""))
    first = model.casefold().partition(" ")[0]
    # The make only once: NIKON CORPORATION and NIKON D90 are a NIKON D90.
    return model if first and first in make.casefold().split() else f"{make} {model}".strip()


def _exposure(exif: Mapping[str, Any]) -> Iterator[str]:
    """As cameras show it: ``1/250 s  f/1.8  ISO 400  50 mm``."""
    if seconds := exif.get("exposure_time"):
        yield f"{seconds:g} s" if seconds > 0.3 else f"1/{round(1 / seconds)} s"
    if aperture := exif.get("f_number"):
        yield f"f/{aperture:g}"
    if iso := exif.get("iso"):
        yield f"ISO {iso:g}"
    if length := exif.get("focal_length"):
        alike = exif.get("focal_length_35mm")
        yield f"{length:g} mm" + (f" (like {alike:g} mm on 35 mm film)" if alike else "")


def _location(image: Image, exif: Mapping[str, Any]) -> str:
    if "gps_latitude" not in exif or "gps_longitude" not in exif:
        return ""
    latitude, longitude = exif["gps_latitude"], exif["gps_longitude"]
    place = (
        f"{round(abs(latitude), 6)} {'S' if latitude < 0 else 'N'}, "
        f"{round(abs(longitude), 6)} {'W' if longitude < 0 else 'E'}"
    )
    if "gps_altitude" in exif:
        altitude = exif["gps_altitude"]
        place += f", {abs(altitude):g} m {'below' if altitude < 0 else 'above'} the sea"
    shared = image.get("share_location")
    if shared is None:
        return place
    return place + ("  (shown to others)" if shared else "  (shown to you only)")

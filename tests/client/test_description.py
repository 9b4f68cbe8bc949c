"""An image in full, for a person."""

from typing import Any

import pytest
from imgrepo_client.description import described

PLAIN: dict[str, Any] = {
    "id": "1", "title": "The gull", "filename": "a.jpg", "description": "", "tags": ["sea"],
    "visibility": "public", "owner": "jeff", "sha256": "ab", "size": 1000, "width": 40,
    "height": 30, "format": "jpeg", "taken_at": None, "created_at": "2026-03-01T09:00:00Z",
    "links": {"file": "/f", "preview": "/p"},
}  # fmt: skip


def shown(exif: dict[str, Any], **more: Any) -> dict[str, str]:
    image: Any = {**PLAIN, "exif": exif, **more}
    return dict(described(image))


def test_what_the_camera_knew_reads_as_cameras_show_it() -> None:
    exif = {
        "make": "NIKON", "model": "COOLPIX P6000", "lens": "50mm", "exposure_time": 0.00560852,
        "f_number": 4.5, "iso": 64, "focal_length": 6, "focal_length_35mm": 28,
        "gps_latitude": 43.4671567, "gps_longitude": -11.885395, "gps_altitude": -2.5,
    }  # fmt: skip
    seen = shown(exif, share_location=False)
    assert seen["camera"] == "NIKON COOLPIX P6000"
    assert seen["exposure"] == "1/178 s  f/4.5  ISO 64  6 mm (like 28 mm on 35 mm film)"
    assert seen["location"] == "43.467157 N, 11.885395 W, 2.5 m below the sea  (shown to you only)"
    assert seen["lens"] == "50mm"
    assert not {"make", "gps_latitude", "iso"} & seen.keys()
    assert shown(exif, share_location=True)["location"].endswith("(shown to others)")
    assert shown(exif, share_location=None)["location"].endswith("the sea")
    assert shown({"exposure_time": 2.5})["exposure"] == "2.5 s"


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (None, "2021-12-31T22:30:00Z"),
        ("+02:00", "2022-01-01T00:30:00+02:00"),
        ("-05:30", "2021-12-31T17:00:00-05:30"),
        ("soon", "2021-12-31T22:30:00Z"),
    ],
)
def test_a_time_is_by_the_cameras_clock(offset: str | None, text: str) -> None:
    exif = {} if offset is None else {"taken_offset": offset}
    assert shown(exif, taken_at="2021-12-31T22:30:00Z")["taken"] == text


def test_words_inside_the_file_are_told_where_they_differ() -> None:
    seen = shown({"title": "The gull", "keywords": ["sea", "sky"], "description": "By the sea"})
    assert seen["keywords"] == "sea, sky"
    assert seen["description in file"] == "By the sea"
    assert "title in file" not in seen
    assert not [text for text in seen.values() if not text]

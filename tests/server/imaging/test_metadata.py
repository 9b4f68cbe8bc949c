import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.models import Examination
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

Scene = Callable[..., Image.Image]
Tagged = Callable[..., Examination]


@pytest.fixture
def tagged(tmp_path: Path, limits: DecodeLimits, scene: Scene) -> Tagged:
    """Examines a JPEG that has these EXIF tags."""

    def made(
        image: dict[int, Any] | None = None,
        photo: dict[int, Any] | None = None,
        gps: dict[int, Any] | None = None,
    ) -> Examination:
        exif = Image.Exif()
        exif.update(image or {})
        exif.get_ifd(IFD.Exif).update(photo or {})
        exif.get_ifd(IFD.GPSInfo).update(gps or {})
        scene(60, 40).save(tmp_path / "tagged.jpg", exif=exif)
        return examine(tmp_path / "tagged.jpg", None, limits)

    return made


def test_a_camera_says_all_this(shared: Path, limits: DecodeLimits) -> None:
    seen = examine(shared / "photos" / "exif" / "DSCN0012.jpg", None, limits)
    assert seen.exif == {
        "make": "NIKON",
        "model": "COOLPIX P6000",
        "software": "Nikon Transfer 1.1 W",
        "exposure_time": 0.00560852,
        "f_number": 4.5,
        "iso": 64,
        "focal_length": 6,
        "focal_length_35mm": 28,
        "gps_latitude": 43.4671567,
        "gps_longitude": 11.8853950,
    }
    assert seen.taken_at == datetime(2008, 10, 22, 16, 29, 49, tzinfo=UTC)


def test_everything_that_tags_say_is_found(tagged: Tagged) -> None:
    seen = tagged(
        image={
            Base.Make: "Maker", Base.Model: "Model 1", Base.Orientation: 6,
            Base.Artist: "Ada", Base.Copyright: "(c) Ada", Base.ImageDescription: "A dog",
        },
        photo={
            Base.LensModel: "50mm f/1.8", Base.ExposureTime: IFDRational(1, 250),
            Base.FNumber: IFDRational(18, 10), Base.ISOSpeedRatings: 400,
            Base.FocalLength: IFDRational(50), Base.DateTimeOriginal: "2021:06:05 12:00:00",
            Base.OffsetTimeOriginal: "+02:00",
        },
        gps={
            GPS.GPSLatitude: (33.0, 51.0, 30.0), GPS.GPSLatitudeRef: "S",
            GPS.GPSLongitude: (70.5,), GPS.GPSLongitudeRef: "W",
            GPS.GPSAltitude: IFDRational(125, 10), GPS.GPSAltitudeRef: b"\x01",
        },
    )  # fmt: skip
    assert seen.exif == {
        "make": "Maker", "model": "Model 1", "artist": "Ada", "copyright": "(c) Ada",
        "description": "A dog", "lens": "50mm f/1.8", "exposure_time": 0.004, "f_number": 1.8,
        "iso": 400, "focal_length": 50, "orientation": 6, "taken_offset": "+02:00",
        "gps_latitude": -33.8583333, "gps_longitude": -70.5, "gps_altitude": -12.5,
    }  # fmt: skip
    assert seen.taken_at == datetime(2021, 6, 5, 10, 0, tzinfo=UTC)
    assert (seen.width, seen.height) == (40, 60)


def test_what_makes_no_sense_is_left_out(tagged: Tagged) -> None:
    seen = tagged(
        image={Base.Make: "\0\0\0", Base.Model: "   "},
        photo={
            Base.ExposureTime: IFDRational(1, 0), Base.FNumber: IFDRational(0, 0),
            Base.ISOSpeedRatings: 0, Base.DateTimeOriginal: "0000:00:00 00:00:00",
        },
        gps={
            GPS.GPSLatitude: (IFDRational(1, 0), 0.0, 0.0), GPS.GPSLatitudeRef: "N",
            GPS.GPSLongitude: (200.0, 0.0, 0.0), GPS.GPSLongitudeRef: "E",
        },
    )  # fmt: skip
    assert seen.exif == {}
    assert seen.taken_at is None


@pytest.mark.parametrize(
    ("lens_limits", "lens"),
    [
        ((18.0, 55.0, 3.5, 5.6), "18-55 mm f/3.5-5.6"),
        ((50.0, 50.0, 1.8, 1.8), "50 mm f/1.8"),
        ((50.0, 50.0, 0.0, 0.0), "50 mm"),
        ((0.0, 0.0, 0.0, 0.0), None),
        ((50.0, 50.0), None),
    ],
)
def test_a_lens_without_a_name_is_told_by_its_limits(
    tagged: Tagged, lens_limits: tuple[float, ...], lens: str | None
) -> None:
    rational = tuple(IFDRational(round(limit * 10), 10) for limit in lens_limits)
    seen = tagged(photo={Base.LensSpecification: rational})
    assert seen.exif.get("lens") == lens


def test_what_every_picture_of_a_camera_says_is_no_description(tagged: Tagged) -> None:
    assert tagged(image={Base.ImageDescription: "OLYMPUS DIGITAL CAMERA         "}).exif == {}


def test_the_time_of_scanning_serves_where_there_is_no_other(tagged: Tagged) -> None:
    seen = tagged(photo={Base.DateTimeDigitized: "1999:12:31 23:59:59"})
    assert seen.taken_at == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_damaged_metadata_costs_no_picture_its_place(
    tmp_path: Path, limits: DecodeLimits, scene: Scene, damage: list[tuple[float, int]]
) -> None:
    exif = Image.Exif()
    exif.update({Base.Make: "Maker", Base.Orientation: 6})
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitude: (33.0, 51.0, 30.0)})
    file = tmp_path / "damaged.jpg"
    scene(60, 40).save(file, exif=exif, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    data = bytearray(file.read_bytes())
    first, last = data.index(b"Exif\0\0") + 6, data.index(b"http://ns.adobe.com/") - 4
    for place, value in damage:
        data[first + int(place * (last - first - 1))] = value
    file.write_bytes(data)
    seen = examine(file, None, limits)
    assert json.loads(json.dumps(seen.exif, allow_nan=False)) == seen.exif


def test_every_camera_file_yields_plain_json(shared: Path, limits: DecodeLimits) -> None:
    files = [*(shared / "photos" / "exif").iterdir(), *(shared / "photos" / "camera").iterdir()]
    taken = 0
    for file in files:
        seen = examine(file, None, limits)
        assert json.loads(json.dumps(seen.exif, allow_nan=False)) == seen.exif
        json.dumps(seen.exif).encode("utf-8")
        taken += seen.taken_at is not None
    assert taken >= 20

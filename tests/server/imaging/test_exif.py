import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.exif import (
    Exif,
    clean,
    moment,
    number,
    numbers,
    orientation_of,
    read_exif,
)
from imgrepo_server.imaging.exif import text as text_of
from imgrepo_server.imaging.metadata import metadata, taken_at
from PIL import Image
from PIL.ExifTags import GPS, Base
from PIL.TiffImagePlugin import IFDRational

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.builds(IFDRational, st.integers(-9, 9), st.integers(-9, 9)),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(
        st.integers(), inner, max_size=2
    ),
    max_leaves=5,
)  # fmt: skip


@given(ANYTHING, ANYTHING)
def test_no_value_is_too_odd(value: object, other: object) -> None:
    words = text_of(value)
    assert words is None or words.encode("utf-8")
    read = number(value)
    assert read is None or read - read == 0
    numbers(value)
    when = moment(value, other)
    assert when is None or when.tzinfo is UTC


TAGS = st.sampled_from([int(tag) for tag in (*Base, *GPS)])
DIRECTORY = st.dictionaries(TAGS, ANYTHING, max_size=8)


@given(DIRECTORY, DIRECTORY, DIRECTORY)
def test_whatever_the_tags_say_it_becomes_plain_json(
    image: dict[int, object], photo: dict[int, object], gps: dict[int, object]
) -> None:
    exif = Exif(image, photo, gps)
    found = metadata(Image.new("RGB", (1, 1)), exif, 1)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    when = taken_at(exif)
    assert ("taken_offset" not in found) or when is not None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("NIKON", "NIKON"),
        ("CYBERSHOT\0\0\0\0", "CYBERSHOT"),
        ("RR330      ", "RR330"),
        ("        ", None),
        ("", None),
        (b"bytes\0rubbish", "bytes"),
        ("MÃ¼nchen", "München"),  # UTF-8 that Pillow read as Latin-1
        ("M\xfcnchen", "München"),
        ("東京", "東京"),
        ("a\x1b[31mred", "a[31mred"),
        ("lone \udc80 surrogate", "lone ? surrogate"),
        (42, None),
    ],
)
def test_texts(value: object, wanted: str | None) -> None:
    assert text_of(value) == wanted


def test_texts_have_an_end() -> None:
    assert len(clean("x" * 100_000) or "") == 2000


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (7, 7.0),
        (IFDRational(1, 250), 0.004),
        (Fraction(1, 4), 0.25),
        ((100, 0), 100.0),
        ((), None),
        (IFDRational(1, 0), None),
        (IFDRational(0, 0), None),
        (float("inf"), None),
        (10**400, None),
        ("7", None),
        (None, None),
    ],
)
def test_numbers(value: object, wanted: float | None) -> None:
    assert number(value) == wanted


@pytest.mark.parametrize(
    ("value", "offset", "wanted"),
    [
        ("2008:10:22 16:29:49", None, datetime(2008, 10, 22, 16, 29, 49, tzinfo=UTC)),
        ("2008:10:22 16:29:49", "+02:00", datetime(2008, 10, 22, 14, 29, 49, tzinfo=UTC)),
        ("2008:10:22 23:30:00\0", "-05:30", datetime(2008, 10, 23, 5, 0, 0, tzinfo=UTC)),
        ("2008:10:22 16:29:49.123", "Z", datetime(2008, 10, 22, 16, 29, 49, tzinfo=UTC)),
        ("2008:10:22 16:29:49", "+99:99", datetime(2008, 10, 22, 16, 29, 49, tzinfo=UTC)),
        ("9999:12:31 23:59:59", "-01:00", None),
        ("0000:00:00 00:00:00", None, None),
        ("1601:01:01 00:00:00", None, None),
        ("2008:02:30 10:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("yesterday", "+02:00", None),
        (None, None, None),
    ],
)
def test_moments(value: object, offset: object, wanted: datetime | None) -> None:
    assert moment(value, offset) == wanted


@given(st.binary(max_size=200))
def test_any_bytes_in_place_of_exif_are_read_as_something(rubbish: bytes) -> None:
    for head in (b"", b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08"):
        picture = Image.new("RGB", (1, 1))
        picture.info["exif"] = head + rubbish
        read_exif(picture)
        assert 1 <= orientation_of(picture) <= 8

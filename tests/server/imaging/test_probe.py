import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits
from PIL import Image

Scene = Callable[..., Image.Image]
Encode = Callable[..., bytes]

Verdict = Callable[..., ErrorCode | None]
DAMAGED = {ErrorCode.TRUNCATED_IMAGE, ErrorCode.CORRUPT_IMAGE}
# Always the same examples: one that crashes a decoder would take the whole run along.
ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True
)


@pytest.fixture
def verdict(tmp_path: Path, limits: DecodeLimits) -> Verdict:
    """The code with which bytes are refused, None where they are accepted."""

    def of(data: bytes, limits: DecodeLimits = limits) -> ErrorCode | None:
        source, preview = tmp_path / "source", tmp_path / "preview.jpg"
        source.write_bytes(data)
        preview.unlink(missing_ok=True)
        try:
            examine(source, preview, limits)
        except ImgrepoError as refusal:
            if preview.exists() or not refusal.message.endswith("."):
                raise
            return refusal.code
        return None

    return of


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    body = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + chunk + body + end


def test_each_kind_of_wrong_file_has_its_own_code(verdict: Verdict) -> None:
    assert verdict(b"") is ErrorCode.EMPTY_FILE
    assert verdict(b"not a picture at all") is ErrorCode.NOT_AN_IMAGE
    assert verdict(b"%PDF-1.4 and so on") is ErrorCode.UNSUPPORTED_FORMAT
    assert verdict(b"\xff\xd8\xff\xe0 called photo.jpg") in DAMAGED


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
@ONE_FOLDER
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_as_damaged(
    form: str, verdict: Verdict, scene: Scene, encode: Encode, data: st.DataObject
) -> None:
    whole = encode(scene(88, 70), form)  # a bitmap whose rows need no padding
    cut = data.draw(st.integers(1, len(whole) - 1))
    code = verdict(whole[:cut])
    assert code in DAMAGED or (cut < 32 and code is ErrorCode.NOT_AN_IMAGE)


def test_a_camera_picture_that_misses_its_last_bytes_is_truncated(
    verdict: Verdict, shared: Path
) -> None:
    whole = (shared / "photos" / "camera" / "camera_00.jpg").read_bytes()
    for missing in (1, 2, 3, 64, 5000, len(whole) // 2):
        assert verdict(whole[:-missing]) is ErrorCode.TRUNCATED_IMAGE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
@ONE_FOLDER
@given(data=st.data())
def test_bits_flipped_anywhere_cause_a_refusal_at_worst(
    form: str, verdict: Verdict, scene: Scene, encode: Encode, data: st.DataObject
) -> None:
    whole = bytearray(encode(scene(60, 50), form))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    assert verdict(bytes(whole)) in {
        None,
        *DAMAGED,
        ErrorCode.NOT_AN_IMAGE,
        ErrorCode.UNSUPPORTED_FORMAT,
        ErrorCode.TOO_MANY_PIXELS,
        ErrorCode.IMAGE_TOO_EXPENSIVE,
    }


@ONE_FOLDER
@given(
    magic=st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0",
                           b"RIFF\x20\0\0\0WEBP", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0",
                           b"\0\0\0\x14ftypavif", b"\0\0\0\x14ftypheic"]),
    tail=st.binary(max_size=400),
)  # fmt: skip
def test_random_bytes_are_refused_and_nothing_else(
    verdict: Verdict, magic: bytes, tail: bytes
) -> None:
    verdict(magic + tail)


def test_a_header_that_claims_too_many_pixels_is_refused_before_decoding(verdict: Verdict) -> None:
    assert verdict(png_header(60_000, 60_000)) is ErrorCode.TOO_MANY_PIXELS
    assert verdict(png_header(600, 600)) in DAMAGED


def test_the_limit_is_ours_and_exact(tmp_path: Path, scene: Scene) -> None:
    source = tmp_path / "source.png"
    scene(100, 60).save(source)
    assert examine(source, None, DecodeLimits(max_pixels=6000)).width == 100
    with pytest.raises(ImgrepoError) as caught:
        examine(source, None, DecodeLimits(max_pixels=5999))
    assert caught.value.details == {"pixels": 6000, "limit": 5999}


def test_a_raw_file_that_calls_itself_tiff_is_not_taken_for_its_thumbnail(
    verdict: Verdict, scene: Scene, encode: Encode
) -> None:
    dng = encode(scene(64, 48), "TIFF", tiffinfo={50706: b"\x01\x04\x00\x00"})
    assert verdict(dng) is ErrorCode.UNSUPPORTED_FORMAT


def test_faults_of_the_file_system_are_not_blamed_on_the_picture(
    tmp_path: Path, limits: DecodeLimits
) -> None:
    with pytest.raises(FileNotFoundError):
        examine(tmp_path / "gone.jpg", None, limits)
    with pytest.raises(IsADirectoryError):
        examine(tmp_path, None, limits)

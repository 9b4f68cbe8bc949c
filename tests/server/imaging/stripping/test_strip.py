"""What a file says goes; what it shows stays, bit for bit."""

import io
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.exif import orientation_of
from imgrepo_server.imaging.formats import FORMATS
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.stripping.pieces import SplicedFile
from imgrepo_server.imaging.stripping.strip import strip
from PIL import Image, ImageCms
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

SECRET = b"the fourth house on the left"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXACT = {"lossless": True}
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", EXACT),
    "tiff": ("TIFF", {}),
    "avif": ("AVIF", {}),
    "heic": ("HEIF", {}),
}


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[Base.Orientation] = orientation
    made[Base.Artist] = SECRET.decode()
    made.get_ifd(IFD.Exif).update({Base.MakerNote: b"note " + SECRET, Base.FNumber: 2.8})
    made.get_ifd(IFD.GPSInfo).update(
        {GPS.GPSLatitude: (33.0, 51.0, 30.0), GPS.GPSLatitudeRef: "S",
         GPS.GPSLongitude: (70.5, 0.0, 0.0), GPS.GPSLongitudeRef: "E",
         GPS.GPSAreaInformation: SECRET}
    )  # fmt: skip
    return made


def telling(scene: Callable[..., Image.Image], name: str, orientation: int) -> bytes:
    """A file that has the secret wherever the format has room for one."""
    form, options = FORMS[name]
    more: dict[str, Any] = {"exif": exif(orientation), "xmp": XMP, "icc_profile": PROFILE}
    if name == "jpeg":
        more["comment"] = SECRET
    if name == "png":
        texts = PngInfo()
        texts.add_text("Comment", SECRET.decode())
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        texts.add(b"prVt", SECRET)
        more["pnginfo"] = texts
    if name == "tiff":
        del more["xmp"]
        more["exif"].update({700: XMP, 33723: SECRET, 34377: SECRET, 270: SECRET.decode()})
        more["exif"] = more["exif"].tobytes()  # else Pillow leaves out the directories below
    out = io.BytesIO()
    scene(64, 48).save(out, form, **options, **more)
    data = out.getvalue()
    if name == "jpeg":
        jfxx = b"JFXX\0" + SECRET
        resources = b"Photoshop 3.0\0" + SECRET
        segments = b"".join(
            b"\xff" + bytes((marker,)) + (len(body) + 2).to_bytes(2, "big") + body
            for marker, body in ((0xE0, jfxx), (0xED, resources), (0xE2, b"FPXR\0" + SECRET))
        )
        data = data[:20] + segments + data[20:] + SECRET
    return data + (SECRET if name in ("png", "webp", "tiff") else b"")


def shown(file: Any, name: str) -> tuple[Any, ...]:
    """All that is seen of a picture."""
    with Image.open(file, formats=[FORMATS[name].pillow]) as picture:
        frames = []
        for frame in range(1 if name == "jpeg" else getattr(picture, "n_frames", 1)):
            picture.seek(frame)
            frames.append((picture.mode, picture.size, picture.tobytes()))
        return orientation_of(picture), picture.info.get("icc_profile"), frames


def stripped(path: Path, name: str, orientation: int = 1) -> bytes:
    with path.open("rb") as file:
        return SplicedFile(file, strip(path, name, orientation)).read()


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_left_but_the_picture(
    name: str, orientation: int, scene: Any, tmp_path: Path, limits: DecodeLimits
) -> None:
    path = tmp_path / "telling"
    path.write_bytes(telling(scene, name, orientation))
    assert SECRET in path.read_bytes()
    before = examine(path, None, limits)
    assert "gps_latitude" in before.exif
    data = stripped(path, name, before.exif.get("orientation", 1))
    assert SECRET not in data
    assert shown(io.BytesIO(data), name) == shown(path, name)
    (tmp_path / "silent").write_bytes(data)
    after = examine(tmp_path / "silent", None, limits)
    assert after.exif.keys() <= {"orientation"}
    assert (after.width, after.height) == (before.width, before.height)
    assert after.fingerprint == before.fingerprint
    # Once more changes nothing.
    again = stripped(tmp_path / "silent", name, before.exif.get("orientation", 1))
    assert again == data


def test_an_animation_goes_on_moving(scene: Any, tmp_path: Path) -> None:
    frames = [scene(32, 24, seed=seed) for seed in range(3)]
    for name, form in (("gif", "GIF"), ("webp", "WEBP"), ("png", "PNG")):
        more: dict[str, Any] = {"comment": SECRET} if name == "gif" else {"xmp": XMP}
        more |= EXACT if name == "webp" else {}
        path = tmp_path / name
        frames[0].save(
            path, form, save_all=True, append_images=frames[1:], duration=80, loop=3, **more
        )
        data = stripped(path, name)
        assert SECRET not in data
        assert shown(io.BytesIO(data), name) == shown(path, name)
        with Image.open(io.BytesIO(data)) as moving, Image.open(path) as original:
            for key in ("loop", "duration"):
                assert moving.info.get(key) == original.info.get(key)


@pytest.mark.parametrize("big", [False, True])
def test_every_page_of_a_tiff_is_kept(big: bool, scene: Any, tmp_path: Path) -> None:
    pages = [scene(40, 30, seed=seed) for seed in range(3)]
    path = tmp_path / "pages"
    pages[0].save(
        path, "TIFF", save_all=True, append_images=pages[1:], big_tiff=big, exif=exif(1).tobytes()
    )
    data = stripped(path, "tiff")
    assert SECRET not in data
    assert shown(io.BytesIO(data), "tiff") == shown(path, "tiff")
    assert len(shown(path, "tiff")[2]) == 3


def test_an_orientation_that_cannot_be_kept_is_a_refusal(scene: Any, tmp_path: Path) -> None:
    scene(32, 24).save(tmp_path / "a.gif")
    with pytest.raises(ImgrepoError, match="Look at its preview") as refused:
        strip(tmp_path / "a.gif", "gif", 6)
    assert refused.value.code is ErrorCode.METADATA_NOT_REMOVABLE


def test_pictures_of_all_kinds_stay_as_they_are(shared: Path) -> None:
    small = DecodeLimits(400_000)
    folders = ("photos/exif", "odd/heif")
    kept = 0
    for path in sorted(path for folder in folders for path in (shared / folder).iterdir()):
        try:
            seen = examine(path, None, small)
        except ImgrepoError:
            continue
        try:
            data = stripped(path, seen.format, seen.exif.get("orientation", 1))
        except ImgrepoError:
            continue
        assert shown(io.BytesIO(data), seen.format) == shown(path, seen.format), path
        kept += 1
    assert kept > 40


@pytest.fixture(scope="module")
def any_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Path]:
    folder, numbers = tmp_path_factory.mktemp("damaged"), count()

    def written(data: bytes) -> Path:
        path = folder / str(next(numbers))
        path.write_bytes(data)
        return path

    return written


@pytest.mark.parametrize("name", [*FORMS, "gif", "bmp"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_come_out_silent(
    name: str, scene: Any, any_file: Callable[[bytes], Path], data: st.DataObject
) -> None:
    if name in FORMS:
        whole = bytearray(telling(scene, name, 6))
    else:
        out = io.BytesIO()
        scene(16, 12).save(out, name.upper())
        whole = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, min(len(whole), 1500) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    path = any_file(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    try:
        pieces = strip(path, name, data.draw(st.sampled_from([1, 6])))
    except ImgrepoError:
        return
    with path.open("rb") as file:
        SplicedFile(file, pieces).read()

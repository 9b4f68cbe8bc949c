"""Where a picture was taken is its owner's to tell."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

PLACE = {"gps_latitude": -33.8583333, "gps_longitude": 70.5, "gps_altitude": 12.5}


@pytest.fixture
def placed(picture: Callable[..., bytes]) -> Callable[[int], bytes]:
    """A picture that says where it was taken, and with what."""

    def made(seed: int) -> bytes:
        exif = Image.Exif()
        exif[Base.Make] = "Maker"
        exif.get_ifd(IFD.GPSInfo).update({
            GPS.GPSLatitude: (33.0, 51.0, 30.0), GPS.GPSLatitudeRef: "S",
            GPS.GPSLongitude: (70.5,), GPS.GPSLongitudeRef: "E",
            GPS.GPSAltitude: 12.5,
        })  # fmt: skip
        return picture(1, exif=exif) + bytes(seed)  # alike, in other bytes

    return made


async def everything(person: Any, image: str, other: str, data: bytes) -> str:
    """What every reply with images in it says to a person."""
    every = f"distance={64 if person.token is None else 192}&flat=true"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/images/{image}", {}),
        ("GET", "/images", {}),
        ("GET", f"/images/{other}/similar?{every}", {}),
        ("POST", f"/search/similar?{every}", {"data": {"file": io.BytesIO(data)}}),
    ]
    if person.token is not None:
        asked.append(("GET", "/duplicates?distance=40&flat=true", {}))
    said = [await person.ask(method, path, **more, expect=200) for method, path, more in asked]
    assert all(image in json.dumps(body) for _, body in said[:4])
    return json.dumps(said)


async def test_others_learn_of_a_location_once_the_owner_shares_it(
    server: Any, placed: Callable[[int], bytes]
) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    nobody = server.anonymous()
    kept = (await jeff.upload(placed(1), "a.jpg"))["image"]
    other = (await jeff.upload(placed(2), "b.jpg"))["image"]
    assert kept["exif"] == {"make": "Maker", **PLACE}
    assert kept["share_location"] is False
    image = kept["id"]
    _, own = await jeff.ask("GET", f"/images/{image}", expect=200)
    assert own["image"] == kept
    assert "gps_" in await everything(jeff, image, other["id"], placed(3))
    for person in (rita, nobody):
        said = await everything(person, image, other["id"], placed(3))
        assert "gps_" not in said
        assert '"make": "Maker"' in said
        assert '"share_location": false' not in said

    change = {"share_location": True}
    _, edited = await jeff.ask("PATCH", f"/images/{image}", json=change, expect=200)
    assert edited["image"]["share_location"] is True
    for person in (rita, nobody):
        _, shown = await person.ask("GET", f"/images/{image}", expect=200)
        assert shown["image"]["exif"] == {"make": "Maker", **PLACE}
        _, shown = await person.ask("GET", f"/images/{other['id']}", expect=200)
        assert shown["image"]["exif"] == {"make": "Maker"}
    await rita.ask("PATCH", f"/images/{image}", json={"share_location": False}, expect=403)
    await jeff.ask("PATCH", f"/images/{image}", json={"title": "Other"}, expect=200)
    _, shown = await nobody.ask("GET", f"/images/{image}", expect=200)
    assert "gps_latitude" in shown["image"]["exif"]

    await jeff.ask("PATCH", f"/images/{image}", json={"share_location": False}, expect=200)
    assert "gps_" not in await everything(nobody, image, other["id"], placed(3))


async def test_the_same_bytes_of_somebody_else_share_nothing_by_themselves(
    server: Any, placed: Callable[[int], bytes]
) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    shared = (await jeff.upload(placed(1)))["image"]["id"]
    await jeff.ask("PATCH", f"/images/{shared}", json={"share_location": True}, expect=200)
    hidden = (await rita.upload(placed(1)))["image"]["id"]
    _, shown = await jeff.ask("GET", f"/images/{hidden}", expect=200)
    assert "gps_latitude" not in shown["image"]["exif"]


async def test_an_image_uploaded_again_from_the_trash_is_hidden_again(
    server: Any, placed: Callable[[int], bytes]
) -> None:
    jeff = await server.person("jeff")
    image = (await jeff.upload(placed(1)))["image"]["id"]
    await jeff.ask("PATCH", f"/images/{image}", json={"share_location": True}, expect=200)
    await jeff.ask("DELETE", f"/images/{image}", expect=204)
    again = (await jeff.upload(placed(1)))["image"]
    assert (again["id"], again["share_location"]) == (image, False)


async def test_an_upload_takes_words_from_the_file(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Maker", "Model 1"
    exif[Base.ImageDescription] = "Am Meer"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2021:06:05 12:00:00"
    data = picture(1, exif=exif)
    kept = (await jeff.upload(data, "a.jpg", tags=["Own"], exif_tags="true"))["image"]
    assert (kept["title"], kept["description"]) == ("a.jpg", "Am Meer")
    assert kept["tags"] == ["2021", "maker model 1", "own"]
    assert await jeff.titles(tag="maker model 1") == ["a.jpg"]
    assert await jeff.titles(keyword="meer") == ["a.jpg"]

"""Originals without their metadata, over HTTP."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

MARK = b"the fourth house on the left"


@pytest.fixture
def telling(picture: Callable[..., bytes]) -> bytes:
    """A turned picture that tells where it was taken."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSAreaInformation] = MARK
    return picture(1, (400, 300), exif=exif, comment=MARK)


async def fetch(person: Any, path: str, method: str = "GET", **headers: str) -> tuple[Any, bytes]:
    if person.token is not None:
        headers["Authorization"] = f"Bearer {person.token}"
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with person.client.request(method, f"/api/v1{path}", headers=names) as response:
        return response, await response.read()


async def test_an_original_comes_without_metadata_when_asked(server: Any, telling: bytes) -> None:
    jeff, nobody = await server.person("jeff"), server.anonymous()
    image = (await jeff.upload(telling))["image"]
    file, silent = f"/images/{image['id']}/file", f"/images/{image['id']}/file?strip=metadata"
    for person in (jeff, nobody):
        whole, data = await fetch(person, file)
        assert data == telling
        assert "Imgrepo-Metadata" not in whole.headers
        response, stripped = await fetch(person, silent)
        assert response.headers["Imgrepo-Metadata"] == "removed"
        assert response.content_type == "image/jpeg"
        assert MARK not in stripped
        with Image.open(io.BytesIO(stripped)) as seen, Image.open(io.BytesIO(telling)) as original:
            assert seen.tobytes() == original.tobytes()
            assert seen.getexif()[Base.Orientation] == 6
    assert response.headers["ETag"] != whole.headers["ETag"]
    part, some = await fetch(nobody, silent, Range="bytes=10-200")
    assert (part.status, some) == (206, stripped[10:201])
    again, nothing = await fetch(nobody, silent, If_None_Match=response.headers["ETag"])
    assert (again.status, nothing) == (304, b"")
    head, nothing = await fetch(nobody, silent, "HEAD")
    assert (head.headers["Content-Length"], nothing) == (str(len(stripped)), b"")
    await jeff.ask("GET", f"{file}?strip=pixels", expect=400)


async def test_a_server_may_strip_what_anonymous_callers_get(
    start_server: Any, telling: bytes
) -> None:
    server = await start_server(strip_anonymous_downloads=True)
    jeff, rita = await server.person("jeff"), await server.person("rita")
    image = (await jeff.upload(telling))["image"]["id"]
    await jeff.ask("PATCH", f"/images/{image}", json={"share_location": True}, expect=200)
    for person in (jeff, rita):
        assert (await fetch(person, f"/images/{image}/file"))[1] == telling
    response, data = await fetch(server.anonymous(), f"/images/{image}/file")
    assert response.status == 200
    assert MARK not in data
    _, preview = await fetch(server.anonymous(), f"/images/{image}/preview")
    assert MARK not in preview


async def test_what_cannot_be_stripped_is_refused_with_what_to_do(
    server: Any, picture: Callable[..., bytes]
) -> None:
    jeff = await server.person("jeff")
    # Turned by nothing but its XMP, so that it cannot do without.
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:tiff="http://ns.adobe.com/tiff/1.0/">'
        b'<rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    )
    data = picture(1, format_="AVIF", xmp=xmp)
    image = (await jeff.upload(data, "a.avif"))["image"]
    assert image["exif"] == {"orientation": 6}
    _, body = await jeff.ask("GET", f"/images/{image['id']}/file?strip=metadata", expect=422)
    assert body["error"]["code"] == "metadata_not_removable"
    assert "preview" in body["error"]["message"]

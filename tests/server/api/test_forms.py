"""Multipart forms: what fields may be there, and how clients spell a file's name."""

from typing import Any

import pytest

FORM = "multipart/form-data; boundary=b"


def part(disposition: str, content: bytes = b"x", *headers: str) -> bytes:
    lines = [f"Content-Disposition: form-data; {disposition}", *headers]
    return b"--b\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


async def send(person: Any, *parts: bytes, expect: int, form: str = FORM) -> Any:
    body = b"".join(parts) + b"--b--\r\n"
    headers = {"Content-Type": form}
    return (await person.ask("POST", "/images", data=body, headers=headers, expect=expect))[1]


FILE = 'name="file"; filename="a.jpg"'
REFUSED = {
    "an unknown field": (part('name="album"'), "album"),
    "no name": (part('filename="x"'), ""),
    "two titles": (part('name="title"') + part('name="title"'), "title: give this field once"),
    "two files": (part(FILE) + part(FILE), "file: give this field once"),
    "not UTF-8": (part('name="title"', b"\xff"), "title: this field is not UTF-8"),
    "a long field": (part('name="description"', b"x" * 100_001), "description: this field is too"),
    "a long title": (part('name="title"', b"x" * 501), "title"),
    "many fields": (part('name="tags"') * 400, "more than 300 fields"),
    "many tags": (b"".join(part('name="tags"', b"%d" % n) for n in range(201)), "tags"),
    "no such visibility": (part('name="visibility"', b"friends"), "visibility"),
    "no hash": (part('name="sha256"', b"abc"), "sha256"),
    "an empty tag": (part('name="tags"', b" "), "tag"),
    "a line in a tag": (part('name="tags"', b"a\x07b"), "U+0007"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_fields_that_are_refused(server: Any, picture: Any, case: str) -> None:
    jeff = await server.person("jeff")
    bad, told = REFUSED[case]
    good = b"" if case == "two files" else part(FILE, picture(1))
    for parts in ((bad, good), (good, bad)):  # before the file and after it
        body = await send(jeff, *parts, expect=400)
        assert body["error"]["code"] == "invalid_request"
        assert told in body["error"]["message"]
    assert server.files() == []


async def test_fields_count_wherever_they_stand(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    before = part('name="title"', "Größe".encode()) + part('name="tags"', b"a")
    after = part('name="tags"', b"b") + part('name="visibility"', b"private")
    reply = await send(jeff, before, part(FILE, picture(1)), after, expect=201)
    image = reply["image"]
    assert (image["title"], image["tags"], image["visibility"]) == ("Größe", ["a", "b"], "private")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('name="file"; filename="plain.jpg"', "plain.jpg"),
        ("name=file; filename=token.jpg", "token.jpg"),
        ('name="file"; filename="Größe 1;2.jpg"', "Größe 1;2.jpg"),
        ('name="file"; filename="a.jpg"; filename*=UTF-8\'\'%C3%A4%22.jpg', 'ä".jpg'),
        ('name="file"; filename="x; filename*=utf-8\'\'evil.jpg"', "x; filename*=utf-8''evil.jpg"),
        ('name="file"; filename="/etc/passwd"', "passwd"),
        ('name="file"; filename="C:\\temp\\b.jpg"', "b.jpg"),
        ('name="file"; filename=".."', ".."),
        ('name="file"; filename=""', "untitled"),
        ('name="file"; filename="a/"', "untitled"),
        ('name="file"', "untitled"),
        (f'name="file"; filename="{"n" * 2000}"', "n" * 1000),
    ],
)
async def test_names_of_files(server: Any, picture: Any, disposition: str, name: str) -> None:
    jeff = await server.person("jeff")
    image = (await send(jeff, part(disposition, picture(1)), expect=201))["image"]
    assert image["filename"] == name
    assert image["title"] == name[:500]
    await jeff.ask("GET", f"/images/{image['id']}/file", expect=200)
    await jeff.ask("GET", f"/images/{image['id']}/preview", expect=200)


async def test_any_boundary_will_do(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    for number, boundary in enumerate(("b", "x" * 70, "a'()+_,-./:=? b")):
        body = part(FILE, picture(number)).replace(b"--b\r\n", f"--{boundary}\r\n".encode(), 1)
        body += f"--{boundary}--\r\n".encode()
        headers = {"Content-Type": f'Multipart/Form-Data; charset=utf-8; boundary="{boundary}"'}
        await jeff.ask("POST", "/images", data=body, headers=headers, expect=201)

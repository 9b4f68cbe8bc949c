"""The real client library against the real application, both in this process."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_client.api import Client
from imgrepo_client.connect import RemoteRepository, open_client
from imgrepo_client.errors import ErrorCode, ServerError
from imgrepo_client.fields import NO_FIELDS, Fields
from imgrepo_client.parameters import Filter
from imgrepo_client.retry import RetryPolicy

from tests.contract.conftest import serving

PASSWORD = "a long enough password"
NO_ID = "00000000-0000-7000-8000-000000000000"

Start = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Serves an application: ``async with start(**settings) as url``."""

    return partial(serving, tmp_path / "data")


@asynccontextmanager
async def account(url: str, name: str, **more: Any) -> AsyncIterator[Client]:
    """A client of somebody who has just registered."""
    async with open_client(RemoteRepository(url), environ={}) as stranger:
        session = await stranger.register(name, PASSWORD)
    repository = RemoteRepository(url, name, session["token"], name)
    async with open_client(repository, environ={}, **more) as client:
        yield client


async def sent(client: Client, path: Path, fields: Fields = NO_FIELDS, **more: Any) -> Any:
    """Upload a file; the image."""
    size = path.stat().st_size  # noqa: ASYNC240 - a moment
    return (await client.upload(str(path), size=size, fields=fields, **more))["image"]


async def test_a_client_through_an_images_whole_life(start: Start, photos: Path) -> None:
    cat, other = photos / "cat_1.jpg", photos / "cat_2.jpg"
    async with start() as url, account(url, "jeff") as jeff:
        assert (await jeff.me())["usage"] == {"images": 0, "bytes": 0}
        tom = await sent(jeff, cat, Fields("Tom", "asleep", ("Pets",), "private"))
        assert (tom["title"], tom["tags"], tom["visibility"]) == ("Tom", ["pets"], "private")
        await sent(jeff, other, sha256=hashlib.sha256(other.read_bytes()).hexdigest())
        assert await jeff.check([tom["sha256"], "0" * 64]) == {tom["sha256"]: tom["id"]}
        found = await jeff.pages(Filter(keywords=("ASLEEP",), tags=("pets",))).__anext__()
        assert [image["id"] for image in found["images"]] == [tom["id"]]
        assert (await jeff.image(tom["id"]))["sha256"] == tom["sha256"]
        async with jeff.file(tom["id"]) as pieces:
            assert b"".join([piece async for piece in pieces]) == cat.read_bytes()
        edited = await jeff.edit(tom["id"], title="Tim", remove_tags=["pets"], visibility="public")
        assert (edited["title"], edited["description"], edited["tags"]) == ("Tim", "asleep", [])
        (verdict,) = await jeff.verify([tom["id"]])
        assert (verdict["status"], verdict["sha256"]) == ("ok", tom["sha256"])
        await jeff.delete(tom["id"])
        assert (await jeff.restore(tom["id"]))["id"] == tom["id"]
        await jeff.delete(tom["id"], purge=True)
        with pytest.raises(ServerError) as purged:
            await jeff.image(tom["id"])
        assert purged.value.error_code is ErrorCode.IMAGE_NOT_FOUND
        assert await jeff.tags() == []
        await jeff.change_password(PASSWORD, "another long password")
        with pytest.raises(ServerError) as gone:
            await jeff.me()
        assert gone.value.error_code is ErrorCode.UNAUTHENTICATED


async def test_no_refusal_is_strange_to_the_client(start: Start, photos: Path) -> None:
    (photos / "fake.jpg").write_text("no picture")
    (photos / "empty.jpg").touch()
    async with start(max_file_size=100_000) as url, account(url, "jeff") as jeff:
        (photos / "large.jpg").write_bytes(bytes(100_001))
        stranger = open_client(RemoteRepository(url), environ={})
        refusals = {
            "not_an_image": sent(jeff, photos / "fake.jpg"),
            "empty_file": sent(jeff, photos / "empty.jpg"),
            "file_too_large": sent(jeff, photos / "large.jpg"),
            "checksum_mismatch": sent(jeff, photos / "cat_1.jpg", sha256="0" * 64),
            "image_not_found": jeff.edit(NO_ID, title="x"),
            "invalid_request": jeff.images(Filter(query="(cat")),
            "invalid_credentials": jeff.login("jeff", "not the password"),
            "username_taken": jeff.register("JEFF", PASSWORD),
        }
        for code, refused in refusals.items():
            with pytest.raises(ServerError) as told:
                await refused
            assert told.value.code == code
            assert told.value.error_code is not None
            assert told.value.message.endswith(".")
        async with stranger as nobody:
            with pytest.raises(ServerError) as told:
                await sent(nobody, photos / "cat_1.jpg")
            assert told.value.error_code is ErrorCode.UNAUTHENTICATED
        assert (await jeff.me())["usage"]["images"] == 0


async def test_pages_give_each_image_once_while_more_come_in(
    start: Start, picture: Any, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number:02}.png" for number in range(23)]
    for number, file in enumerate(files):
        file.write_bytes(picture(number, (16, 16), "PNG"))
    async with start() as url, account(url, "jeff") as jeff:
        old = [(await sent(jeff, file))["id"] for file in files[:17]]
        seen, cursor, late = [], None, iter(files[17:])
        while True:
            page = await jeff.images(limit=4, cursor=cursor)
            seen += [image["id"] for image in page["images"]]
            if (cursor := page["next_cursor"]) is None:
                break
            await sent(jeff, next(late))
        assert seen == old[::-1]


async def test_more_uploads_than_the_server_takes_all_arrive(
    start: Start, picture: Any, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(12)]
    for number, file in enumerate(files):
        file.write_bytes(picture(number))
    patient = RetryPolicy(retries=50, longest_asked=0.05)
    async with (
        start(max_uploads=2) as url,
        account(url, "jeff", concurrency=12, retry=patient) as jeff,
    ):
        images = await asyncio.gather(*(sent(jeff, file) for file in files))
        assert len({image["id"] for image in images}) == len(files)


names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=60
).filter(lambda name: name not in {".", ".."})
treacherous = st.sampled_from(
    (
        "filename*=utf-8''x.jpg",
        "a; filename*=utf-8''x.jpg",
        'a"; name="title',
        "a%22b%41.jpg",
        "--boundary\r\n\r\n.jpg",
        "a\\b.jpg",
        "back\\\\slash\\.jpg",
        "=?utf-8?q?a?=.jpg",
        "  .jpg",
        "emoji_😼.JPG",
        "..jpg",
    )
)


class Conversation:
    """One server and one client that stay for many examples."""

    def __init__(self, runner: asyncio.Runner, client: Client, folder: Path):
        self._runner, self._client, self._folder = runner, client, folder

    def upload(self, name: str, content: bytes, fields: Fields) -> Any:
        """Upload a file of that name; the image."""
        file = self._folder / name
        file.write_bytes(content)
        try:
            return self._runner.run(sent(self._client, file, fields))
        finally:
            file.unlink()


@pytest.fixture
def conversation(start: Start, tmp_path: Path) -> Iterator[Conversation]:
    """A logged-in client in a loop of its own, for tests that are no coroutines."""
    folder = tmp_path / "files"
    folder.mkdir()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def enter() -> Client:
            url = await stack.enter_async_context(start())
            return await stack.enter_async_context(account(url, "jeff"))

        yield Conversation(runner, runner.run(enter()), folder)
        runner.run(stack.aclose())


@settings(
    max_examples=80,
    deadline=None,  # a worker process decodes in between
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # every example sends new bytes
)
@given(
    name=names | treacherous,
    title=st.text(max_size=60),
    description=st.text(max_size=200),
)
def test_any_words_arrive_as_they_were_said(
    conversation: Conversation, picture: Any, name: str, title: str, description: str
) -> None:
    content = picture(1, (8, 8), "PNG") + os.urandom(8)
    image = conversation.upload(name, content, Fields(title=title, description=description))
    last = name.rpartition("\\")[2]
    assert shown(image["filename"]) == shown(last) or image["filename"] == "untitled"
    assert shown(image["title"]) in {shown(title), shown(image["filename"])}
    assert image["description"] == description.replace("\0", "").encode("utf-8", "replace").decode()


def shown(text: str) -> str:
    """What of a name is to be seen: the server turns the rest into single blanks."""
    return "".join(char for char in text if char.isprintable() and not char.isspace())

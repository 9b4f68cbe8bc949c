"""The async client: one method for each route of the server's API.

    async with open_client(repository) as client:      # see imgrepo_client.connect
        page = await client.images(Filter(keywords=("cat",)))

Every method raises ``ClientError`` (see ``imgrepo_client.errors``): ``ServerError`` where the
server refused, ``UnreachableError`` where none answered, ``UnexpectedAnswerError`` where it was no
imgrepo server.
"""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeVar, cast
from urllib.parse import quote

from imgrepo_client.answers import (
    Image,
    Match,
    Me,
    Page,
    Session,
    Tag,
    Uploaded,
    Usage,
    User,
    Verdict,
)
from imgrepo_client.fields import Fields
from imgrepo_client.multipart import MultipartFile
from imgrepo_client.parameters import EVERYTHING, Filter, form_fields, nearness
from imgrepo_client.settings import Visibility
from imgrepo_client.transport import Transport

MAX_PAGE = 200
MAX_CHECK = 5000
MAX_VERIFY = 500

T = TypeVar("T")


class Client:
    """One repository, on behalf of one account or of nobody."""

    def __init__(self, transport: Transport):
        self._transport = transport

    async def register(self, name: str, password: str, email: str | None = None) -> Session:
        """Create an account and log in."""
        body = {"username": name, "password": password}
        if email is not None:
            body["email"] = email
        answer = await self._transport.ask("POST", "/register", body=body, idempotent=False)
        return self._session(answer)

    async def login(self, name: str, password: str) -> Session:
        """Log in."""
        body = {"username": name, "password": password}
        answer = await self._transport.ask("POST", "/login", body=body)
        return self._session(answer)

    async def logout(self) -> None:
        """Revoke the token in use."""
        await self._transport.ask("POST", "/logout", idempotent=False)

    async def change_password(self, current: str, new: str) -> Session:
        """Set a new password; revokes every login and answers with a new one."""
        body = {"current_password": current, "new_password": new}
        answer = await self._transport.ask("POST", "/me/password", body=body, idempotent=False)
        return self._session(answer)

    async def me(self) -> Me:
        """The account in use, what it holds and may hold."""
        answer = await self._transport.ask("GET", "/me")
        self._shaped(User, answer, "user")
        self._shaped(Usage, answer, "usage")
        return self._shaped(Me, answer)

    async def upload(
        self,
        path: str,
        *,
        size: int,
        fields: Fields,
        sha256: str | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> Uploaded:
        """Send a file of ``size`` bytes; with ``sha256`` (hex) the server checks what arrives.

        Sending the same bytes again is safe. Raises LocalFileError where the fault is the file's.
        """
        form = list(form_fields(fields))
        if sha256 is not None:
            form.append(("sha256", sha256))

        def made() -> MultipartFile:
            name = os.path.basename(path)  # noqa: PTH119 - names that are not UTF-8
            return MultipartFile(path, size, filename=name, fields=form, on_sent=on_sent)

        answer = await self._transport.send("/images", made)
        self._shaped(Image, answer, "image")
        return self._shaped(Uploaded, answer)

    async def check(self, hashes: Sequence[str]) -> dict[str, str]:
        """Which of these bytes (hex, at most 5,000) the account already has: hash to image id."""
        answer = await self._transport.ask("POST", "/images/check", body={"sha256": list(hashes)})
        known = self._member(answer, "known")
        if not isinstance(known, dict):
            raise self._transport.unexpected()
        return known

    async def verify(self, ids: Sequence[str]) -> list[Verdict]:
        """Have the stored bytes of at most 500 images read and hashed again."""
        answer = await self._transport.ask("POST", "/images/verify", body={"ids": list(ids)})
        return self._all_shaped(Verdict, answer, "results")

    async def images(
        self,
        wanted: Filter = EVERYTHING,
        *,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """One page of at most 200 images."""
        params = wanted.params()
        for name, value in (("sort", sort), ("limit", limit), ("cursor", cursor)):
            if value is not None:
                params.append((name, str(value)))
        answer = await self._transport.ask("GET", "/images", params=params)
        self._all_shaped(Image, answer, "images")
        return self._shaped(Page, answer)

    async def pages(
        self, wanted: Filter = EVERYTHING, *, sort: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page]:
        """All images, or the first ``limit``, a page at a time; each is asked for when taken.

        The last page's ``next_cursor`` tells whether there are more than ``limit``.
        """
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            size = MAX_PAGE if left is None else min(left, MAX_PAGE)
            page = await self.images(wanted, sort=sort, limit=size, cursor=cursor)
            yield page
            left = None if left is None else left - len(page["images"])
            cursor = page.get("next_cursor")
            if cursor is None or not page["images"]:
                return

    async def image(self, image_id: str) -> Image:
        """Everything known about one image."""
        answer = await self._transport.ask("GET", _image_path(image_id))
        return self._shaped(Image, answer, "image")

    async def edit(
        self,
        image_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        visibility: Visibility | None = None,
    ) -> Image:
        """Change what is said about an image; None leaves as it is."""
        said: dict[str, object] = {
            "title": title,
            "description": description,
            "add_tags": list(add_tags) or None,
            "remove_tags": list(remove_tags) or None,
            "visibility": visibility,
        }
        body = {key: value for key, value in said.items() if value is not None}
        answer = await self._transport.ask("PATCH", _image_path(image_id), body=body)
        return self._shaped(Image, answer, "image")

    async def delete(self, image_id: str, *, purge: bool = False) -> None:
        """Put an image into the trash, or remove it for good."""
        params = [("purge", "true")] if purge else []
        # Not repeated: a second answer would say that there is no such image.
        await self._transport.ask("DELETE", _image_path(image_id), params=params, idempotent=False)

    async def restore(self, image_id: str) -> Image:
        """Take an image out of the trash."""
        answer = await self._transport.ask("POST", f"{_image_path(image_id)}/restore")
        return self._shaped(Image, answer, "image")

    def file(self, image_id: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The original's bytes in pieces: ``async with client.file(id) as pieces``."""
        return self._transport.stream(f"{_image_path(image_id)}/file")

    async def similar_to(
        self, image_id: str, wanted: Filter = EVERYTHING, *, distance: float, limit: int
    ) -> list[Match]:
        """Images like a stored one, nearest first, at most ``distance`` (0 to 192) away."""
        answer = await self._transport.ask(
            "GET", f"{_image_path(image_id)}/similar", params=nearness(wanted, distance, limit)
        )
        return self._all_shaped(Match, answer, "matches")

    async def similar_to_file(
        self, path: str, wanted: Filter = EVERYTHING, *, size: int, distance: float, limit: int
    ) -> list[Match]:
        """Images like a local file, which is not stored; as ``similar_to``."""

        def made() -> MultipartFile:
            name = os.path.basename(path)  # noqa: PTH119 - names that are not UTF-8
            return MultipartFile(path, size, filename=name)

        params = nearness(wanted, distance, limit)
        answer = await self._transport.send("/search/similar", made, params)
        return self._all_shaped(Match, answer, "matches")

    async def tags(self, prefix: str = "") -> list[Tag]:
        """Tags that begin so, with counts of the images that the caller may see."""
        params = [("prefix", prefix)] if prefix else []
        answer = await self._transport.ask("GET", "/tags", params=params)
        return self._all_shaped(Tag, answer, "tags")

    def _session(self, answer: object) -> Session:
        self._shaped(User, answer, "user")
        return self._shaped(Session, answer)

    def _shaped(self, shape: type[T], answer: object, member: str | None = None) -> T:
        """The answer, or a member of it, once it is known to have what the shape requires."""
        value = answer if member is None else self._member(answer, member)
        required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
        if isinstance(value, dict) and required <= value.keys():
            return cast("T", value)
        raise self._transport.unexpected()

    def _all_shaped(self, shape: type[T], answer: object, member: str) -> list[T]:
        values = self._member(answer, member)
        if not isinstance(values, list):
            raise self._transport.unexpected()
        return [self._shaped(shape, value) for value in values]

    def _member(self, answer: object, name: str) -> object:
        if isinstance(answer, dict) and name in answer:
            return answer[name]
        raise self._transport.unexpected()


def _image_path(image_id: str) -> str:
    return f"/images/{quote(image_id, safe='')}"

"""The async client: one method for each route of the server's API.

    async with open_client(repository) as client:      # see imgrepo_client.connect
        page = await client.images(Filter(keywords=("cat",)))

Every method raises ``ClientError`` (see ``imgrepo_client.errors``): ``ServerError`` where the
server refused, ``UnreachableError`` where none answered, ``UnexpectedAnswerError`` where it was no
imgrepo server.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

from imgrepo_client.account_routes import AccountRoutes
from imgrepo_client.answers import (
    Image,
    Page,
    Renamed,
    Tag,
    Verdict,
)
from imgrepo_client.link_routes import LinkRoutes
from imgrepo_client.parameters import EVERYTHING, Filter
from imgrepo_client.settings import Visibility
from imgrepo_client.shaping import image_path
from imgrepo_client.similar_routes import SimilarRoutes
from imgrepo_client.transport import Body
from imgrepo_client.upload_routes import UploadRoutes

MAX_PAGE = 200
MAX_CHECK = 5000
MAX_VERIFY = 500


class Client(AccountRoutes, UploadRoutes, SimilarRoutes, LinkRoutes):
    """One repository, on behalf of one account or of nobody."""

    async def check(self, hashes: Sequence[str]) -> dict[str, str]:
        """Which of these bytes (hex, at most 5,000) the account already has: hash to image id."""
        answer = await self._transport.ask("POST", "/images/check", body={"sha256": list(hashes)})
        known = self._member(answer, "known")
        if not isinstance(known, dict):
            raise self._transport.faults.unexpected()
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
        answer = await self._transport.ask("GET", image_path(image_id))
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
        share_with: Sequence[str] = (),
        unshare: Sequence[str] = (),
        gallery_tier: str | None = None,
        share_location: bool | None = None,
    ) -> Image:
        """Change what is said about an image, or who sees it; None leaves as it is.

        ``gallery_tier`` is for administrators: ``none`` takes an image out of the gallery.
        """
        said: dict[str, object] = {
            "title": title,
            "description": description,
            "add_tags": list(add_tags) or None,
            "remove_tags": list(remove_tags) or None,
            "visibility": visibility,
            "share_with": list(share_with) or None,
            "unshare": list(unshare) or None,
            "gallery_tier": gallery_tier,
            "share_location": share_location,
        }
        body = {key: value for key, value in said.items() if value is not None}
        answer = await self._transport.ask("PATCH", image_path(image_id), body=body)
        return self._shaped(Image, answer, "image")

    async def delete(self, image_id: str, *, purge: bool = False) -> None:
        """Put an image into the trash, or remove it for good."""
        params = [("purge", "true")] if purge else []
        # Not repeated: a second answer would say that there is no such image.
        await self._transport.ask("DELETE", image_path(image_id), params=params, idempotent=False)

    async def restore(self, image_id: str) -> Image:
        """Take an image out of the trash."""
        answer = await self._transport.ask("POST", f"{image_path(image_id)}/restore")
        return self._shaped(Image, answer, "image")

    def file(self, image_id: str, *, strip: bool = False) -> AbstractAsyncContextManager[Body]:
        """The original's bytes in pieces: ``async with client.file(id) as pieces``.

        ``strip`` asks for the same picture without metadata.
        """
        params = [("strip", "metadata")] if strip else []
        return self._transport.stream(f"{image_path(image_id)}/file", params)

    async def tags(self, prefix: str = "") -> list[Tag]:
        """Tags that begin so, with counts of the images that the caller may see."""
        params = [("prefix", prefix)] if prefix else []
        answer = await self._transport.ask("GET", "/tags", params=params)
        return self._all_shaped(Tag, answer, "tags")

    async def rename_tag(self, old: str, new: str) -> Renamed:
        """Call a tag of the account's own images otherwise; one that exists takes them in."""
        body = {"old": old, "new": new}
        # Not repeated: a second answer would say that no image has the old one.
        answer = await self._transport.ask("POST", "/tags/rename", body=body, idempotent=False)
        return self._shaped(Renamed, answer)

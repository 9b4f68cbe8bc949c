"""The routes about images that look alike. Methods raise ClientError, as those of ``Client``."""

import os

from imgrepo_client.answers import DuplicatesPage, Match, MatchPage, Why
from imgrepo_client.multipart import MultipartFile
from imgrepo_client.parameters import Filter, Nearness
from imgrepo_client.shaping import Routes, image_path


class SimilarRoutes(Routes):
    """Search by image, explanations, duplicates."""

    async def similar_to(
        self, image_id: str, wanted: Filter, nearness: Nearness, cursor: str | None = None
    ) -> MatchPage:
        """A page of images like a stored one, nearest first."""
        params = [*wanted.params(), *nearness.params(cursor)]
        answer = await self._transport.ask("GET", f"{image_path(image_id)}/similar", params=params)
        return self._match_page(answer)

    async def similar_to_file(
        self,
        path: str,
        wanted: Filter,
        nearness: Nearness,
        *,
        size: int,
        cursor: str | None = None,
    ) -> MatchPage:
        """A page of images like a local file of ``size`` bytes, which is not stored."""
        params = [*wanted.params(), *nearness.params(cursor)]
        return await self._transport.send(
            "/search/similar", lambda: _file(path, size), params, read=self._match_page
        )

    async def why(self, image_id: str, other_id: str) -> Why:
        """How another stored image compares with a stored one."""
        answer = await self._transport.ask(
            "GET", f"{image_path(image_id)}/why", params=[("other", other_id)]
        )
        return self._shaped(Why, answer)

    async def why_file(self, image_id: str, path: str, *, size: int) -> Why:
        """How a local file of ``size`` bytes, which is not stored, compares with a stored image."""
        return await self._transport.send(
            f"{image_path(image_id)}/why",
            lambda: _file(path, size),
            read=lambda answer: self._shaped(Why, answer),
        )

    async def duplicates(
        self,
        *,
        distance: float | None = None,
        flat: bool = False,
        limit: int = 100,
        cursor: str | None = None,
    ) -> DuplicatesPage:
        """A page of at most 1,000 groups of the account's own images of the same picture."""
        params = [("limit", str(limit))]
        if distance is not None:
            params.append(("distance", str(distance)))
        if flat:
            params.append(("flat", "true"))
        if cursor is not None:
            params.append(("cursor", cursor))
        answer = await self._transport.ask("GET", "/duplicates", params=params)
        return self._shaped(DuplicatesPage, answer)

    async def tell_apart(self, one: str, other: str) -> None:
        """Remember that two own images are different pictures."""
        await self._transport.ask("POST", "/duplicates/different", body={"ids": [one, other]})

    def _match_page(self, answer: object) -> MatchPage:
        self._all_shaped(Match, answer, "matches")
        return self._shaped(MatchPage, answer)


def _file(path: str, size: int) -> MultipartFile:
    name = os.path.basename(path)  # noqa: PTH119 - names that are not UTF-8
    return MultipartFile(path, size, filename=name)

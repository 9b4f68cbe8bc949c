"""Links: the part of the async client that has to do with them."""

from urllib.parse import quote

from imgrepo_client.answers import Ended, Link, NewLink
from imgrepo_client.shaping import Routes, image_path


class LinkRoutes(Routes):
    """Makes, lists and revokes links that need no login."""

    async def share(
        self, image_id: str, *, expires_in: int | None = None, preview_only: bool = False
    ) -> NewLink:
        """Make a link to an own image, for so many seconds; None leaves that to the server."""
        body: dict[str, object] = {"preview_only": preview_only}
        if expires_in is not None:
            body["expires_in"] = expires_in
        path = f"{image_path(image_id)}/links"
        answer = await self._transport.ask("POST", path, body=body, idempotent=False)
        return self._shaped(NewLink, answer)

    async def links(self) -> list[Link]:
        """The account's links that still work, newest first."""
        answer = await self._transport.ask("GET", "/links")
        return self._all_shaped(Link, answer, "links")

    async def revoke_link(self, link_id: str) -> None:
        """End a link."""
        # Not repeated: a second answer would say that there is no such link.
        await self._transport.ask("DELETE", f"/links/{quote(link_id, safe='')}", idempotent=False)

    async def revoke_links(self, image_id: str) -> int:
        """End all links to an own image; how many."""
        answer = await self._transport.ask("DELETE", f"{image_path(image_id)}/links")
        return self._shaped(Ended, answer)["ended"]

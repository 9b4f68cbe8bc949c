"""Images that cannot be grouped within what the server grants."""

from datetime import UTC, datetime
from typing import Any

import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.duplicates import Duplicates


class Overtaxed:
    """Workers for which everything takes too long."""

    async def groups(self, *_: object) -> list[list[int]]:
        raise ImgrepoError(ErrorCode.IMAGE_TOO_EXPENSIVE, "Make this picture smaller.")


async def test_the_sentence_speaks_of_grouping_and_not_of_a_picture(house: Any, jeff: User) -> None:
    workers, catalog = Overtaxed(), None
    asked: dict[str, Any] = {"database": house.database, "workers": workers, "catalog": catalog}
    duplicates = Duplicates(**asked, now=lambda: datetime.now(UTC))
    with pytest.raises(ImgrepoError, match=r"^Grouping your images .* smaller distance"):
        await duplicates.page(Viewer(jeff), distance=28, flat=False, limit=1, after=None)

"""Renaming a tag of more images than one request may take."""

from typing import Any

import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.retagging import Retagging


async def test_many_images_are_renamed_in_several_calls(
    database: Any, records: Any, clock: Any
) -> None:
    def fill(connection: Any) -> User:
        made = records(connection)
        jeff: User = made.user("jeff")
        for _ in range(110):
            made.image(jeff, tags=("old",))
        return jeff

    jeff = Viewer(await database.write(fill))
    retagging = Retagging(database=database, now=clock, most=100)
    first = await retagging.rename(jeff, "old", "new")
    assert (first.images, first.merged, first.complete) == (100, False, False)
    rest = await retagging.rename(jeff, "old", "new")
    assert (rest.images, rest.complete) == (10, True)
    exactly = Retagging(database=database, now=clock, most=110)
    assert (await exactly.rename(jeff, "new", "old")).complete
    await exactly.rename(jeff, "old", "new")
    with pytest.raises(ImgrepoError) as refused:
        await retagging.rename(jeff, "old", "new")
    assert refused.value.code is ErrorCode.TAG_NOT_FOUND

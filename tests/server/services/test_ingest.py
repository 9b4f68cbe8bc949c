"""Taking images in: what is kept, what is the same, and what is told of it."""

from typing import Any

from imgrepo_server.blobs.store import original_key, preview_key
from imgrepo_server.models import User, Viewer, Visibility


async def test_an_upload_is_answered_with_what_is_kept(
    house: Any, jeff: User, picture: Any
) -> None:
    added = await house.upload(jeff, picture(1), title="Cat", tags=("b", "a", "b"))
    assert not added.duplicate
    assert added.image.tags == ("a", "b")
    assert await house.catalog.image(Viewer(jeff), added.image.id) == added.image
    key = original_key(added.image.sha256)
    assert (house.folder / key).read_bytes() == picture(1)
    assert house.files() == {key, preview_key(added.image.sha256)}


async def test_bytes_that_the_owner_has_are_a_duplicate(
    house: Any, jeff: User, picture: Any
) -> None:
    first = await house.upload(jeff, picture(1), title="first", tags=("a",))
    again = await house.upload(
        jeff, picture(1), title="again", tags=("b",), visibility=Visibility.PRIVATE
    )
    assert again.duplicate
    assert again.image == first.image
    assert await house.titles(Viewer(jeff)) == ["first"]
    assert len(house.files()) == 2


async def test_bytes_that_another_person_has_become_an_image_like_any(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    first = await house.upload(
        jeff, picture(1), title="secret", tags=("hidden",), visibility=Visibility.PRIVATE
    )
    added = await house.upload(rita, picture(1), title="mine", tags=("seen",))
    assert not added.duplicate
    assert added.similar is None
    assert added.image.id != first.image.id
    assert (added.image.title, added.image.tags, added.image.owner) == ("mine", ("seen",), "rita")
    assert added.image.created_at == house.clock()
    assert await house.titles(Viewer(rita)) == ["mine"]
    assert len(house.files()) == 2  # stored once
    await house.catalog.purge(Viewer(jeff), first.image.id)
    await house.remove_what_may_go()
    assert len(house.files()) == 2


async def test_trashed_bytes_uploaded_again_are_wanted_again_under_new_words(
    house: Any, jeff: User, picture: Any
) -> None:
    first = (await house.upload(jeff, picture(1), title="old", tags=("a", "b"))).image
    await house.catalog.trash(Viewer(jeff), first.id)
    again = await house.upload(
        jeff, picture(1), title="new", tags=("b", "c"), visibility=Visibility.PRIVATE
    )
    assert not again.duplicate
    assert (again.image.id, again.image.title) == (first.id, "new")
    assert again.image.tags == ("b", "c")
    assert again.image.visibility is Visibility.PRIVATE
    assert again.image.trashed_at is None
    assert await house.catalog.image(Viewer(jeff), first.id) == again.image

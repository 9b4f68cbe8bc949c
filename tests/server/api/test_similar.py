"""Search by image over HTTP: who finds what, page by page, why, and what an upload is told."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from PIL import Image, ImageOps

Picture = Callable[..., bytes]


def altered(data: bytes, change: Callable[[Image.Image], Image.Image], quality: int = 80) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        change(picture.convert("RGB")).save(out, "JPEG", quality=quality)
    return out.getvalue()


def recompressed(data: bytes, quality: int) -> bytes:
    return altered(data, lambda picture: picture, quality)


def blank(tone: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (tone, tone, tone)).save(out, "PNG")
    return out.getvalue()


async def search(person: Any, data: bytes, *, expect: int = 200, **params: Any) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", data, filename="query.jpg")
    _, body = await person.ask("POST", "/search/similar", params=params, data=form, expect=expect)
    return body


def ids(found: Any) -> list[str]:
    return [match["id"] for match in found["matches"]]


@pytest.fixture
def scene(picture: Picture) -> bytes:
    return picture(3, size=(320, 200))


@pytest.mark.parametrize(
    ("change", "orientation", "views", "reason"),
    [
        (lambda p: p, "upright", ("whole", "whole"), "the same picture"),
        (ImageOps.mirror, "mirrored", ("whole", "whole"), "mirrored"),
        (lambda p: p.rotate(90, expand=True), "rotated_90", ("whole", "whole"), "turned by 90°"),
        (
            lambda p: ImageOps.expand(ImageOps.mirror(p), 40, "white"),
            "mirrored",
            ("box", "whole"),
            "mirrored, without its border",
        ),
    ],
)
async def test_an_altered_copy_is_found_and_told_how(
    server: Any, scene: bytes, change: Any, *, orientation: str, views: Any, reason: str
) -> None:
    jo = await server.person("jo")
    kept = (await jo.upload(scene))["image"]["id"]
    files = server.files()
    (match,) = (await search(jo, altered(scene, change)))["matches"]
    assert (match["id"], match["orientation"], match["reason"]) == (kept, orientation, reason)
    assert match["views"] == {"query": views[0], "found": views[1]}
    assert match["match"] == "same"
    assert server.files() == files


async def test_pages_follow_each_other_without_gap_or_repetition(server: Any, scene: bytes) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    every = []
    for quality in (20, 35, 50, 65, 80, 90):
        data = recompressed(scene, quality)
        every.append((await jo.upload(data))["image"]["id"])
        every.append((await rita.upload(data))["image"]["id"])  # the same bytes: one fingerprint
    whole = await search(jo, scene, limit=50)
    assert sorted(ids(whole)) == sorted(every)
    assert whole["next_cursor"] is None
    distances = [match["distance"] for match in whole["matches"]]
    assert distances == sorted(distances)
    paged: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await search(jo, scene, limit=1, **more)
        assert len(page["matches"]) == 1
        paged += ids(page)
        if page["next_cursor"] is None:
            break
        more = {"cursor": page["next_cursor"]}
    assert paged == ids(whole)


async def test_a_cursor_serves_its_own_picture_only(
    server: Any, scene: bytes, picture: Picture
) -> None:
    jo = await server.person("jo")
    for quality in (30, 60):
        await jo.upload(recompressed(scene, quality))
    cursor = (await search(jo, scene, limit=1))["next_cursor"]
    await search(jo, scene, limit=1, cursor=cursor)
    await search(jo, picture(9), limit=1, cursor=cursor, expect=400)
    await search(jo, scene, limit=1, cursor=cursor, distance=20, expect=400)


async def test_the_picture_combines_with_every_filter_and_with_who_asks(
    server: Any, scene: bytes
) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    beach = (await jo.upload(recompressed(scene, 40), tags="beach", title="one"))["image"]["id"]
    private = (await jo.upload(recompressed(scene, 60), visibility="private"))["image"]["id"]
    hers = (await rita.upload(recompressed(scene, 80)))["image"]["id"]
    assert set(ids(await search(jo, scene))) == {beach, private, hers}
    assert set(ids(await search(rita, scene))) == {beach, hers}
    assert set(ids(await search(server.anonymous(), scene))) == {beach, hers}
    assert ids(await search(rita, scene, tag="beach")) == [beach]
    assert ids(await search(rita, scene, q="tag:beach OR user:nobody")) == [beach]
    assert ids(await search(jo, scene, user="rita")) == [hers]
    assert ids(await search(jo, scene, q="title:one")) == [beach]
    _, like = await jo.ask("GET", f"/images/{beach}/similar", expect=200)
    assert set(ids(like)) == {private, hers}
    await jo.ask("DELETE", f"/images/{beach}", expect=204)
    assert set(ids(await search(rita, scene))) == {hers}


async def test_an_upload_to_another_process_is_found_at_once(
    start_server: Any, scene: bytes
) -> None:
    one, other = await start_server(), await start_server()
    jo = await one.person("jo")
    assert ids(await search(other.anonymous(), scene)) == []
    kept = (await jo.upload(scene))["image"]["id"]
    assert ids(await search(other.anonymous(), scene)) == [kept]


async def test_flat_pictures_take_part_only_when_asked(server: Any, scene: bytes) -> None:
    jo = await server.person("jo")
    kept = (await jo.upload(blank(200)))["image"]["id"]
    found = await search(jo, blank(90))
    assert found["flat"] is True
    assert ids(found) == []
    assert ids(await search(jo, blank(90), flat="true")) == [kept]
    assert (await search(jo, scene))["flat"] is False


async def test_nobody_looks_through_everything_without_a_login(server: Any, scene: bytes) -> None:
    jo, anybody = await server.person("jo"), server.anonymous()
    kept = (await jo.upload(scene))["image"]["id"]
    assert ids(await search(anybody, scene, distance=64)) == [kept]
    assert ids(await search(jo, scene, distance=192)) == [kept]
    refused = await search(anybody, scene, distance=64.25, expect=401)
    assert refused["error"]["code"] == "unauthenticated"
    assert "at most 64" in refused["error"]["message"]
    await anybody.ask("GET", f"/images/{kept}/similar", params={"distance": 65}, expect=401)


async def test_a_query_that_is_no_image_is_refused_like_an_upload(server: Any) -> None:
    nobody = server.anonymous()
    for data, code in ((b"", "empty_file"), (b"no image", "not_an_image")):
        body = await search(nobody, data, expect=422)
        assert body["error"]["code"] == code
    assert server.files() == []


async def test_why_tells_the_bits_and_the_next_labels(server: Any, scene: bytes) -> None:
    jo = await server.person("jo")
    one = (await jo.upload(scene))["image"]["id"]
    turned = altered(scene, lambda picture: picture.rotate(180))
    other = (await jo.upload(turned))["image"]["id"]
    _, why = await jo.ask("GET", f"/images/{one}/why", params={"other": other}, expect=200)
    bits = why["hashes"]
    assert why["distance"] == bits["phash64"] + bits["dhash64"] + bits["phash256"] / 4 <= 12
    assert why["orientation"] == "rotated_180"
    assert why["closer"] is None
    assert why["farther"] == {"match": "near", "distance": 12, "away": 12 - why["distance"]}
    form = aiohttp.FormData()
    form.add_field("file", turned, filename="x")
    _, posted = await jo.ask("POST", f"/images/{one}/why", data=form, expect=200)
    assert posted == why


async def test_why_is_silent_about_private_images(server: Any, scene: bytes) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    hidden = (await jo.upload(scene, visibility="private"))["image"]["id"]
    hers = (await rita.upload(scene))["image"]["id"]
    for one, other in ((hidden, hers), (hers, hidden)):
        _, body = await rita.ask("GET", f"/images/{one}/why", params={"other": other}, expect=404)
        assert body["error"]["code"] == "image_not_found"


async def test_an_upload_is_told_of_the_nearest_image_if_it_asks(
    server: Any, scene: bytes, picture: Picture
) -> None:
    jo = await server.person("jo")
    first = (await jo.upload(scene, title="first"))["image"]["id"]
    assert (await jo.upload(recompressed(scene, 70)))["similar"] is None
    told = await jo.upload(recompressed(scene, 30), on_similar="report")
    assert told["similar"]["match"] == "same"
    assert told["image"]["id"] != first
    assert (await jo.upload(picture(8), on_similar="report"))["similar"] is None
    again = await jo.upload(scene, on_similar="report", expect=200)
    assert (again["duplicate"], again["similar"]) == (True, None)


async def test_of_two_copies_at_once_at_least_one_is_told_of_the_other(
    server: Any, scene: bytes
) -> None:
    jo = await server.person("jo")
    copies = [recompressed(scene, quality) for quality in (30, 45, 60, 75, 90)]
    told = await asyncio.gather(*(jo.upload(data, on_similar="report") for data in copies))
    kept = {one["image"]["id"] for one in told}
    assert len(kept) == 5
    assert sum(one["similar"] is None for one in told) <= 1
    for one in told:
        assert one["similar"] is None or one["similar"]["id"] in kept - {one["image"]["id"]}


async def test_an_upload_is_told_of_somebody_elses_image_of_the_same_bytes(
    server: Any, scene: bytes
) -> None:
    jo, rita, ann = [await server.person(name) for name in ("jo", "rita", "ann")]
    shown = (await jo.upload(scene))["image"]["id"]
    hers = await rita.upload(scene, on_similar="report")
    assert hers["similar"]["id"] == shown
    await jo.ask("DELETE", f"/images/{shown}", expect=204)
    await rita.ask("DELETE", f"/images/{hers['image']['id']}", expect=204)
    assert (await ann.upload(scene, on_similar="report"))["similar"] is None


async def test_an_upload_is_told_of_what_its_owner_may_see_and_not_of_the_trash(
    server: Any, scene: bytes
) -> None:
    jo, rita, ann = [await server.person(name) for name in ("jo", "rita", "ann")]
    await jo.upload(scene, visibility="private", title="hidden")
    hers = (await rita.upload(recompressed(scene, 80), title="hers"))["image"]["id"]
    told = await rita.upload(recompressed(scene, 50), on_similar="report")
    assert told["similar"]["id"] == hers
    same_bytes = await ann.upload(recompressed(scene, 80), on_similar="report")
    assert same_bytes["similar"]["title"] == "hers"
    assert same_bytes["similar"]["distance"] == 0
    for image in (hers, told["image"]["id"]):
        await rita.ask("DELETE", f"/images/{image}", expect=204)
    await ann.ask("DELETE", f"/images/{same_bytes['image']['id']}", expect=204)
    assert (await rita.upload(recompressed(scene, 30), on_similar="report"))["similar"] is None


async def test_a_similar_upload_is_left_out_if_it_asks(server: Any, scene: bytes) -> None:
    jo = await server.person("jo")
    first = (await jo.upload(scene, title="first"))["image"]["id"]
    files = server.files()
    left = await jo.upload(recompressed(scene, 30), on_similar="skip", expect=200)
    assert (left["image"], left["duplicate"]) == (None, False)
    assert left["similar"] == {
        "id": first,
        "distance": left["similar"]["distance"],
        "match": "same",
        "title": "first",
    }
    assert server.files() == files
    assert await jo.titles() == ["first"]
    own = await jo.upload(scene, on_similar="skip", expect=200)
    assert (own["image"]["id"], own["duplicate"]) == (first, True)
    far = recompressed(scene, 5)
    assert (await jo.upload(far, on_similar="skip", distance="0"))["similar"] is None


async def test_no_original_is_left_out_because_there_is_a_thumbnail_of_it(
    server: Any, scene: bytes
) -> None:
    jo = await server.person("jo")
    thumbnail = altered(scene, lambda picture: picture.resize((160, 100)), 90)
    small = (await jo.upload(thumbnail))["image"]["id"]
    kept = await jo.upload(scene, on_similar="skip", expect=201)
    assert kept["image"]["id"] != small
    # Of less than half its pixels, it is no reason; of half and more, it is one.
    larger = altered(scene, lambda picture: picture.resize((452, 282)), 90)
    assert (await jo.upload(larger, on_similar="skip", expect=200))["image"] is None
    largest = altered(scene, lambda picture: picture.resize((456, 285)), 90)
    assert (await jo.upload(largest, on_similar="skip", expect=201))["image"] is not None
    again = altered(thumbnail, lambda picture: picture, 60)
    assert (await jo.upload(again, on_similar="skip", expect=200))["image"] is None


async def test_nobody_learns_of_a_private_image_from_an_upload(server: Any, scene: bytes) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    await jo.upload(scene, visibility="private")
    for data in (scene, recompressed(scene, 40)):
        told = await rita.upload(data, on_similar="report")
        assert told["similar"] is None or told["similar"]["title"] == "picture.jpg"
        await rita.ask("DELETE", f"/images/{told['image']['id']}?purge=true", expect=204)
        assert (await rita.upload(data, on_similar="skip"))["image"] is not None
        _, mine = await rita.ask("GET", "/images", expect=200)
        for image in mine["images"]:
            await rita.ask("DELETE", f"/images/{image['id']}?purge=true", expect=204)


async def test_of_two_copies_at_once_only_one_is_kept(server: Any, scene: bytes) -> None:
    jo = await server.person("jo")
    copies = [recompressed(scene, quality) for quality in (30, 45, 60, 75, 90)]
    told = await asyncio.gather(
        *(jo.upload(data, on_similar="skip", expect=None) for data in copies)
    )
    assert sum(one["image"] is not None for one in told) == 1
    assert len(await jo.titles()) == 1


async def test_a_search_that_misses_images_says_so(
    server: Any, start_server: Any, scene: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    jo = await server.person("jo")
    await jo.upload(scene, visibility="private")
    _, found = await jo.ask("POST", "/search/similar", data={"file": io.BytesIO(scene)}, expect=200)
    assert (len(found["matches"]), found["incomplete"]) == (1, False)
    # As an update leaves them behind; it starts the server anew.
    await server.change(lambda it: it.execute(sa.text("UPDATE fingerprints SET version = 0")))
    later = await start_server()
    jo = type(jo)(later.client, "jo", jo.token)
    for person, incomplete in ((jo, True), (later.anonymous(), False)):
        _, found = await person.ask(
            "POST", "/search/similar", data={"file": io.BytesIO(scene)}, expect=200
        )
        assert (found["matches"], found["incomplete"]) == ([], incomplete)
    assert f"imgrepo-server reindex --data-dir {later.data_dir}" in caplog.text

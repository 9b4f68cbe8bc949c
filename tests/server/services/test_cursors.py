"""Cursors: they go on where a page ended, in that list alone."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Place, Position
from imgrepo_server.services.cursors import Cursors
from imgrepo_server.services.signing_keys import KeyRing, SigningKeys, rotate


def of(*secrets: str) -> Cursors:
    """Cursors of keys of which the first is the current one."""
    return Cursors(SigningKeys(secrets[0], {secret: secret for secret in secrets}))


CURSORS = of("secret")
positions = st.builds(Position, st.text(max_size=20) | st.integers(0, 2**62), st.uuids())
places = st.builds(
    Place,
    st.integers(0, 9),
    st.none() | st.text(max_size=100) | st.integers(0, 2**62),
    st.integers(0, 2**62),
)


async def refused(cursor: str, context: str, cursors: Cursors = CURSORS) -> bool:
    try:
        await cursors.read(cursor, context)
    except ImgrepoError as error:
        return error.code is ErrorCode.INVALID_REQUEST
    return False


@given(positions, st.text(max_size=20))
async def test_a_cursor_reads_back_in_its_own_list(position: Position, context: str) -> None:
    cursor = await CURSORS.write(position, context)
    assert await CURSORS.read(cursor, context) == position
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")  # stands in a URL as it is


@given(places, st.text(max_size=20))
async def test_so_does_one_of_a_place(place: Place, context: str) -> None:
    cursor = await CURSORS.write_place(place, context)
    assert await CURSORS.read_place(cursor, context) == place
    assert len(cursor) < 2000  # what a request may hold


async def test_a_cursor_does_not_tell_how_many_images_there_are() -> None:
    # Two neighbours have nothing in common, and neither shows its number.
    one, other = [
        raw(await CURSORS.write_place(Place(0, None, 123_456 + n), "list")) for n in (0, 1)
    ]
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 2
    assert b"12345" not in one + other


@given(st.integers(0, 2**62), st.integers(0, 2**62))
async def test_neither_does_its_length(one: int, other: int) -> None:
    image_id = UUID(int=1)
    assert len(await CURSORS.write_place(Place(0, None, one), "")) == len(
        await CURSORS.write_place(Place(1, one, other), "")
    )
    assert len(await CURSORS.write(Position(one, image_id), "")) == len(
        await CURSORS.write(Position(other, image_id), "")
    )


async def test_processes_know_each_others_cursors_before_and_after_a_rotation(
    tmp_path: Path,
) -> None:
    path = tmp_path / "signing_keys.json"
    rings = [KeyRing(path, clock=lambda: 0.0) for _ in range(2)]  # never look by themselves
    stale, other = map(Cursors, rings)
    position = Position("key", UUID(int=1))
    before = await stale.write(position, "list")
    rotate(path, now=datetime.now(UTC), keep=timedelta(days=1))
    fresh = Cursors(KeyRing(path))
    after = await fresh.write(position, "list")
    for cursors in (stale, other, fresh):
        for cursor in (before, after):
            assert await cursors.read(cursor, "list") == position
    rotate(path, now=datetime.now(UTC), keep=timedelta())
    assert await refused(after, "list", Cursors(KeyRing(path)))


def raw(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@given(positions, st.text(max_size=9), st.text(max_size=9))
async def test_a_cursor_of_another_list_is_refused(
    position: Position, one: str, other: str
) -> None:
    cursor = await CURSORS.write(position, one)
    assert (await refused(cursor, other)) == (one != other)
    assert await refused(cursor, one, of("another server's secret"))


@given(positions, st.integers(0), st.integers(1, 255))
async def test_an_altered_cursor_is_refused(position: Position, place: int, change: int) -> None:
    cursor = await CURSORS.write(position, "list")
    altered = bytearray(raw(cursor))
    altered[place % len(altered)] ^= change
    assert await refused(base64.urlsafe_b64encode(altered).decode(), "list")


@given(st.text(max_size=60))
async def test_garbage_is_refused(text: str) -> None:
    assert await refused(text, "list")


async def test_no_cursor_moves_its_body_into_the_context() -> None:
    # The signature covers "context NUL body": no other split of the same bytes may pass.
    cursor = await CURSORS.write(Position("key", UUID(int=1)), "a\0b")
    assert await refused(cursor, "a")
    with pytest.raises(ImgrepoError, match="Start again without a cursor"):
        await CURSORS.read(cursor, "a")

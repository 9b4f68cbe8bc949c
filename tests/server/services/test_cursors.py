"""Cursors: they go on where a page ended, in that list alone."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Place, Position
from imgrepo_server.services.cursors import Cursors

CURSORS = Cursors(b"secret")
positions = st.builds(Position, st.text(max_size=20) | st.integers(0, 2**62), st.uuids())
places = st.builds(
    Place,
    st.integers(0, 9),
    st.none() | st.text(max_size=100) | st.integers(0, 2**62),
    st.integers(0, 2**62),
)


def refused(cursor: str, context: str, cursors: Cursors = CURSORS) -> bool:
    try:
        cursors.read(cursor, context)
    except ImgrepoError as error:
        return error.code is ErrorCode.INVALID_REQUEST
    return False


@given(positions, st.text(max_size=20))
def test_a_cursor_reads_back_in_its_own_list(position: Position, context: str) -> None:
    cursor = CURSORS.write(position, context)
    assert CURSORS.read(cursor, context) == position
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")  # stands in a URL as it is


@given(places, st.text(max_size=20))
def test_so_does_one_of_a_place(place: Place, context: str) -> None:
    cursor = CURSORS.write_place(place, context)
    assert CURSORS.read_place(cursor, context) == place
    assert len(cursor) < 2000  # what a request may hold


def test_a_cursor_does_not_tell_how_many_images_there_are() -> None:
    # Two neighbours have nothing in common, and neither shows its number.
    one, other = (raw(CURSORS.write_place(Place(0, None, 123_456 + n), "list")) for n in (0, 1))
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 2
    assert b"12345" not in one + other


def raw(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@given(positions, st.text(max_size=9), st.text(max_size=9))
def test_a_cursor_of_another_list_is_refused(position: Position, one: str, other: str) -> None:
    cursor = CURSORS.write(position, one)
    assert refused(cursor, other) == (one != other)
    assert refused(cursor, one, Cursors(b"another server's secret"))


@given(positions, st.integers(0), st.integers(1, 255))
def test_an_altered_cursor_is_refused(position: Position, place: int, change: int) -> None:
    cursor = CURSORS.write(position, "list")
    altered = bytearray(raw(cursor))
    altered[place % len(altered)] ^= change
    assert refused(base64.urlsafe_b64encode(altered).decode(), "list")


@given(st.text(max_size=60))
def test_garbage_is_refused(text: str) -> None:
    assert refused(text, "list")


def test_no_cursor_moves_its_body_into_the_context() -> None:
    # The signature covers "context NUL body": no other split of the same bytes may pass.
    cursor = CURSORS.write(Position("key", UUID(int=1)), "a\0b")
    assert refused(cursor, "a")
    with pytest.raises(ImgrepoError, match="Start again without a cursor"):
        CURSORS.read(cursor, "a")

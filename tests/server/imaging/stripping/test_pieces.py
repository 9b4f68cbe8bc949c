"""A file in pieces reads like the file that it stands for."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.imaging.stripping.pieces import (
    Blank,
    Kept,
    MalformedError,
    Piece,
    SplicedFile,
    Written,
    between,
    overwritten,
    tidied,
)

ORIGINAL = bytes(range(100, 200))
PIECES = st.lists(
    st.builds(lambda a, b: Kept(min(a, b), max(a, b)), st.integers(0, 100), st.integers(0, 100))
    | st.builds(Written, st.binary(max_size=9))
    | st.builds(Blank, st.integers(0, 9)),
    max_size=8,
)


def joined(pieces: Sequence[Piece]) -> bytes:
    parts = []
    for piece in pieces:
        if isinstance(piece, Kept):
            parts.append(ORIGINAL[piece.start : piece.stop])
        else:
            parts.append(piece.data if isinstance(piece, Written) else bytes(piece.size))
    return b"".join(parts)


@given(PIECES, st.lists(st.tuples(st.integers(0, 300), st.integers(-1, 300)), max_size=4))
def test_reading_in_any_order(pieces: list[Piece], reads: list[tuple[int, int]]) -> None:
    spliced, plain = SplicedFile(io.BytesIO(ORIGINAL), tidied(pieces)), io.BytesIO(joined(pieces))
    for at, size in reads:
        assert spliced.seek(at) == plain.seek(at)
        assert spliced.read(size) == plain.read(size)
        assert spliced.tell() == plain.tell()
    assert spliced.seek(0, io.SEEK_END) == len(joined(pieces))


@given(PIECES, st.integers(0, 300), st.integers(0, 300))
def test_a_part_of_the_pieces(pieces: list[Piece], start: int, stop: int) -> None:
    assert joined(list(between(pieces, start, stop))) == joined(pieces)[start:stop]


def test_neighbours_become_one() -> None:
    assert tidied([Kept(0, 2), Kept(2, 5), Blank(0), Kept(6, 7)]) == (Kept(0, 5), Kept(6, 7))


def test_a_file_of_too_many_pieces_is_refused() -> None:
    with pytest.raises(ImgrepoError, match="far too many parts"):
        tidied(Kept(at, at + 1) for at in range(0, 200_000, 2))


def test_what_lies_over_a_file_changes_no_length() -> None:
    assert joined(list(overwritten(100, [(5, Blank(3)), (1, Written(b"ab"))]))) == (
        ORIGINAL[:1] + b"ab" + ORIGINAL[3:5] + b"\0\0\0" + ORIGINAL[8:]
    )
    for bad in ([(5, Blank(3)), (7, Blank(1))], [(99, Blank(2))]):
        with pytest.raises(MalformedError):
            list(overwritten(100, bad))

# The inner loop of a search in C; the module is absent where it could not be compiled.

from typing import TypeAlias

from typing_extensions import Buffer

# The ways to do it that this processor has, the fastest first; all find the same.
PATHS: tuple[str, ...]

# For each hit, in the order of the chunks: the view's number (int64), S in quarters (uint16), the
# index of the first of the picture's views that is so near (uint8), and of the chunk (int32).
Found: TypeAlias = tuple[bytes, bytes, bytes, bytes]

# The stored views whose least S to any view of a picture is at most `most` quarters, once for each
# such picture. The pictures by the phash64, dhash64 and phash256 of their views: 8, 8 and 32 bytes
# for each of at most 255; `ends` says, in one byte for each picture, behind which view it ends. A
# chunk likewise, after an int64 for each view. Gives up the interpreter's lock. Raises ValueError
# where the parts of views differ in number, the ends are others, or the processor has no such path.
def scan(
    path: str,
    query: tuple[Buffer, Buffer, Buffer],
    ends: bytes,
    chunks: list[tuple[Buffer, Buffer, Buffer, Buffer]],
    most: int,
    /,
) -> Found: ...

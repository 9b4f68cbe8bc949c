# The inner loop of a search in C; the module is absent where it could not be compiled.

from typing import TypeAlias

from typing_extensions import Buffer

# The ways to do it that this processor has, the fastest first; all find the same.
PATHS: tuple[str, ...]

# For each hit, in the order of the chunks: the view's number (int64), S in quarters (uint16), the
# index of the first of the query's views that is so near (uint8), and of the chunk (int32).
Found: TypeAlias = tuple[bytes, bytes, bytes, bytes]

# The stored views whose least S to any view of the query is at most `most` quarters. The query by
# its phash64, dhash64 and phash256: 8, 8 and 32 bytes for each of at most 255 views; a chunk
# likewise, after an int64 for each view. Gives up the interpreter's lock. Raises ValueError where
# the parts of views differ in number, or the processor has no such path.
def scan(
    path: str,
    query: tuple[Buffer, Buffer, Buffer],
    chunks: list[tuple[Buffer, Buffer, Buffer, Buffer]],
    most: int,
    /,
) -> Found: ...

"""How often strangers look alike: ``python -m benchmarks.strangers --photos DIR --grids 1x1 3x3``.

Cuts each photograph into such pieces, so many columns by so many rows, and compares each piece, in
all views of a search, with those of the other photographs: millions of pairs from hundreds of
photographs. The finer the grid, the harder is the test: many a sixteenth is nothing but sky with a
corner of a roof.
Photographs that are copies of each other (S at most 40) do not count, nor do flat pieces, nor the
files whose names are in the file given with ``--without``: ``benchmarks/no_photographs.txt`` names
the drawings, charts, collages and screenshots among the pictures of CID22 and gb82.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain, product
from pathlib import Path

import numpy as np
from imgrepo_server.imaging.distance import pack
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing
from imgrepo_server.imaging.matching import LIMITS
from imgrepo_server.imaging.query import QueryFingerprint
from imgrepo_server.imaging.query_views import query_fingerprint
from imgrepo_server.imaging.scan import Chunk, Query, fastest_scan
from imgrepo_server.models import View
from numpy.typing import NDArray
from PIL import Image, ImageOps

from benchmarks.corpus import photographs

FARTHEST = LIMITS[-1][0]


class Gallery:
    """Pieces that are not flat: their views, the photographs that they are of, and queries."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.owners: list[int] = []  # of the views
        self.photographs: list[int] = []  # of the pieces
        self.queries: list[QueryFingerprint] = []

    def add(self, piece: Image.Image, photograph: int) -> None:
        """Take a piece in, unless it is flat."""
        small = piece.copy()
        small.thumbnail((512, 512))
        gray = gray_for_hashing(small)
        known = fingerprint(gray)
        if known.flat:
            return
        views = [known.whole, *([known.box] if known.box else [])]
        self.views += views
        self.owners += [len(self.queries)] * len(views)
        self.photographs.append(photograph)
        self.queries.append(query_fingerprint(gray))

    def near(self) -> dict[tuple[int, int], float]:
        """Pairs of pieces of different photographs at most ``FARTHEST`` apart, and how far."""
        scan, stored = fastest_scan(), [Chunk(np.array(self.owners), pack(self.views))]
        found: dict[tuple[int, int], float] = {}
        for number, query in enumerate(self.queries):
            views = pack([seen.view for seen in query.views])
            hits = scan(Query(views, [len(views)]), stored, FARTHEST)
            for other, distance in zip(hits.seq.tolist(), hits.distance.tolist(), strict=True):
                if self.photographs[other] != self.photographs[number]:
                    pair = min(number, other), max(number, other)
                    found[pair] = min(distance, found.get(pair, FARTHEST))
        return found

    def pairs(self) -> int:
        """How many pairs of pieces of different photographs there are."""
        sizes: NDArray[np.intp] = np.bincount(self.photographs)
        return int(len(self.queries) ** 2 - (sizes**2).sum()) // 2


Grid = tuple[int, int]


def grid(text: str) -> Grid:
    """A grid as it is typed, such as 2x3."""
    columns, _, rows = text.partition("x")
    return int(columns), int(rows)


def pieces(picture: Image.Image, grids: Sequence[Grid]) -> Iterator[Image.Image]:
    """A picture cut along each of the grids."""
    for columns, rows in grids:
        for row, column in product(range(rows), range(columns)):
            yield picture.crop(
                (
                    column * picture.width // columns,
                    row * picture.height // rows,
                    (column + 1) * picture.width // columns,
                    (row + 1) * picture.height // rows,
                )
            )


def opened(path: Path) -> Image.Image:
    """A photograph, upright."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def distinct(paths: list[Path]) -> list[Path]:
    """Those that are no copies of earlier ones, and not flat. Tells which are: look at them."""
    whole = Gallery()
    for number, path in enumerate(paths):
        whole.add(opened(path), number)
    near = whole.near()
    for (earlier, later), distance in sorted(near.items()):
        one, other = (paths[whole.photographs[which]].name for which in (earlier, later))
        print(f"left out: {other}, at {distance:g} from {one}")
    copies = {whole.photographs[later] for _, later in near}
    return [paths[number] for number in whole.photographs if number not in copies]


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders")
    parser.add_argument("--grids", type=grid, nargs="+", default=[(1, 1), (2, 1), (1, 2), (2, 2)])
    parser.add_argument("--without", type=Path, help="file of names to leave out, one a line")
    options = parser.parse_args()
    without = set(options.without.read_text().splitlines()) if options.without else set()
    found = chain.from_iterable(map(photographs, options.photos))
    paths = distinct([path for path in found if path.name not in without])
    gallery = Gallery()
    for number, path in enumerate(paths):
        for piece in pieces(opened(path), options.grids):
            gallery.add(piece, number)
    near = list(gallery.near().values())
    print(f"{len(paths)} photographs, {len(gallery.queries):,} pieces, {gallery.pairs():,} pairs")
    for limit, label in LIMITS:
        print(f"{label.value} or better: {sum(one <= limit for one in near)}")


if __name__ == "__main__":
    main()

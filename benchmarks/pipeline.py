"""What one picture costs: ``python -m benchmarks.pipeline --photos DIR [--resize 1280x960]``.

Prints the CPU time of each step of the product's own pipeline, in milliseconds for one picture
on one core, as the mean over all photographs in the folder. Best of several rounds, so that a
busy machine shows less.
"""

import argparse
import hashlib
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from imgrepo_server.imaging.content_box import content_box
from imgrepo_server.imaging.decode import decode_reduced, load
from imgrepo_server.imaging.examine import examine, fingerprint_for_search
from imgrepo_server.imaging.exif import orientation_of, read_exif
from imgrepo_server.imaging.fingerprint import gray_for_hashing, look_at, look_into
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.metadata import metadata
from imgrepo_server.imaging.preview import PREVIEW_LONG_SIDE, write_preview
from imgrepo_server.imaging.probe import probed
from imgrepo_server.imaging.query_views import query_fingerprint
from PIL import Image

T = TypeVar("T")


class Clock:
    """Adds up CPU milliseconds by step."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def run(self, step: str, work: Callable[[], T]) -> T:
        """Do the work and book its time under the step's name."""
        started = time.process_time()
        result = work()
        self.spent[step] = self.spent.get(step, 0.0) + (time.process_time() - started) * 1e3
        return result


def measure(photo: Path, preview: Path, clock: Clock) -> None:
    """Run each step on one photograph."""
    limits = DecodeLimits()
    clock.run("(sha256)", lambda: hashlib.sha256(photo.read_bytes()).digest())
    with probed(photo, limits) as probe:
        clock.run("decode, reduced", lambda: load(probe.picture, PREVIEW_LONG_SIDE))
        small = clock.run(
            "resize, RGB, turn", lambda: decode_reduced(probe.picture, PREVIEW_LONG_SIDE)
        )
        exif = clock.run("metadata", lambda: read_exif(probe.picture))
        turn = orientation_of(probe.picture)
        clock.run("metadata", lambda: metadata(probe.picture, exif, turn))
    gray = clock.run("gray, halved", lambda: gray_for_hashing(small))
    clock.run("hashes of the whole", lambda: look_at(gray))
    clock.run("content box: finding it", lambda: content_box(gray))
    box = look_into(gray)
    if box:
        clock.run("content box: hashes", lambda: look_at(box[0]))
    buffer = io.BytesIO()
    clock.run("preview as JPEG", lambda: small.save(buffer, "JPEG", quality=82))
    clock.run("preview written", lambda: write_preview(small, preview))
    clock.run("= examine, all of it", lambda: examine(photo, preview, limits))
    clock.run("(search: 8 or 16 views)", lambda: query_fingerprint(gray))
    clock.run("(= search, all of it)", lambda: fingerprint_for_search(photo, limits))


@contextmanager
def resized(photos: list[Path], size: tuple[int, int] | None) -> Iterator[list[Path]]:
    """The photographs scaled down to fit ``size``, in a folder that goes afterwards."""
    if size is None:
        yield photos
        return
    with tempfile.TemporaryDirectory() as folder:
        smaller: list[Path] = []
        for photo in photos:
            with Image.open(photo) as picture:
                picture.thumbnail(size, Image.Resampling.LANCZOS)
                smaller.append(Path(folder, f"{len(smaller)}.jpg"))
                picture.convert("RGB").save(smaller[-1], quality=85)
        yield smaller


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--resize", metavar="WxH")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = None
    if options.resize:
        width, height = options.resize.split("x")
        size = int(width), int(height)
    photos = sorted(path for path in options.photos.iterdir() if path.suffix.lower() == ".jpg")
    best: dict[str, float] = {}
    with resized(photos, size) as paths, tempfile.TemporaryDirectory() as folder:
        examine(paths[0], None, DecodeLimits())  # loads what is loaded once
        for _ in range(options.rounds):
            clock = Clock()
            for path in paths:
                measure(path, Path(folder, "preview.jpg"), clock)
            best = {step: min(spent, best.get(step, spent)) for step, spent in clock.spent.items()}
        kilobytes = sum(path.stat().st_size for path in paths) / len(paths) / 1e3
    print(f"{len(photos)} photographs, {kilobytes:.0f} KB on average; CPU ms for each")
    for step, spent in best.items():
        print(f"{step:26} {spent / len(photos):8.2f}")


if __name__ == "__main__":
    main()

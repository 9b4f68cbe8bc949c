"""Folders of many distinct images for the benchmarks, made from a few photographs."""

import io
import random
import struct
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

JPEG_START = b"\xff\xd8"


def photographs(folder: Path | None) -> list[Path]:
    """The JPEG files below a folder, in a stable order."""
    if folder is None:
        return []
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})


def drawn(width: int, height: int, seed: int) -> Image.Image:
    """A stand-in for a photograph, for machines without a folder of them: soft shapes and grain."""
    random_ = random.Random(seed)
    grain = Image.effect_noise((width, height), 24).convert("RGB")
    sky = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (sky, sky.point(lambda v: 255 - v), sky))
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = random_.randrange(width), random_.randrange(height)
        r = random_.randrange(width // 40 + 2, width // 6 + 3)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(random_.randbytes(3)))
    return Image.blend(picture, grain, 0.18)


def sources(photos: Path | None, width: int, height: int, quality: int, count: int) -> list[bytes]:
    """``count`` JPEG files of one size, resized where the photographs are larger."""
    made = []
    paths = photographs(photos)
    for number in range(count):
        if paths:
            with Image.open(paths[number % len(paths)]) as opened:
                picture = opened.convert("RGB")
        else:
            picture = drawn(width, height, number)
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        made.append(out.getvalue())
    return made


def originals(photos: Path | None, count: int) -> list[bytes]:
    """Camera-sized files: the photographs as they are, or drawn ones of 12 megapixels."""
    paths = photographs(photos)[:count]
    if paths:
        return [path.read_bytes() for path in paths]
    return sources(None, 4000, 3000, 88, min(count, 6))


def variants(files: list[bytes], count: int) -> Iterator[bytes]:
    """``count`` files of different bytes that decode alike: each has a JPEG comment of its own."""
    for number in range(count):
        comment = f"benchmark copy {number}".encode()
        segment = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
        file = files[number % len(files)]
        yield JPEG_START + segment + file[len(JPEG_START) :]


def fill(folder: Path, files: list[bytes], count: int) -> int:
    """Write ``count`` variants in subfolders of 500; returns their bytes in all."""
    total = 0
    for number, data in enumerate(variants(files, count)):
        path = folder / f"{number // 500:03}" / f"image_{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        total += len(data)
    return total

"""A canvas that shapes are laid on, one above the other, with smooth edges."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sample_images.drawing.paints import Array, Field, Paint, constant, flat, noise

SUPERSAMPLING = 4
Blend = Callable[[Array, Array], Array]
Ink = str | Paint
Strength = float | Field


def normal(_below: Array, above: Array) -> Array:
    """Covers what is below."""
    return above


def multiply(below: Array, above: Array) -> Array:
    """Darkens, as a glaze or a shadow does."""
    return below * above


def screen(below: Array, above: Array) -> Array:
    """Lightens, as light and mist do."""
    return 1 - (1 - below) * (1 - above)


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle of whole pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    def grid(self) -> tuple[Array, Array]:
        """Coordinates of the pixels' middles, as a row and as a column."""
        x = np.arange(self.left, self.right, dtype=np.float32)[None, :] + 0.5
        y = np.arange(self.top, self.bottom, dtype=np.float32)[:, None] + 0.5
        return x, y


class Canvas:
    """A picture in the making, ``width`` by ``height`` pixels."""

    def __init__(self, width: int, height: int, ground: Ink):
        self.width, self.height = width, height
        self.pixels = np.zeros((height, width, 3), np.float32)
        self.wash(ground)

    def wash(self, ink: Ink, strength: Strength = 1, blend: Blend = normal) -> None:
        """Lays an ink over the whole canvas."""
        self._lay(_Box(0, 0, self.width, self.height), None, ink, strength, blend)

    def shape(
        self,
        outlines: Array | Iterable[Array],
        ink: Ink,
        strength: Strength = 1,
        *,
        soft: float = 0,
        within: Array | Iterable[Array] | None = None,
        blend: Blend = normal,
    ) -> None:
        """Fills closed outlines (points in rows); overlapping ones count as one shape.

        ``soft`` blurs the edge by so many pixels. ``within`` cuts the shape to other outlines.
        """
        polygons = _listed(outlines)
        box = self._bounds(polygons, soft)
        if box is None:
            return
        coverage = _coverage(polygons, box, soft)
        if within is not None:
            coverage = coverage * _coverage(_listed(within), box, 0)
        self._lay(box, coverage, ink, strength, blend)

    def mirror(self, line: int, depth: int, ripple: Callable[[Array], Array], seed: int) -> None:
        """Turns ``depth`` rows below ``line`` into still water that mirrors what is above it.

        ``ripple`` says how far, in pixels, waves displace the image at a distance from the shore.
        """
        away = np.arange(depth, dtype=np.float32)[:, None] + 0.5
        x = np.arange(self.width, dtype=np.float32)[None, :]
        # Waves look flatter the farther away they are, hence the root.
        wave = noise(seed, 70, 0.55, octaves=2)(x, np.sqrt(away)) - 0.5
        rows = np.clip(line - away * (line / max(line, depth)) + wave * ripple(away), 0, line - 1)
        columns = np.clip(x + wave * ripple(away) * 0.5, 0, self.width - 1)
        mirrored = self.pixels[rows.astype(int), columns.astype(int)]
        self.pixels[line : line + depth] = mirrored

    def finished(
        self, *, grain: float = 0.02, vignette: float = 0.16, seed: int = 1
    ) -> Image.Image:
        """The picture, with the paper's tooth and slightly darker corners."""
        x, y = _Box(0, 0, self.width, self.height).grid()
        corner = np.hypot(x / self.width - 0.5, y / self.height - 0.5) / np.hypot(0.5, 0.5)
        tooth = noise(seed, 2.6, octaves=2)(x, y) - 0.5
        light = 1 - vignette * corner**2.6 + tooth * grain * 2
        pixels = np.clip(self.pixels * light[..., None], 0, 1)
        return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))

    def _bounds(self, polygons: list[Array], soft: float) -> _Box | None:
        if not polygons:
            return None
        points = np.concatenate(polygons)
        left, top = np.floor(points.min(0) - 3 * soft - 1)
        right, bottom = np.ceil(points.max(0) + 3 * soft + 1)
        box = _Box(
            max(int(left), 0),
            max(int(top), 0),
            min(int(right), self.width),
            min(int(bottom), self.height),
        )
        return box if box.left < box.right and box.top < box.bottom else None

    def _lay(
        self, box: _Box, coverage: Array | None, ink: Ink, strength: Strength, blend: Blend
    ) -> None:
        x, y = box.grid()
        paint = flat(ink) if isinstance(ink, str) else ink
        share = (strength if callable(strength) else constant(strength))(x, y)
        if coverage is not None:
            share = share * coverage
        below = self.pixels[box.top : box.bottom, box.left : box.right]
        below += (blend(below, paint(x, y)) - below) * np.clip(share, 0, 1)[..., None]


def _listed(outlines: Array | Iterable[Array]) -> list[Array]:
    return [outlines] if isinstance(outlines, np.ndarray) else list(outlines)


def _coverage(polygons: list[Array], box: _Box, soft: float) -> Array:
    """How much of each pixel the polygons cover, from 0 to 1."""
    size = (box.right - box.left, box.bottom - box.top)
    large = Image.new("L", (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING))
    pen = ImageDraw.Draw(large)
    for polygon in polygons:
        inside = (polygon - (box.left, box.top)) * SUPERSAMPLING
        pen.polygon([(float(px), float(py)) for px, py in inside], fill=255)
    reduced = large.reduce(SUPERSAMPLING)
    if soft:
        reduced = reduced.filter(ImageFilter.GaussianBlur(soft))
    return np.asarray(reduced, np.float32) / np.float32(255)

"""Colours and strengths as functions of the place, so that any shape can take any light.

Coordinates are pixels of the finished picture, from its top left corner. A *paint* gives colours
(red, green, blue from 0 to 1 in the last axis), a *field* gives numbers, mostly from 0 to 1.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Paint = Callable[[Array, Array], Array]
Field = Callable[[Array, Array], Array]
Point = tuple[float, float]


def rgb(colour: str) -> Array:
    """The three numbers from 0 to 1 of a colour written as ``#rrggbb``."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def flat(colour: str) -> Paint:
    """The same colour everywhere."""
    value = rgb(colour)
    return lambda x, y: np.broadcast_to(value, (*np.broadcast_shapes(x.shape, y.shape), 3))


def gradient(field: Field, *stops: tuple[float, str]) -> Paint:
    """Colours along a field: each stop names the field's value at which its colour is reached."""
    at = np.array([value for value, _ in stops], np.float32)
    colours = np.stack([rgb(colour) for _, colour in stops])

    def paint(x: Array, y: Array) -> Array:
        value = field(x, y)
        return np.stack([np.interp(value, at, colours[:, i]) for i in range(3)], -1, dtype="f4")

    return paint


def vertical(*stops: tuple[float, str]) -> Paint:
    """Colours from top to bottom; stops are heights in pixels."""
    return gradient(lambda x, y: y + 0 * x, *stops)


def along(start: Point, end: Point, *colours: str) -> Paint:
    """Evenly spaced colours along the line from ``start`` to ``end``."""
    spaced = np.linspace(0, 1, len(colours)).tolist()
    return gradient(ramp(start, end), *zip(spaced, colours, strict=True))


def around(centre: Point, *stops: tuple[float, str], squash: float = 1) -> Paint:
    """Colours outwards from a centre; stops are distances in pixels."""
    return gradient(distance(centre, squash=squash), *stops)


def mixed(one: Paint, other: Paint, share: Field) -> Paint:
    """``one`` where ``share`` is 0, ``other`` where it is 1."""

    def paint(x: Array, y: Array) -> Array:
        part = share(x, y)[..., None]
        return one(x, y) * (1 - part) + other(x, y) * part

    return paint


def smooth(value: Array) -> Array:
    """0 below 0, 1 above 1, and the S-shaped ``3v² - 2v³`` between."""
    v = np.clip(value, 0, 1)
    return v * v * (3 - 2 * v)


def constant(value: float) -> Field:
    """The same number everywhere."""
    return lambda x, y: np.full(np.broadcast_shapes(x.shape, y.shape), value, np.float32)


def ramp(start: Point, end: Point) -> Field:
    """0 at ``start`` and before it, 1 at ``end`` and beyond, even between."""
    (x0, y0), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    return lambda x, y: np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)


def rise(y0: float, y1: float, strength: float = 1) -> Field:
    """0 at height ``y0``, softly up to ``strength`` at ``y1`` (which may be above or below)."""
    return lambda x, y: strength * smooth((y - y0) / (y1 - y0) + 0 * x)


def distance(centre: Point, *, squash: float = 1) -> Field:
    """Pixels from ``centre``; heights are divided by ``squash``."""
    return lambda x, y: np.hypot(x - centre[0], (y - centre[1]) / squash)


def halo(centre: Point, radius: float, strength: float = 1, *, squash: float = 1) -> Field:
    """``strength`` at the centre, falling like light does, 0 from ``radius`` on."""
    far = distance(centre, squash=squash)
    return lambda x, y: strength * np.clip(1 - far(x, y) / radius, 0, 1) ** 2.2


def times(*fields: Field) -> Field:
    """The product of fields."""

    def field(x: Array, y: Array) -> Array:
        product = fields[0](x, y)
        for other in fields[1:]:
            product = product * other(x, y)
        return product

    return field


def between(field: Field, low: float, high: float, strength: float = 1) -> Field:
    """``field`` stretched softly so that ``low`` becomes 0 and ``high`` becomes ``strength``."""
    return lambda x, y: strength * smooth((field(x, y) - low) / (high - low))


def noise(seed: int, width: float, height: float | None = None, *, octaves: int = 4) -> Field:
    """Fractal value noise from 0 to 1, about 0.5 on average; features of the given pixel size.

    Sums lattice noise of halving size and strength (K. Perlin, "An Image Synthesizer", 1985).
    """
    lattice = np.random.default_rng(seed).random((256, 256), np.float32)
    high = height or width

    def layer(u: Array, v: Array) -> Array:
        column, row = np.floor(u).astype(int), np.floor(v).astype(int)
        s, t = smooth(u - column), smooth(v - row)
        left, right = column % 256, (column + 1) % 256
        upper, lower = row % 256, (row + 1) % 256
        top = lattice[upper, left] * (1 - s) + lattice[upper, right] * s
        bottom = lattice[lower, left] * (1 - s) + lattice[lower, right] * s
        return np.asarray(top * (1 - t) + bottom * t, np.float32)

    def field(x: Array, y: Array) -> Array:
        weights = [0.5**i for i in range(octaves)]
        layers = [
            weight * layer(x * 2**i / width + 17 * i, y * 2**i / high + 29 * i)
            for i, weight in enumerate(weights)
        ]
        return np.asarray(sum(layers) / sum(weights), np.float32)

    return field

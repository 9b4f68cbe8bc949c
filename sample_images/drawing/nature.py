"""Outlines that grow: ridges, clouds, conifers, foliage, grass, ferns, birds."""

import numpy as np

from sample_images.drawing.outlines import (
    Frame,
    Points,
    curve,
    ellipse,
    height_at,
    moved,
    polygon,
    stroke,
    turn,
)
from sample_images.drawing.paints import Array, Point

Random = np.random.Generator


def ridge(rng: Random, profile: Points, roughness: float, levels: int = 7) -> Array:
    """A mountain's line: a profile roughened by halving its parts again and again.

    Midpoint displacement (A. Fournier, D. Fussell, L. Carpenter, 1982); ``roughness`` is the
    largest displacement, in pixels.
    """
    line = polygon(profile)
    reach = roughness
    for _ in range(levels):
        middles = (line[:-1] + line[1:]) / 2
        middles[:, 1] += rng.uniform(-reach, reach, len(middles))
        finer = np.empty((len(line) + len(middles), 2), np.float32)
        finer[::2], finer[1::2] = line, middles
        line, reach = finer, reach * 0.52
    return line


def dots(
    rng: Random,
    count: int,
    box: tuple[float, float, float, float],
    sizes: tuple[float, float],
    squash: float = 1,
) -> list[Array]:
    """Specks strewn over a box (left, top, right, bottom): stars, pebbles, flowers, flakes."""
    left, top, right, bottom = box
    specks = []
    for _ in range(count):
        centre = (rng.uniform(left, right), rng.uniform(top, bottom))
        size = rng.uniform(*sizes)
        specks.append(ellipse(centre, size, size * squash))
    return specks


def waves(
    rng: Random, count: int, shore: float, depth: float, length: float, *, width: float = 900
) -> list[Array]:
    """Flat glints on water; short at ``shore``, growing to ``length`` pixels at ``depth`` below."""
    glints = []
    for near in rng.random(count) ** 1.5:
        centre = (rng.uniform(-40, width + 40), shore + 3 + near * depth)
        reach = (0.1 + 0.9 * near) * length * rng.uniform(0.25, 0.65)
        glints.append(ellipse(centre, reach, 0.5 + 1.9 * near))
    return glints


def puffs(rng: Random, foot: Point, width: float, height: float) -> list[Array]:
    """A heap of round puffs with a level foot: a cumulus cloud, or a tree's crown."""
    circles = []
    for place in np.linspace(-1, 1, 9):
        arch = np.sqrt(max(1 - place**2, 0.08))
        size = height * rng.uniform(0.3, 0.42) * (0.45 + 0.55 * arch)
        lift = height * arch * rng.uniform(0.25, 0.6)
        circles.append(ellipse((foot[0] + place * width / 2, foot[1] - lift), size * 1.2, size))
    circles.append(ellipse((foot[0], foot[1] - height * 0.18), width * 0.5, height * 0.22))
    return circles


def conifer(rng: Random, foot: Point, height: float) -> Array:
    """A spruce: tiers of drooping branches that grow shorter towards the top."""
    tiers = max(int(height / 9), 6)
    drop = height / tiers
    right = []
    for tier in range(tiers):
        share = tier / tiers
        reach = height * 0.21 * (0.08 + share**0.85) * rng.uniform(0.8, 1.15)
        top = -height * (1 - share * 0.93)
        right += [(reach, top + drop * 1.15), (reach * 0.45, top + drop * 0.95)]
    left = [(-x * rng.uniform(0.85, 1.1), y) for x, y in reversed(right)]
    trunk = [(height * 0.018, 0.0), (-height * 0.018, 0.0)]
    return Frame(foot)([(0, -height), *right, *trunk, *left])


def conifers(
    rng: Random, ground: Array, count: int, heights: tuple[float, float], sunk: float = 8
) -> list[Array]:
    """A wood along the line of the ground."""
    places = rng.uniform(ground[0, 0], ground[-1, 0], count)
    return [
        conifer(rng, (float(x), height_at(ground, x) + sunk), rng.uniform(*heights)) for x in places
    ]


def foliage(rng: Random, centre: Point, size: float, leaves: int = 16) -> list[Array]:
    """A loose clump of leaves about ``size`` pixels from its middle to its edge."""
    clump = []
    for _ in range(leaves):
        x, y = rng.normal(0, size * 0.5), rng.normal(0, size * 0.32)
        leaf = ellipse((0, 0), size * 0.3, size * 0.15, turned=rng.uniform(-50, 50))
        clump.append(moved(leaf, centre[0] + x, centre[1] + y))
    return clump


def grass(rng: Random, ground: Array, count: int, heights: tuple[float, float]) -> list[Array]:
    """Blades along the line of the ground."""
    blades = []
    for x in rng.uniform(ground[0, 0], ground[-1, 0], count):
        foot = Frame((float(x), height_at(ground, x) + 8))
        lean, height = rng.uniform(-10, 10), rng.uniform(*heights)
        blades.append(stroke(foot(curve([(0, 0), (2, -height / 2), (lean, -height)])), 3, 2, 0.4))
    return blades


def feathered(
    spine: Array, reach: float, ahead: float, *, droop: float = 0, every: int = 1
) -> list[Array]:
    """Leaflets on both sides of a spine, as on a fern or a palm's frond.

    ``reach`` is the longest leaflet's length in pixels, ``ahead`` how far leaflets point forward,
    ``droop`` how far they hang, both as shares of their length. There is a pair at ``every`` so
    many of the spine's points.
    """
    step = np.gradient(spine, axis=0)
    leaflets = []
    for i in range(2, len(spine), every):
        forward = step[i] / np.hypot(*step[i])
        out = np.array([-forward[1], forward[0]])
        share = min(i / len(spine) * 0.85 + 0.12, 1)
        length = reach * np.sin(np.pi * share) ** 0.7 + 1
        width = forward * (1.2 + length * 0.05)
        for side in (-1, 1):
            tip = spine[i] + (forward * ahead + out * side * 0.6) * length + (0, length * droop)
            leaflets.append(np.stack([spine[i] - width, tip, spine[i] + width]).astype(np.float32))
    return leaflets


def fern(foot: Point, angle: float, length: float) -> list[Array]:
    """A fern's leaf that bends over to the side it leans to."""
    side = 1 if angle >= 0 else -1
    tip = f"0,0 0,-0.5 {side * 0.16},-0.82 {side * 0.42},-0.9"
    spine = Frame(foot, length)(turn(curve(tip), angle * 0.55))
    return [stroke(spine, 2.2, 0.6), *feathered(spine[3:], length * 0.27, 0.4, every=2)]


def gull(x: float, y: float, size: float) -> Array:
    """A far bird: one stroke for both wings."""
    wings = curve("-2,-0.5 -1,-0.8 0,0 1,-0.85 2,-0.45")
    return stroke(Frame((x, y), size)(wings), 0.7, size * 0.34, 0.7)

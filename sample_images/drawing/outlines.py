"""Outlines of shapes: arrays of points, one in a row, in pixels from the top left corner.

Points may be written as SVG does, ``"10,20 30,40"``, or given as pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sample_images.drawing.paints import Array, Paint, Point, along

Points = str | Sequence[Point] | Array


def polygon(points: Points) -> Array:
    """Straight edges from point to point."""
    if isinstance(points, str):
        pairs = [pair.split(",") for pair in points.split()]
        return np.array([(float(x), float(y)) for x, y in pairs], np.float32)
    return np.asarray(points, np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> Array:
    """An upright rectangle."""
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def ellipse(centre: Point, rx: float, ry: float | None = None, *, turned: float = 0) -> Array:
    """An ellipse, or a circle where ``ry`` is left out; ``turned`` in degrees, clockwise."""
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False, dtype=np.float32)
    points = np.stack([rx * np.cos(t), (rx if ry is None else ry) * np.sin(t)], -1)
    return moved(turn(points.astype(np.float32), turned), *centre)


def circle_line(centre: Point, radius: float, width: float) -> Array:
    """A circle's line, as one outline that runs around outside and back inside."""
    outer, inner = ellipse(centre, radius + width / 2), ellipse(centre, radius - width / 2)
    return np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])


def blob(points: Points) -> Array:
    """A closed smooth outline through the points."""
    return _spline(polygon(points), closed=True)


def curve(points: Points) -> Array:
    """An open smooth line through the points."""
    return _spline(polygon(points), closed=False)


def patch(pieces: str) -> Array:
    """A closed outline of smooth lines that meet at corners, which ``|`` marks.

    Each piece goes on from the point where the piece before it ended.
    """
    lines = [polygon(piece) for piece in pieces.split("|")]
    starts = [line[-1:] for line in lines[:-1]]
    whole = [lines[0], *(np.concatenate(pair) for pair in zip(starts, lines[1:], strict=True))]
    return np.concatenate([_spline(line, closed=False) for line in whole])


def symmetric(right: Points) -> Array:
    """A closed smooth outline, from its right half: top to bottom, both ends on the axis x = 0."""
    half = polygon(right)
    return blob(np.concatenate([half, (half * (-1, 1))[-2:0:-1]]))


def moved(points: Array, right: float, down: float) -> Array:
    """Points moved by so many pixels."""
    return points + np.array((right, down), np.float32)


def turn(points: Array, degrees: float, about: Point = (0, 0)) -> Array:
    """Points turned clockwise about a point."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, s], [-s, c]], np.float32)
    return np.asarray((points - about) @ matrix + about, np.float32)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a drawing made about (0, 0) goes: turned clockwise, scaled, and moved to ``at``."""

    at: Point
    scale: float = 1
    turned: float = 0

    def __call__(self, points: Points) -> Array:
        """Points in their place."""
        local = turn(polygon(points), self.turned) * self.scale
        return np.asarray(local + self.at, np.float32)

    def point(self, x: float, y: float) -> Point:
        """A single point in its place."""
        px, py = self([(x, y)])[0]
        return float(px), float(py)

    def across(self, left: float, right: float, *colours: str) -> Paint:
        """Evenly spaced colours from ``left`` to ``right``, in the drawing's own measures."""
        return along(self.point(left, 0), self.point(right, 0), *colours)

    def down(self, top: float, bottom: float, *colours: str) -> Paint:
        """Evenly spaced colours from ``top`` to ``bottom``, in the drawing's own measures."""
        return along(self.point(0, top), self.point(0, bottom), *colours)


def under(line: Array, bottom: float) -> Array:
    """Everything below an open line, down to ``bottom``."""
    return np.concatenate([line, polygon([(line[-1, 0], bottom), (line[0, 0], bottom)])])


def height_at(line: Array, x: float) -> float:
    """How high a line that runs from left to right stands at ``x``."""
    return float(np.interp(x, line[:, 0], line[:, 1]))


def stroke(line: Points, *widths: float) -> Array:
    """A brush's stroke along a line; widths are spread evenly from its start to its end."""
    points = polygon(line)
    ahead = np.gradient(points, axis=0)
    length = np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-6)
    across = np.stack([-ahead[:, 1], ahead[:, 0]], -1) / length[:, None]
    places, ends = np.linspace(0, 1, len(points)), np.linspace(0, 1, len(widths))
    half = np.interp(places, ends, widths)[:, None] / 2
    outline = np.concatenate([points + across * half, (points - across * half)[::-1]])
    return outline.astype(np.float32)


def rungs(line: Array, every: int, reach: float, width: float) -> list[Array]:
    """Short strokes across a line, ``every`` so many of its points: rings on a tail."""
    strokes = []
    for i in range(every, len(line) - every, every):
        ahead = line[i + 1] - line[i - 1]
        out = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead) * reach
        strokes.append(stroke(np.stack([line[i] - out, line[i] + out]), width))
    return strokes


def gores(profile: Points, parts: int, *, spun: float = 0, tilt: float = 0) -> list[Array]:
    """The visible panels of a body of revolution: a balloon, a parasol, a ball.

    ``profile`` has (radius, height) in each row, about an upright axis at x = 0; ``parts`` panels
    face the viewer, ``spun`` turns the body by a share of a panel. Seen from slightly above, the
    widest part's near side lies ``tilt`` pixels lower than its edge.
    """
    shape = polygon(profile)
    sag = tilt * shape[:, 0] / shape[:, 0].max()
    edges = np.clip((np.arange(-1, parts + 1) + spun) / parts, 0, 1)
    sides = [
        np.stack([-np.cos(edge * np.pi) * shape[:, 0], shape[:, 1] + sag * near], -1)
        for edge, near in zip(edges, np.sin(edges * np.pi), strict=True)
    ]
    return [np.concatenate([one, other[::-1]]) for one, other in pairwise(sides)]


def _spline(points: Array, *, closed: bool) -> Array:
    """A uniform Catmull-Rom spline through the points, 14 steps to a span."""
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        first, last = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
        padded = np.concatenate([first, points, last])
    p0, p1, p2, p3 = (padded[i : len(padded) - 3 + i, None, :] for i in range(4))
    t = np.linspace(0, 1, 14, endpoint=False, dtype=np.float32)[None, :, None]
    spans = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    smooth = spans.reshape(-1, 2)
    return smooth if closed else np.concatenate([smooth, points[-1:]])

"""A bright day at the beach, with a sailing boat passing by."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, dots, gull, puffs, ridge, waves
from sample_images.drawing.outlines import (
    Frame,
    curve,
    ellipse,
    gores,
    moved,
    patch,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Point,
    along,
    around,
    between,
    flat,
    halo,
    mixed,
    noise,
    rise,
    times,
    vertical,
)

HORIZON = 262


def beach_sailing_boat() -> Image.Image:
    """A white sail on turquoise water, a parasol and a sandcastle on the sand."""
    rng = np.random.default_rng(23)
    sky = vertical((0, "#2f8fd0"), (130, "#7cc4e8"), (HORIZON, "#e4f5ee"))
    canvas = Canvas(900, 600, sky)
    canvas.wash("#fff6d8", halo((120, 40), 420, 0.8), screen)
    _cloud(canvas, rng, (690, 212), 300, 120)
    _cloud(canvas, rng, (330, 226), 210, 70)
    _cloud(canvas, rng, (880, 150), 190, 70)
    _islands(canvas, rng)
    _water(canvas, rng)
    _boat(canvas, rng, Frame((512, 338), 1.25))
    _sand(canvas, rng)
    _castle(canvas, rng, Frame((742, 520)))
    _towel(canvas, Frame((196, 492)))
    _parasol(canvas, Frame((196, 492)))
    _ball(canvas, (386, 530), 27)
    canvas.shape([gull(395, 92, 15), gull(440, 122, 10), gull(357, 128, 8)], "#4a6d88")
    return canvas.finished(seed=23)


def _cloud(canvas: Canvas, rng: Random, foot: Point, width: float, height: float) -> None:
    heap = puffs(rng, foot, width, height)
    top = foot[1] - height
    white = vertical((top, "#ffffff"), (top + 0.7 * height, "#f4fafc"), (foot[1] + 6, "#a9cde4"))
    canvas.shape(heap, white, 0.96, soft=1.2)
    lower = [moved(puff * (0.78, 1), foot[0] * 0.22 + 8, height * 0.26) for puff in heap]
    canvas.shape(lower, "#b4d3e8", 0.5, soft=7, within=heap)


def _islands(canvas: Canvas, rng: Random) -> None:
    far = ridge(rng, "560,264 640,232 730,216 820,240 910,226", 7)
    canvas.shape(under(far, HORIZON + 1), vertical((215, "#7fb2c0"), (HORIZON, "#b4dad6")))
    near = ridge(rng, "-10,206 70,214 150,236 226,264", 8)
    canvas.shape(under(near, HORIZON + 1), vertical((205, "#4f9a86"), (HORIZON, "#8ecbb0")))


def _water(canvas: Canvas, rng: Random) -> None:
    sea = rectangle(0, HORIZON, 900, 600)
    shallow = (420, "#4fc7c4"), (520, "#b6ecd6")
    deep = vertical((HORIZON, "#1f7fb4"), (330, "#1e9fbf"), *shallow)
    shoals = times(between(noise(4, 210, 24), 0.5, 0.72, 0.55), rise(290, 420))
    canvas.shape(sea, mixed(deep, flat("#8fe3d0"), shoals))
    canvas.shape(waves(rng, 190, HORIZON, 190, 120), "#147a9e", 0.35)
    canvas.shape(waves(rng, 190, HORIZON, 190, 110), "#effff8", 0.5)
    sparkles = dots(rng, 110, (20, HORIZON + 3, 420, HORIZON + 60), (1.2, 3.6), 0.35)
    canvas.shape(sparkles, "#ffffff", 0.8)


def _boat(canvas: Canvas, rng: Random, place: Frame) -> None:
    _reflection(canvas, rng, place)
    canvas.shape(place(rectangle(-2.4, -178, 1.6, -8)), "#8a5a3a")
    mainsail = place(patch("4,-166 34,-110 62,-26 | 32,-20 4,-20 | 4,-166"))
    canvas.shape(mainsail, place.across(0, 64, "#fffaf0", "#f1dcc0"))
    for y, width in ((-113, 22), (-78, 36), (-49, 48)):
        seam = curve([(4, y), (4 + width * 0.4, y + 3), (4 + width, y + 4)])
        canvas.shape(place(stroke(seam, 1.1)), "#d9bf9c", 0.8, within=mainsail)
    jib = place(patch("-4,-152 -24,-84 -60,-22 | -30,-29 -5,-25 | -4,-152"))
    canvas.shape(jib, place.across(-60, 0, "#e8543f", "#ff8a66"))
    canvas.shape(place("2,-178 30,-172 2,-166"), "#ffcf4d")
    for x, coat in ((25, "#24567c"), (41, "#c9473d")):
        canvas.shape(place(patch(f"{x - 6},-12 {x - 5},-23 {x},-26 {x + 5},-23 {x + 6},-12")), coat)
        canvas.shape(place(ellipse((x, -31), 4.4, 4.8)), "#f0c49c")
        canvas.shape(
            place(patch(f"{x - 5},-32 {x - 4},-36.5 {x},-37.5 {x + 4},-36.5 {x + 5},-32")),
            "#6d4030",
        )
    hull = place(patch("-72,-16 -20,-9 40,-10 74,-14 | 62,2 40,10 -44,10 -60,0 -72,-16"))
    canvas.shape(hull, place.down(-14, 10, "#ffffff", "#b9cfdc"))
    canvas.shape(place(rectangle(-80, -5, 80, 0)), "#24567c", within=hull)
    wake = curve("-78,10 -24,12 32,10 90,14")
    canvas.shape(place(stroke(wake, 1, 6, 4, 1)), "#ffffff", 0.85)


def _reflection(canvas: Canvas, rng: Random, place: Frame) -> None:
    """The boat's colours, broken up by the waves."""
    for left, right, depth, colour in (
        (-58, -4, 60, "#f0705a"),
        (2, 56, 74, "#fff6e4"),
        (-62, 62, 22, "#ffffff"),
    ):
        strips = []
        for y in np.arange(12, depth, 4):
            shrink = y / depth * (right - left) * 0.42
            middle = (rng.uniform(left + shrink, right - shrink), y + rng.uniform(-1, 1))
            strips.append(place(ellipse(middle, (right - left) / 2 - shrink, 1.3)))
        canvas.shape(strips, colour, 0.5)


def _sand(canvas: Canvas, rng: Random) -> None:
    shore = curve("-20,428 130,436 300,466 460,452 640,478 780,470 920,498")
    canvas.shape(under(moved(shore, 0, -26), 600), "#d8f6e4", 0.45, soft=3)
    canvas.shape(under(shore, 600), vertical((430, "#d9bf8f"), (500, "#e6cd9c")))
    canvas.shape(stroke(shore, 4, 9, 5, 8, 6), "#ffffff", 0.95)
    canvas.shape(stroke(moved(shore, 0, -17), 2, 4, 2, 5, 2), "#ffffff", 0.6)
    dry = curve("-20,462 140,470 300,498 470,490 640,512 800,508 920,532")
    warm = vertical((465, "#f6e2b4"), (600, "#eec588"))
    ripples = between(noise(9, 60, 9), 0.5, 0.8, 0.5)
    canvas.shape(under(dry, 600), mixed(warm, flat("#dcae72"), ripples))
    canvas.shape(dots(rng, 70, (0, 520, 900, 598), (1, 2.6), 0.6), "#b98d58", 0.55)


def _castle(canvas: Canvas, rng: Random, place: Frame) -> None:
    canvas.shape(place(ellipse((44, 42), 120, 17)), "#b98a55", 0.55, soft=4, blend=multiply)
    sand = place.across(-90, 90, "#f7dca6", "#e9c386", "#c2935a")
    canvas.shape(place(rectangle(-66, -4, 66, 44)), sand)
    for x, top, width, foot in ((-58, -34, 40, 42), (58, -26, 40, 42), (0, -76, 52, 42)):
        left, right, tooth = x - width / 2, x + width / 2, (width + 8) / 5
        teeth = [
            rectangle(left - 4 + i * tooth, top - 10, left - 4 + (i + 1) * tooth, top + 6)
            for i in (0, 2, 4)
        ]
        parts = [rectangle(left, top, right, foot), rectangle(left - 4, top, right + 4, top + 10)]
        shade = place.across(left, right, "#fbe3b2", "#ecc98e", "#bd8d55")
        canvas.shape([place(part) for part in (*parts, *teeth)], shade)
        canvas.shape(place(ellipse((x - 2, top + 32), 4, 8)), "#8a5f38", 0.8)
    gate = [rectangle(-12, 20, 12, 43), ellipse((0, 20), 12)]
    canvas.shape([place(part) for part in gate], "#86592f")
    canvas.shape(place(rectangle(-1.5, -122, 1.5, -82)), "#8a5a3a")
    canvas.shape(place("1,-122 32,-112 1,-102"), "#e8543f")
    canvas.shape(puffs(rng, place.point(0, 50), 170, 22), "#e6c085")


def _towel(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((70, 66), 150, 22)), "#c08f5c", 0.6, soft=5, blend=multiply)
    towel = place("10,42 178,56 150,92 -34,74")
    canvas.shape(towel, along(place.point(-30, 50), place.point(178, 80), "#2b9bb8", "#5cc3cf"))
    for share in (0.16, 0.4, 0.64, 0.88):
        upper = (10 + 168 * share, 42 + 14 * share)
        lower = (-34 + 184 * share, 74 + 18 * share)
        canvas.shape(place(stroke([upper, lower], 9)), "#f6fbf4", 0.9)


def _parasol(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(stroke("-40,-150 0,62", 7)), place.across(-24, -10, "#fffdf4", "#c9b59a"))
    t = np.linspace(0, np.pi / 2, 20)
    dome = np.stack([160 * np.sin(t), -104 * np.cos(t)], -1)
    top = Frame(place.point(-24, -82), turned=-13)
    canvas.shape(top(ellipse((0, 4), 158, 15)), "#8a2f34")
    light = place.point(-90, -190)
    red = around(light, (0, "#ff8468"), (250, "#cf3d39"))
    white = around(light, (0, "#fffdf2"), (250, "#d8c8b4"))
    for i, panel in enumerate(gores(dome, 7, tilt=17)):
        canvas.shape(top(panel), white if i % 2 else red)
    canvas.shape(top(ellipse((0, -106), 5)), "#fff6dd")


def _ball(canvas: Canvas, at: Point, radius: float) -> None:
    place = Frame(at, radius, 24)
    shadow = ellipse((at[0] + radius * 0.5, at[1] + radius * 0.9), radius * 1.2, radius * 0.26)
    canvas.shape(shadow, "#b98a55", 0.7, soft=3, blend=multiply)
    t = np.linspace(0, np.pi, 24)
    panels = gores(np.stack([np.sin(t), -np.cos(t)], -1), 5)
    colours = ("#fff8e8", "#f2b632", "#fff8e8", "#2b9bb8", "#fff8e8", "#e8543f")
    for panel, colour in zip(panels, colours, strict=True):
        canvas.shape(place(panel), colour)
    shade = halo((at[0] + radius * 0.4, at[1] + radius * 0.9), radius * 1.6, 0.5)
    canvas.shape(ellipse(at, radius), "#3a2a40", shade, blend=multiply)
    shine = ellipse((at[0] - radius * 0.33, at[1] - radius * 0.4), 8, 6, turned=-30)
    canvas.shape(shine, "#ffffff", 0.7, soft=2)

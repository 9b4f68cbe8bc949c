"""A cat asleep on a cushion, seen from above."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    moved,
    patch,
    polygon,
    rectangle,
    stroke,
    turn,
)
from sample_images.drawing.paints import (
    Point,
    around,
    between,
    halo,
    noise,
    ramp,
)
from sample_images.scenes.curled_cat import curled_cat


def cat_asleep_cushion() -> Image.Image:
    """Lamp light falls on a curled-up cat, wool, slippers and a book."""
    rng = np.random.default_rng(153)
    canvas = Canvas(720, 720, "#9c6642")
    _floor(canvas, rng)
    _rug(canvas, (366, 380))
    _cushion(canvas, Frame((366, 372)))
    curled_cat(canvas, Frame((366, 358), 1.12))
    _wool(canvas, Frame((606, 590)))
    _book(canvas, Frame((92, 600), turned=-18))
    _slipper(canvas, Frame((600, 86), turned=24))
    _slipper(canvas, Frame((664, 128), turned=32))
    canvas.wash("#ffcf87", halo((170, 120), 640, 0.34), screen)
    dusk = ramp((330, 330), (760, 760))
    canvas.wash("#2a1440", lambda x, y: 0.5 * dusk(x, y), multiply)
    return canvas.finished(seed=153, vignette=0.3)


def _floor(canvas: Canvas, rng: Random) -> None:
    for top in range(-20, 720, 84):
        x = -rng.uniform(0, 200)
        while x < 720:
            end = x + rng.uniform(220, 380)
            tone = str(rng.choice(["#a56d46", "#96603d", "#ae764e", "#8d5938"]))
            canvas.shape(rectangle(x, top, end, top + 84), tone)
            canvas.shape(rectangle(end - 2, top, end, top + 84), "#5d3826", 0.7)
            x = end
        canvas.shape(rectangle(0, top + 82, 720, top + 84), "#5d3826", 0.8)
    canvas.wash("#6d4028", between(noise(51, 210, 9, octaves=4), 0.52, 0.72, 0.45))
    canvas.wash("#d09a68", between(noise(52, 170, 6, octaves=3), 0.6, 0.8, 0.4))


def _rug(canvas: Canvas, centre: Point) -> None:
    shadow = moved(ellipse(centre, 330), 10, 12)
    canvas.shape(shadow, "#3a1d1c", 0.55, soft=8, blend=multiply)
    threads = [stroke([(318, 0), (340, 0)], 4, 2)]
    fringe = [moved(turn(threads[0], i * 2.4), *centre) for i in range(150)]
    canvas.shape(fringe, "#f0dcc0")
    for radius, colour in (
        (322, "#f0dcc0"),
        (308, "#2f6a73"),
        (276, "#e9c37a"),
        (264, "#b8493c"),
        (222, "#f0dcc0"),
        (212, "#2f6a73"),
    ):
        canvas.shape(ellipse(centre, radius), colour)
    for count, radius, size, colour in ((30, 292, 11, "#e9c37a"), (22, 243, 14, "#f0dcc0")):
        rhomb = Frame((radius, 0), size)("0,-1 0.7,0 0,1 -0.7,0")
        rhombs = [moved(turn(rhomb, 360 * i / count), *centre) for i in range(count)]
        canvas.shape(rhombs, colour)
    for radius in range(216, 322, 5):
        ring = np.concatenate([ellipse(centre, radius), ellipse(centre, radius)[:1]])
        canvas.shape(stroke(ring, 1.2), "#3a1d2c", 0.22)


def _cushion(canvas: Canvas, place: Frame) -> None:
    shadow = place(ellipse((16, 20), 236, 226))
    canvas.shape(shadow, "#2a1228", 0.6, soft=12, blend=multiply)
    outer = place(ellipse((0, 0), 232, 222))
    linen = (0, "#f5e3c8"), (190, "#e3c49f"), (360, "#a87f6a")
    canvas.shape(outer, around(place.point(-80, -90), *linen))
    seams = [turn(curve("146,0 190,5 232,0"), angle) for angle in range(0, 360, 9)]
    dark = [place(stroke(seam, 2, 5, 6)) for seam in seams]
    canvas.shape(dark, "#9c7258", 0.5, soft=1.5, within=outer)
    light = [moved(place(stroke(seam, 1, 4, 4)), 3, 2) for seam in seams]
    canvas.shape(light, "#fff6e2", 0.45, soft=1.5, within=outer)
    canvas.shape(place(ellipse((0, 0), 172, 163)), "#8a5f50", 0.45, soft=14, blend=multiply)
    hollow = around(place.point(-40, -50), (0, "#ecd3b0"), (200, "#c39a7c"))
    canvas.shape(place(ellipse((0, 0), 160, 152)), hollow, soft=6)


def _wool(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((10, 12), 56)), "#2a1228", 0.6, soft=7, blend=multiply)
    thread = place(curve("-40,28 -110,60 -170,20 -236,66 -300,50 -340,84"))
    canvas.shape(moved(stroke(thread, 5), 2, 4), "#2a1228", 0.45, soft=2, blend=multiply)
    canvas.shape(stroke(thread, 4.5), "#d9523f")
    ball = place(ellipse((0, 0), 54))
    red = around(place.point(-18, -20), (0, "#f5836a"), (50, "#d9523f"), (84, "#7f2430"))
    canvas.shape(ball, red)
    for spin in (20, 78, 140):
        arcs = [curve([(-54, y * 0.4), (0, y + 9), (54, y * 0.4)]) for y in range(-42, 43, 9)]
        turned = [place(turn(arc, spin)) for arc in arcs]
        canvas.shape([stroke(arc, 1.6) for arc in turned], "#7f2430", 0.4, within=ball)
        lit = [stroke(moved(arc, 0, -2), 1.3) for arc in turned]
        canvas.shape(lit, "#ffb09a", 0.45, within=ball)


def _book(canvas: Canvas, place: Frame) -> None:
    shadow = moved(place(rectangle(-86, -58, 90, 66)), 8, 10)
    canvas.shape(shadow, "#2a1228", 0.6, soft=6, blend=multiply)
    canvas.shape(place(rectangle(-88, -60, 88, 62)), "#35508f")
    lines = []
    for side in (-1, 1):
        page = patch(
            f"0,-54 {side * 30},-60 {side * 82},-54 | {side * 82},56 | {side * 30},50 0,56"
        )
        paper = place.across(0, side * 82, "#d9c4a6", "#fff6e0", "#f5e6c8")
        canvas.shape(place(page), paper)
        for i, y in enumerate(range(-42, 46, 9)):
            ends = sorted((side * 14, side * (70 if i % 4 else 46)))
            lines.append(place(rectangle(ends[0], y, ends[1], y + 2)))
    canvas.shape(lines, "#8a7868", 0.6)
    canvas.shape(place(stroke("0,-56 0,58", 3)), "#8a6a50", 0.6, soft=1)
    canvas.shape(place(polygon("20,-62 28,-62 28,84 24,78 20,84")), "#c4573d")


def _slipper(canvas: Canvas, place: Frame) -> None:
    sole = place(blob("0,-54 22,-44 27,-8 20,40 0,54 -20,40 -24,-8 -19,-44"))
    canvas.shape(moved(sole, 7, 9), "#2a1228", 0.6, soft=6, blend=multiply)
    canvas.shape(sole, "#f0dcc0")
    toe = place(patch("-25,2 -21,-44 0,-56 23,-44 28,2 | 0,12 -25,2"))
    canvas.shape(toe, around(place.point(-22, -30), (0, "#5fa3a8"), (70, "#2f6a73")))
    canvas.shape(place(ellipse((1, -30), 9)), "#fff6e2", soft=1)

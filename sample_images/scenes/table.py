"""A still life on a table by a window."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, dots
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    moved,
    patch,
    polygon,
    stroke,
    turn,
    under,
)
from sample_images.drawing.paints import (
    Point,
    along,
    around,
    between,
    halo,
    noise,
    rise,
    times,
    vertical,
)


def still_life_lemons() -> Image.Image:
    """A blue jug with blossoms, lemons in a bowl, pears."""
    rng = np.random.default_rng(103)
    canvas = Canvas(640, 640, along((0, 0), (640, 420), "#d9a679", "#b8794f", "#7d4a3d"))
    _wall(canvas)
    _cloth(canvas)
    _blossoms(canvas, rng, Frame((212, 232)))
    _jug(canvas, Frame((212, 366)))
    _bowl(canvas, Frame((416, 428)))
    _pear(canvas, rng, Frame((92, 486), 0.9, -8))
    _pear(canvas, rng, Frame((158, 520), 1.0, 10))
    _half_lemon(canvas, Frame((304, 542)))
    _shadow(canvas, (548, 563), 44, 10)
    _lemon(canvas, Frame((548, 532), 46, 24))
    petals = [
        ellipse((rng.uniform(200, 440), rng.uniform(588, 624)), 6, 3, turned=rng.uniform(0, 180))
        for _ in range(8)
    ]
    canvas.shape([moved(petal, 3, 3) for petal in petals], "#5d3550", 0.35, blend=multiply)
    canvas.shape(petals, "#ffeef0")
    return canvas.finished(seed=103, grain=0.01, vignette=0.22)


def _wall(canvas: Canvas) -> None:
    canvas.wash("#f6d3a5", between(noise(18, 90, octaves=3), 0.5, 0.9, 0.22))
    for left in (318, 436):
        pane = polygon([(left, 36), (left + 98, 10), (left + 98, 176), (left, 206)])
        canvas.shape([pane, moved(pane, 0, 184)], "#ffe2ae", 0.75, soft=3, blend=screen)
    canvas.wash("#ffe9c4", halo((40, 40), 420, 0.5), screen)


def _cloth(canvas: Canvas) -> None:
    edge = curve("-20,404 200,398 430,402 660,396")
    cloth = under(edge, 640)
    canvas.shape(cloth, vertical((396, "#efe3d8"), (640, "#b9a3ad")))
    stripes = []
    for i, x in enumerate(np.linspace(-260, 900, 15)):
        top = (320 + (float(x) - 320) * 0.42, 398)
        widths = (5, 10) if i % 2 else (11, 24)
        stripes.append(stroke([top, (float(x), 642)], *widths))
    canvas.shape(stripes, "#5b7fa6", 0.5, within=cloth)
    across = [
        stroke(curve([(-20, y), (320, y + 3), (660, y - 2)]), width)
        for y, width in ((424, 4), (470, 6), (534, 9), (606, 12))
    ]
    canvas.shape(across, "#5b7fa6", 0.36)
    folds = times(between(noise(19, 230, 60, octaves=2), 0.46, 0.72, 0.3), rise(400, 460))
    canvas.shape(cloth, "#6a4a6d", folds, blend=multiply)
    canvas.shape(cloth, "#fff3da", halo((60, 430), 380, 0.5), blend=screen)
    canvas.shape(stroke(edge, 2.5), "#fffaf0", 0.7)


def _shadow(canvas: Canvas, at: Point, width: float, height: float) -> None:
    """A body's shadow on the table, away from the light at the upper left."""
    long = ellipse((at[0] + width * 0.35, at[1]), width, height)
    canvas.shape(long, "#5a3a63", 0.55, soft=8, blend=multiply)
    near = ellipse((at[0] + 5, at[1]), width * 0.7, height * 0.6)
    canvas.shape(near, "#3a2346", 0.6, soft=4, blend=multiply)


def _jug(canvas: Canvas, place: Frame) -> None:
    _shadow(canvas, place.point(12, 112), 92, 18)
    handle = curve("44,-92 104,-96 112,-34 64,12")
    blue = place.across(50, 112, "#2d5d9a", "#173a6b")
    canvas.shape(place(stroke(handle, 17, 14, 13, 18)), blue)
    canvas.shape(place(stroke(moved(handle, -3, -4), 3, 3, 2)), "#a9cdea", 0.7)
    side = "40,-134 38,-100 56,-60 84,-6 84,56 60,106 40,118"
    foot = "0,126 -40,118 -60,106 -84,56 -84,-6 -56,-60 -38,-100 -40,-134"
    body = place(patch(f"{side} {foot} | 40,-134"))
    canvas.shape(body, place.across(-86, 86, "#7db2dc", "#3f7fbd", "#235392", "#153563"))
    shine = halo(place.point(-40, -10), 70, 0.7, squash=1.7)
    canvas.shape(body, "#dff0fa", shine, blend=screen)
    band = place(patch("-92,-14 0,8 92,-14 | 92,44 0,68 -92,44"))
    white = place.across(-86, 86, "#fffdf4", "#e9eef2", "#a9b6cc", "#6d7fa6")
    canvas.shape(band, white, within=body)
    leaf = blob("0,0 5,-9 0,-20 -5,-9")
    leaves = []
    for x in (-66, -34, 0, 34, 64):
        sprig = Frame(place.point(x, 34 - (x / 92) ** 2 * 20))
        leaves += [sprig(turn(leaf, spin)) for spin in (-50, 0, 50)]
    canvas.shape(leaves, "#235392", 0.9, within=body)
    mouth = place.across(-42, 42, "#1c4478", "#0f2a50")
    canvas.shape(place(ellipse((0, -134), 42, 9)), mouth)
    lip = curve("-41,-136 -20,-127 0,-125 20,-127 41,-136")
    canvas.shape(place(stroke(lip, 5)), "#b6d7ee")
    canvas.shape(place(ellipse((-44, -6), 6, 24, turned=14)), "#ffffff", 0.65, soft=3)


def _blossoms(canvas: Canvas, rng: Random, place: Frame) -> None:
    twigs = [
        place(curve(line))
        for line in (
            "-8,6 -40,-70 -96,-118 -128,-170",
            "0,6 -14,-90 12,-150 -2,-206",
            "8,6 50,-60 96,-92 150,-138",
            "4,6 34,-86 62,-128 74,-186",
            "-4,6 -66,-36 -118,-50 -160,-82",
        )
    ]
    shadows = [stroke(moved(twig, 30, 16), 6, 3, 1) for twig in twigs]
    canvas.shape(shadows, "#5a3040", 0.3, soft=4, blend=multiply)
    canvas.shape([stroke(twig, 6, 4, 1.6) for twig in twigs], "#5d3b30")
    leaf = blob("0,0 6,-12 0,-28 -6,-12")
    for twig in twigs:
        for x, y in twig[rng.integers(12, len(twig), 7)].tolist():
            sprout = Frame((x, y), rng.uniform(0.7, 1), rng.uniform(0, 360))
            canvas.shape(sprout(leaf), str(rng.choice(["#6f8f4e", "#8dab5d", "#557a47"])))
        for x, y in twig[rng.integers(10, len(twig), 10)].tolist():
            centre = (x + rng.normal(0, 6), y + rng.normal(0, 6))
            _flower(canvas, Frame(centre, rng.uniform(9, 15), rng.uniform(0, 72)))


def _flower(canvas: Canvas, place: Frame) -> None:
    petals = [turn(ellipse((0, -0.62), 0.5, 0.58), 72 * i) for i in range(5)]
    shadow = [moved(place(petal), 2, 2) for petal in petals]
    canvas.shape(shadow, "#6d3a4a", 0.25, soft=1.5, blend=multiply)
    size = place.scale
    pink = around(place.at, (0, "#f3a0b3"), (size * 0.5, "#ffdfe2"), (size * 1.2, "#fff8f4"))
    canvas.shape([place(petal) for petal in petals], pink)
    stamens = [turn(ellipse((0.26, 0), 0.09), angle) for angle in range(0, 360, 60)]
    canvas.shape([place(part) for part in (*stamens, ellipse((0, 0), 0.12))], "#d98a2b")


def _lemon(canvas: Canvas, place: Frame) -> None:
    upper = "-1.22,0.02 -1.02,-0.2 -0.7,-0.58 0,-0.76 0.7,-0.58 1,-0.2 1.2,-0.02"
    outline = place(blob(f"{upper} 1.02,0.2 0.7,0.58 0,0.76 -0.7,0.58 -1,0.22"))
    size = place.scale
    light = (place.at[0] - size * 0.4, place.at[1] - size * 0.4)
    bright, dark = (size * 0.5, "#fbd93c"), (size * 1.7, "#b5701f")
    canvas.shape(outline, around(light, (0, "#fff3a0"), bright, (size * 1.1, "#eeb01f"), dark))
    peel = between(noise(int(place.at[0]), 3.2, octaves=2), 0.5, 0.9, 0.16)
    canvas.shape(outline, "#fff6b8", peel)
    shine = ellipse(light, size * 0.2, size * 0.12, turned=-35)
    canvas.shape(shine, "#fffef0", 0.75, soft=3)


def _half_lemon(canvas: Canvas, place: Frame) -> None:
    _shadow(canvas, place.point(0, 34), 52, 11)
    rind = place(ellipse((4, 5), 53, 45))
    canvas.shape(rind, place.down(-40, 50, "#f7d038", "#c9861f"))
    canvas.shape(place(ellipse((0, 0), 51, 43)), "#fff7cf")
    wedge = blob("0,-6 11,-25 10,-39 0,-42.5 -10,-39 -11,-25")
    wedges = [place(turn(wedge, angle) * (1.06, 0.89)) for angle in range(0, 360, 40)]
    flesh = around(place.point(-10, -10), (0, "#fff09a"), (28, "#fbdc4f"), (48, "#f2c02e"))
    canvas.shape(wedges, flesh)
    for x, y in ((-9, -8), (10, -7), (2, 12), (-12, 4)):
        drop = place(stroke([(x, y), (x * 2, y * 2)], 2, 0.8))
        canvas.shape(drop, "#fffbe0", 0.8)
    canvas.shape(place(blob("2,8 5,13 2,17 -1,13")), "#e9d5a0")


def _pear(canvas: Canvas, rng: Random, place: Frame) -> None:
    size = place.scale
    _shadow(canvas, (place.at[0] + 6, place.at[1] + 50 * size), 48 * size, 12 * size)
    right = "0,-78 16,-70 22,-44 34,-16 48,18 38,48 0,56"
    outline = place(blob(f"{right} -38,48 -48,18 -34,-16 -22,-44 -16,-70"))
    light = (place.at[0] - 20 * size, place.at[1] - 4 * size)
    bright, dark = (34 * size, "#b9c257"), (100 * size, "#4f5f2c")
    canvas.shape(outline, around(light, (0, "#e4e08a"), bright, (62 * size, "#8a9a3c"), dark))
    blush = halo((place.at[0] + 30 * size, place.at[1] - 10 * size), 60 * size, 0.75)
    canvas.shape(outline, "#d9663a", blush)
    speckles = [place(speck) for speck in dots(rng, 110, (-48, -70, 48, 56), (0.5, 1.1))]
    canvas.shape(speckles, "#6a5a20", 0.5, within=outline)
    shine = ellipse(light, 9 * size, 16 * size, turned=18)
    canvas.shape(shine, "#fffde6", 0.6, soft=4)
    canvas.shape(place(stroke(curve("0,-74 3,-88 10,-100"), 4, 3, 5)), "#4f3324")


def _bowl(canvas: Canvas, place: Frame) -> None:
    _shadow(canvas, place.point(14, 92), 120, 22)
    canvas.shape(place(ellipse((0, 0), 132, 24)), "#6f3f2c")
    for x, y, size, spin in (
        (-70, -22, 43, 12),
        (66, -24, 44, -18),
        (0, -30, 45, 4),
        (-36, -64, 42, -28),
        (42, -68, 43, 22),
    ):
        _lemon(canvas, Frame(place.point(x, y), size, spin))
        beneath = place(ellipse((x + 10, y + 34), size * 0.8, 10))
        canvas.shape(beneath, "#6d3a20", 0.4, soft=6, blend=multiply)
    twig = Frame(place.point(66, -92))
    leaf = twig(patch("0,0 22,-24 62,-30 | 36,-4 0,0"))
    canvas.shape(leaf, twig.across(0, 62, "#7fa04d", "#4a7040"))
    canvas.shape(twig(stroke(curve("0,0 26,-14 60,-29"), 1.6)), "#cfdc96", 0.8)
    rim = "-134,0 -80,17 0,24 80,17 134,0"
    outline = place(patch(f"{rim} | 108,58 50,92 -50,92 -108,58 -134,0"))
    canvas.shape(outline, place.across(-134, 134, "#f3ead9", "#e4d3bd", "#b8927c", "#76504e"))
    canvas.shape(outline, "#fffaf0", halo(place.point(-66, 34), 84, 0.6), blend=screen)
    for y, width, colour in ((22, 6, "#c4573d"), (34, 2.4, "#35608f"), (72, 4, "#35608f")):
        bow = curve([(-140, y - 20), (-80, y + 2), (0, y + 9), (80, y + 2), (140, y - 20)])
        canvas.shape(place(stroke(bow, width)), colour, 0.8, within=outline)
    canvas.shape(place(stroke(curve(rim), 3, 5, 3)), "#fffaf0", 0.9)

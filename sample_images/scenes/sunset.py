"""A beach at sunset."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import (
    Random,
    dots,
    feathered,
    grass,
    gull,
    ridge,
    waves,
)
from sample_images.drawing.outlines import (
    curve,
    ellipse,
    moved,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Point,
    along,
    between,
    flat,
    halo,
    mixed,
    noise,
    rise,
    times,
    vertical,
)

SUN = (575.0, 330.0)
HORIZON = 352
DARK = "#1d1136"


def beach_sunset() -> Image.Image:
    """The sun sinks into the sea behind two palms."""
    rng = np.random.default_rng(11)
    upper = (0, "#2a1f63"), (90, "#5b3089"), (190, "#b54684")
    lower = (265, "#ee6c60"), (322, "#fdae58"), (HORIZON, "#ffe293")
    canvas = Canvas(900, 600, vertical(*upper, *lower))
    canvas.wash("#ffb765", halo(SUN, 520, 0.75, squash=0.72), screen)
    _clouds(canvas)
    canvas.shape(ellipse(SUN, 47), vertical((283, "#fff6cf"), (HORIZON, "#ffd76a")))
    canvas.wash("#fff0b0", halo(SUN, 120, 0.55), screen)
    _headlands(canvas, rng)
    _sea(canvas, rng)
    _sand(canvas, rng)
    _palm(canvas, rng, (100, 640), (236, 168), 1.0)
    _palm(canvas, rng, (28, 630), (84, 258), 0.8)
    _dune(canvas, rng)
    birds = [gull(690, 150, 13), gull(722, 136, 10), gull(748, 158, 8), gull(655, 176, 7)]
    canvas.shape(birds, "#3a1f55")
    return canvas.finished(seed=11)


def _clouds(canvas: Canvas) -> None:
    streaks = noise(5, 330, 30, octaves=5)
    heap = noise(8, 240, 60, octaves=5)
    canvas.wash("#6d3a8c", times(between(heap, 0.5, 0.72, 0.75), rise(230, 90)))
    canvas.wash("#ff8f6b", times(between(heap, 0.58, 0.8, 0.6), rise(260, 170)))
    canvas.wash("#a8467f", times(between(streaks, 0.52, 0.66, 0.8), rise(330, 240)))
    canvas.wash("#ffc27a", times(between(streaks, 0.57, 0.72, 0.85), rise(130, 260)))


def _headlands(canvas: Canvas, rng: Random) -> None:
    far = ridge(rng, "0,322 90,296 190,318 300,340 370,352", 10)
    canvas.shape(under(far, HORIZON + 2), along((0, 300), (370, 352), "#6b3a78", "#c8667a"))
    near = ridge(rng, "0,305 60,318 130,338 215,353", 9)
    canvas.shape(under(near, HORIZON + 3), along((0, 300), (215, 352), "#3b2360", "#7a3f78"))


def _sea(canvas: Canvas, rng: Random) -> None:
    sea = rectangle(0, HORIZON, 900, 600)
    deep = (450, "#6a3b86"), (540, "#34245f")
    canvas.shape(sea, vertical((HORIZON, "#f3a36c"), (385, "#c0648a"), *deep))
    glow = halo((SUN[0], HORIZON), 330, 0.6, squash=0.55)
    canvas.shape(sea, "#ffb36e", glow, blend=screen)
    canvas.shape(waves(rng, 250, HORIZON, 168, 150), "#3d2567", 0.35)
    canvas.shape(waves(rng, 170, HORIZON, 168, 150), "#f59a86", 0.3)
    glitter = []
    for near in rng.random(300) ** 1.25:
        x = SUN[0] + rng.normal(0, 0.5) * (20 + 95 * near)
        place = (x, HORIZON + 2 + near * 150)
        glitter.append(ellipse(place, 4 + 20 * near * rng.random(), 0.6 + 1.5 * near))
    canvas.shape(glitter, vertical((HORIZON, "#fff3bd"), (500, "#ffb066")), 0.85)


def _sand(canvas: Canvas, rng: Random) -> None:
    shore = curve("-20,512 120,497 300,514 480,498 660,520 800,500 920,512")
    wet = under(shore, 600)
    canvas.shape(wet, vertical((495, "#b3618a"), (560, "#7a4076"), (600, "#4a2a5c")))
    canvas.shape(wet, "#ffb27a", halo((575, 500), 260, 0.75, squash=0.5), blend=screen)
    canvas.shape(stroke(shore, 3, 5, 3, 6, 3), "#ffe3c4", 0.9)
    canvas.shape(stroke(moved(shore, 0, -13), 2, 3, 1, 3, 2), "#ffc9b8", 0.45)
    dry = under(curve("-20,548 150,533 330,556 540,540 720,566 920,550"), 600)
    brown = vertical((535, "#6d3f63"), (600, "#2d1a40"))
    ripples = between(noise(31, 16, 3), 0.5, 0.8, 0.45)
    canvas.shape(dry, mixed(brown, flat("#a4666c"), ripples))
    canvas.shape(dots(rng, 26, (0, 562, 900, 598), (2, 5), 0.4), "#241436", 0.6)


def _palm(canvas: Canvas, rng: Random, foot: Point, top: Point, size: float) -> None:
    bend = (foot[0] + (top[0] - foot[0]) * 0.32, (foot[1] + top[1]) / 2 - 10)
    trunk = curve([foot, bend, top])
    canvas.shape(stroke(trunk, 24 * size, 13 * size, 9 * size), DARK)
    canvas.shape(stroke(moved(trunk, 5 * size, 0), 2.4, 1.6, 1), "#e0705f", 0.5)
    fronds = []
    for angle in np.radians([-168, -140, -112, -75, -48, -20, 8, 172]):
        reach = size * rng.uniform(105, 135)
        x, y = float(np.cos(angle) * reach), float(np.sin(angle) * reach * 0.62)
        tip = (top[0] + x, top[1] + y + reach * 0.42)
        spine = curve([top, (top[0] + x * 0.55, top[1] + y), tip])
        fronds += [stroke(spine, 4 * size, 3 * size, 1)]
        fronds += feathered(spine, size * 44, 0.75, droop=0.35)
    coconuts = [ellipse((top[0] + dx, top[1] + 7), 6 * size) for dx in (-6, 5)]
    canvas.shape([*fronds, *coconuts], DARK)


def _dune(canvas: Canvas, rng: Random) -> None:
    hump = curve("-20,548 60,540 140,556 220,580 300,606")
    blades = grass(rng, hump, 150, (14, 40))
    canvas.shape([under(hump, 602), *blades], vertical((520, "#33204f"), (600, "#140b28")))

"""Mountains that a still lake mirrors."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import (
    Random,
    conifer,
    conifers,
    grass,
    ridge,
    waves,
)
from sample_images.drawing.outlines import (
    Frame,
    circle_line,
    curve,
    ellipse,
    height_at,
    patch,
    polygon,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Array,
    Point,
    between,
    halo,
    noise,
    rise,
    times,
    vertical,
)

SHORE = 372


def mountain_lake() -> Image.Image:
    """Morning light on snowy peaks, a cabin among spruces, a red canoe."""
    rng = np.random.default_rng(52)
    low = (290, "#fbe3c4"), (SHORE, "#ffd9ae")
    canvas = Canvas(900, 600, vertical((0, "#4f8fc4"), (150, "#9dc7dd"), *low))
    canvas.wash("#ffe2ae", halo((140, 250), 460, 0.75), screen)
    wisps = noise(12, 300, 34, octaves=5)
    canvas.wash("#ffffff", times(between(wisps, 0.54, 0.75, 0.75), rise(260, 120)))
    far = "-20,262 90,214 210,250 330,196 450,246 560,204 700,250 800,210 920,250"
    haze = vertical((190, "#92acc9"), (350, "#dfd3cd"))
    canvas.shape(under(ridge(rng, far, 26), SHORE), haze)
    _peak(canvas, rng, (742, 120), 250)
    _peak(canvas, rng, (212, 142), 240)
    _peak(canvas, rng, (470, 52), 330)
    mist = between(noise(21, 260, 26), 0.3, 0.7, 0.75)
    canvas.wash("#ffe9cf", times(mist, rise(250, 345)))
    _woods(canvas, rng)
    _cabin(canvas, Frame((655, 356)))
    _lake(canvas, rng)
    _canoe(canvas, Frame((590, 486)))
    _foreground(canvas, rng)
    return canvas.finished(seed=52)


def _peak(canvas: Canvas, rng: Random, apex: Point, half: float) -> None:
    """A mountain lit from the left, in measures of its own height and half its width."""
    x, y = apex
    height = SHORE + 4 - y

    def placed(points: str, rough: float) -> Array:
        shares = polygon(points) * (half, height)
        return ridge(rng, shares + apex, rough, 6).astype(np.float32)

    left = placed("-1,1 -0.62,0.62 -0.3,0.36 0,0", 24)
    right = placed("0,0 0.26,0.3 0.6,0.66 1,1", 24)
    body = np.concatenate([left, right])
    canvas.shape(body, vertical((y, "#a8969a"), (SHORE, "#98a5ab")))
    crease = placed("0,0 0.04,0.16 -0.06,0.38 0.08,1", 20)
    shady = np.concatenate([crease, right[::-1]])
    canvas.shape(shady, vertical((y, "#5a6689"), (SHORE, "#7f93ac")), within=body)
    for spur in ("-0.42,0.34 -0.34,0.62 -0.4,1", "-0.17,0.26 -0.2,0.5 -0.1,0.8 -0.16,1"):
        edge = placed(spur, 14)
        foot = np.array([[x + (edge[-1, 0] - x) * 0.35 - half * 0.02, SHORE + 4]], np.float32)
        shadow = np.concatenate([edge, foot])
        canvas.shape(shadow, vertical((y, "#67708f"), (SHORE, "#8496ac")), 0.8, within=body)
    for spur in ("0.3,0.4 0.34,0.66 0.26,1", "0.55,0.62 0.6,0.8 0.52,1"):
        edge = placed(spur, 12)
        foot = np.array([[edge[-1, 0] + half * 0.2, SHORE + 4]], np.float32)
        lit = np.concatenate([edge, foot])
        canvas.shape(lit, vertical((y, "#7a86a6"), (SHORE, "#9badbf")), 0.7, within=body)
    _snow(canvas, rng, apex, height=height, body=body, shady=shady)


def _snow(
    canvas: Canvas, rng: Random, apex: Point, *, height: float, body: Array, shady: Array
) -> None:
    """A cap that reaches down in tongues, blue where the mountain is in shadow."""
    place = Frame(apex)
    edge: list[Point] = [(-260, -10)]
    for i, x in enumerate(np.linspace(-200, 200, 19)):
        share = rng.uniform(0.42, 0.58) if i % 2 else rng.uniform(0.2, 0.34)
        edge.append((float(x), height * share + abs(x) * 0.12))
    cap = ridge(rng, place([*edge, (260, -10)]), 9, 3)
    low = apex[1] + height * 0.5
    canvas.shape(cap, vertical((apex[1], "#fffaf0"), (low, "#f6e6da")), within=body)
    blue = vertical((apex[1], "#aebfe0"), (low, "#b9c6de"))
    canvas.shape(shady, blue, within=cap)


def _woods(canvas: Canvas, rng: Random) -> None:
    hill = "-20,-22 160,6 380,16 600,8 760,-12 920,-26"
    for level, tall, count, top, foot in (
        (322, 36, 150, "#6f9a95", "#a9bfae"),
        (346, 44, 120, "#3f7370", "#6f9a84"),
        (366, 54, 90, "#22504f", "#3c6f5c"),
    ):
        ground = ridge(rng, Frame((0, level))(hill), 6)
        wood = conifers(rng, ground, count, (tall * 0.6, tall * 1.15))
        green = vertical((level - tall, top), (SHORE, foot))
        canvas.shape([under(ground, SHORE + 1), *wood], green)


def _cabin(canvas: Canvas, place: Frame) -> None:
    meadow = place(curve("-190,17 -90,6 0,2 110,6 200,17"))
    canvas.shape(under(meadow, SHORE + 1), place.down(0, 16, "#a8bf6b", "#7fa45a"))
    smoke = place(curve("25,-50 34,-76 22,-104 38,-140"))
    canvas.shape(stroke(smoke, 4, 12, 20, 30), "#ffffff", rise(206, 296, 0.6), soft=4)
    canvas.shape(place(rectangle(20, -50, 29, -24)), "#6d4a45")
    canvas.shape(place(rectangle(-38, -26, 38, 6)), place.across(-38, 38, "#c98b58", "#8a5639"))
    roof = place("-48,-23 -28,-50 30,-50 48,-23")
    canvas.shape(roof, place.across(-40, 48, "#8d4a40", "#5c2f35"))
    windows = [rectangle(-26, -16, -12, -3), rectangle(14, -16, 28, -3)]
    canvas.shape([place(window) for window in windows], "#ffe08f")
    canvas.shape(place(rectangle(-5, -17, 7, 6)), "#4a2c28")
    logs = [place(rectangle(-38, y, 38, y + 1)) for y in (-18, -10, -2)]
    canvas.shape(logs, "#6d4230", 0.45)
    canvas.wash("#ffd27d", halo(place.point(0, -8), 60, 0.3), screen)


def _lake(canvas: Canvas, rng: Random) -> None:
    canvas.mirror(SHORE, 600 - SHORE, lambda away: 1 + away * 0.11, 7)
    water = rectangle(0, SHORE, 900, 600)
    tint = vertical((SHORE, "#e7eee8"), (600, "#4f86a0"))
    canvas.shape(water, tint, 0.85, blend=multiply)
    canvas.shape(waves(rng, 120, SHORE, 222, 120), "#fff6e4", 0.4)
    canvas.shape(waves(rng, 120, SHORE, 222, 140), "#2f5f7c", 0.28)
    mist = times(rise(SHORE + 90, SHORE, 0.4), between(noise(3, 300, 9), 0.4, 0.7))
    canvas.shape(water, "#fff1dc", mist)
    canvas.shape(rectangle(0, SHORE - 1, 900, SHORE + 1.5), "#fdf3dc", 0.6)


def _canoe(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((0, 17), 104, 9)), "#173a4d", 0.55, soft=3)
    canvas.shape(place(patch("-100,14 -40,26 40,26 100,14")), "#a33a35", 0.4, soft=2)
    gunwale = "-112,-17 -84,-6 0,0 84,-6 112,-17"
    hull = place(patch(f"{gunwale} | 98,8 62,17 -62,17 -98,8 -112,-17"))
    canvas.shape(hull, place.down(-16, 17, "#e8553f", "#96292f"))
    canvas.shape(place(stroke(curve(gunwale), 4)), "#ffd7a0")
    coat = place(patch("-16,2 -15,-30 0,-42 15,-30 17,2"))
    canvas.shape(coat, place.across(-16, 16, "#f6c453", "#c98a2e"))
    canvas.shape(place(ellipse((0, -50), 10)), "#f0c39b")
    hat = place(patch("-19,-52 -8,-56 -7,-65 7,-65 8,-56 19,-52"))
    canvas.shape(hat, "#7a4a35")
    blade = ellipse((58, 26), 12, 5, turned=42)
    canvas.shape([place(stroke("-8,-34 54,22", 3.4)), place(blade)], "#8a5a35")
    canvas.shape(place(stroke(curve("-6,-30 8,-20 22,-10"), 9, 7)), "#dba53c")
    ripples = [circle_line((62, 125), radius, 4) for radius in (16, 30)]
    rings = [place(ring * (1, 0.24)) for ring in ripples]
    canvas.shape(rings, "#ffffff", 0.5)


def _foreground(canvas: Canvas, rng: Random) -> None:
    bank = ridge(rng, "-20,520 90,532 210,562 330,590 400,610", 5)
    trees = (
        ((36, 556), 400),
        ((118, 566), 300),
        ((-14, 570), 330),
        ((186, 580), 190),
        ((238, 590), 110),
    )
    for foot, height in trees:
        reach = Frame(foot, height)
        green = reach.across(-0.22, 0.22, "#2d5c52", "#14353a", "#0d262e")
        canvas.shape(conifer(rng, foot, height), green)
    blades = grass(rng, bank, 240, (10, 30))
    canvas.shape([under(bank, 620), *blades], vertical((500, "#3d6a4b"), (600, "#10292d")))
    for colour in ("#f6d365", "#f2f0e4", "#e58fa5"):
        flowers = []
        for x in rng.uniform(0, 330, 20):
            y = height_at(bank, x) + rng.uniform(-12, 26)
            flowers.append(ellipse((float(x), y), rng.uniform(1.6, 3)))
        canvas.shape(flowers, colour)

"""The Golden Gate Bridge in morning fog."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, gull, ridge, waves
from sample_images.drawing.outlines import (
    Frame,
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
    Field,
    Point,
    along,
    between,
    halo,
    noise,
    rise,
    times,
    vertical,
)

SUN = (716.0, 226.0)
SHORE = 388


def bridge_golden_gate() -> Image.Image:
    """Two red towers above the strait; the sun comes up over the hills."""
    rng = np.random.default_rng(75)
    low = (280, "#fbe2bd"), (SHORE, "#ffd2a0")
    canvas = Canvas(900, 600, vertical((0, "#4f90bb"), (150, "#a3cbd6"), *low))
    canvas.wash("#ffe9b4", halo(SUN, 430, 0.8), screen)
    canvas.shape(ellipse(SUN, 27), "#fffdf0", soft=1)
    canvas.wash("#fff6d8", halo(SUN, 80, 0.7), screen)
    wisps = between(noise(14, 320, 26, octaves=5), 0.54, 0.74, 0.7)
    canvas.wash("#fff4e4", times(wisps, rise(250, 110)))
    _hills(canvas, rng)
    _strait(canvas, rng)
    _span(canvas)
    _tower(canvas, Frame((618, 412), 0.56), "#e9865f", "#d2624a", "#a34a40")
    _fog(canvas, 6, 392, 70, 0.95)
    _tower(canvas, Frame((236, 566)), "#ef6b45", "#d9482f", "#8f2b2c")
    _boat(canvas, Frame((690, 530)))
    _boat(canvas, Frame((505, 476), 0.5))
    _headland(canvas, rng)
    _bank(canvas, 9, (170, 560), 330)
    canvas.shape([gull(420, 170, 10), gull(446, 186, 8), gull(468, 168, 7)], "#4d6672")
    return canvas.finished(seed=75)


def _hills(canvas: Canvas, rng: Random) -> None:
    far = ridge(rng, "-20,330 150,316 330,330 480,300 640,286 780,300 920,280", 10)
    canvas.shape(under(far, 600), vertical((280, "#c3b6b4"), (400, "#f0d5b6")))
    near = ridge(rng, "470,400 560,366 650,322 740,300 830,262 920,240", 14)
    canvas.shape(under(near, 600), vertical((240, "#8d9a8c"), (420, "#d9c9a8")))
    folds = between(noise(44, 60, 120, octaves=3), 0.5, 0.62, 0.5)
    canvas.shape(under(near, 600), "#5f7a78", times(folds, rise(430, 280)))


def _strait(canvas: Canvas, rng: Random) -> None:
    water = rectangle(0, SHORE, 900, 600)
    deep = (460, "#4f97a0"), (600, "#1f5566")
    canvas.shape(water, vertical((SHORE, "#f4d9b8"), (415, "#9fc0b8"), *deep))
    canvas.shape(water, "#ffe2ac", halo((SUN[0], SHORE), 320, 0.8, squash=0.6), blend=screen)
    canvas.shape(waves(rng, 230, SHORE + 14, 198, 110), "#184a5c", 0.35)
    canvas.shape(waves(rng, 170, SHORE + 14, 198, 100), "#e6f2e6", 0.4)
    glitter = []
    for near in rng.random(190) ** 1.2:
        x = SUN[0] + rng.normal(0, 0.5) * (20 + 110 * near)
        glitter.append(ellipse((x, 402 + near * 180), 3 + 13 * near * rng.random(), 0.6 + near))
    canvas.shape(glitter, "#fff3cf", 0.85)


def _fog(canvas: Canvas, seed: int, top: float, depth: float, strength: float) -> None:
    """A low bank that lies across the whole picture and thins out below."""
    drift = noise(seed, 170, 16, octaves=4)
    lying = times(rise(top - 26, top + 8), rise(top + depth, top + 8))
    canvas.wash("#fff6ea", times(between(drift, 0.2, 0.62, strength), lying))
    billows = noise(seed + 1, 90, 26, octaves=4)
    canvas.wash("#ffffff", times(between(billows, 0.45, 0.7, strength), lying))


def _bank(canvas: Canvas, seed: int, centre: Point, reach: float) -> None:
    """A billowing heap of fog around a tower's foot."""
    rng = np.random.default_rng(seed)
    billows = []
    for _ in range(60):
        side = rng.normal(0, 0.5)
        place = (
            centre[0] + side * reach,
            centre[1] + 40 - 46 * np.exp(-side * side) * rng.random(),
        )
        billows.append(ellipse(place, rng.uniform(30, 80), rng.uniform(12, 30)))
    pale = vertical((centre[1] - 40, "#fffaf0"), (600, "#dfe3e2"))
    canvas.shape(billows, pale, 0.8, soft=12)
    canvas.shape(billows[::2], "#ffffff", 0.55, soft=7)


def _cable(start: Point, low: Point, end: Point) -> Array:
    """A hanging main cable: two half parabolas that meet at its lowest point."""
    t = np.linspace(0, 1, 40)
    left = np.stack(
        [start[0] + (low[0] - start[0]) * t, low[1] + (start[1] - low[1]) * (1 - t) ** 2], -1
    )
    right = np.stack([low[0] + (end[0] - low[0]) * t, low[1] + (end[1] - low[1]) * t**2], -1)
    return np.concatenate([left, right[1:]]).astype(np.float32)


def _deck(x: float) -> float:
    """The road's height at ``x``: it recedes to the right."""
    return 398 - (x - 236) * 0.135


def _span(canvas: Canvas) -> None:
    near, far = (236.0, 112.0), (618.0, 160.0)
    cables = (
        (_cable(near, (470, 350), far), 1.5, 13, (6, 4.5, 3.6)),
        (_cable((-110, 338), (-70, 342), near), 2.0, 13, (8, 6)),
        (_cable(far, (770, 316), (905, 300)), 1.0, 9, (3.4, 2)),
    )
    hangers = []
    for cable, width, step, _ in cables:
        for x in np.arange(cable[0, 0] + 6, cable[-1, 0] - 4, step):
            top, road = height_at(cable, float(x)), _deck(float(x))
            if top < road - 2:
                hangers.append(rectangle(x - width / 2, top, x + width / 2, road))
    canvas.shape(hangers, "#b5523f", 0.8)
    red = along((0, 0), (900, 0), "#c23f2d", "#d4553b", "#e39a72")
    canvas.shape([stroke(cable, *widths) for cable, _, _, widths in cables], red)
    dark = along((0, 0), (900, 0), "#7c2a2c", "#93403a", "#c98468")
    canvas.shape(_band(0, 26, 0, 7), dark)
    truss = []
    for i, x in enumerate(range(-10, 900, 15)):
        depth = 24 - 19 * (x / 900)
        rise_to, fall_to = (0.2, 0.95) if i % 2 else (0.95, 0.2)
        ends = [(x, _deck(x) + depth * rise_to), (x + 15, _deck(x + 15) + depth * fall_to)]
        truss.append(stroke(ends, 2.2 - 1.4 * x / 900))
    canvas.shape(truss, "#e0684a", 0.75)
    canvas.shape([_band(-4, 5, -1, 2), _band(22, 26, 5, 7)], red)


def _band(left_top: float, left_foot: float, right_top: float, right_foot: float) -> Array:
    """A strip along the deck, by its heights below the road at both ends of the picture."""
    left, right = (-10, _deck(-10)), (910, _deck(910))
    upper = [(left[0], left[1] + left_top), (right[0], right[1] + right_top)]
    lower = [(right[0], right[1] + right_foot), (left[0], left[1] + left_foot)]
    return polygon([*upper, *lower])


def _tower(canvas: Canvas, place: Frame, *colours: str) -> None:
    """Two stepped legs and four cross beams, of the light colour, the middle one and the dark."""
    light, dark = place.across(-40, 44, *colours), colours[-1]

    def lay(parts: list[Array], ink: str | None = None, strength: float | Field = 1) -> None:
        canvas.shape([place(part) for part in parts], ink or light, strength)

    legs, sides = [], []
    for x in (-32, 32):
        for top, width in ((-454, 11), (-372, 13.5), (-281, 16), (-154, 19)):
            legs.append(rectangle(x - width / 2, top, x + width / 2, 0))
            sides.append(rectangle(x + width * 0.12, top, x + width / 2, 0))
    lay(legs)
    lay(sides, dark, 0.55)
    beams, shadows = [], []
    for top, depth in ((-447, 20), (-363, 22), (-272, 24), (-175, 16)):
        beams.append(rectangle(-32, top, 32, top + depth))
        for side in (-1, 1):
            for inner, drop in ((20, 14), (14, 4)):
                edges = sorted((side * inner, side * 28))
                beams.append(rectangle(edges[0], top, edges[1], top + depth + drop))
        shadows.append(rectangle(-26, top + depth - 7, 26, top + depth))
    lay(beams)
    lay(shadows[:3], dark, 0.5)
    crosses = ("-24,-150 24,-91", "-24,-91 24,-150", "-24,-91 24,-32", "-24,-32 24,-91")
    lay([stroke(cross, 5) for cross in crosses])
    lay([rectangle(x - 8, -461, x + 8, -454) for x in (-32, 32)], dark)
    lay([ellipse((x, -464), 2.6) for x in (-32, 32)], "#fff2c8")


def _boat(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((4, 12), 40, 3)), "#123a4a", 0.4, soft=2)
    canvas.shape(place(patch("-8,14 0,22 -4,34 6,48 10,30 24,16")), "#fff4de", 0.35, soft=2)
    canvas.shape(place(patch("2,-70 22,-36 32,-6 | 2,-4 | 2,-70")), "#fffaf0")
    canvas.shape(place(patch("-2,-62 -14,-32 -26,-6 | -2,-4 | -2,-62")), "#f3dcc0")
    canvas.shape(place(patch("-34,0 0,3 36,-1 | 26,10 -24,10 -34,0")), "#f6f2ea")
    canvas.shape(place(stroke("-32,2 34,1", 2)), "#c9473d")


def _headland(canvas: Canvas, rng: Random) -> None:
    line = ridge(rng, "-20,440 60,462 120,516 176,572 230,620", 14)
    rock = under(line, 640)
    canvas.shape(rock, vertical((430, "#6f8468"), (600, "#2c4549")))
    tufts = between(noise(91, 30, 14), 0.54, 0.7, 0.7)
    canvas.shape(rock, "#a9b078", times(tufts, rise(560, 440)))
    canvas.shape(rock, "#1f3a40", between(noise(92, 40, 70), 0.54, 0.66, 0.5))

"""A forest in fog."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, dots, fern, foliage, ridge
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    height_at,
    patch,
    polygon,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Array,
    along,
    between,
    halo,
    noise,
    rise,
    times,
    vertical,
)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Trees at one distance: where they stand, how many, how thick, in which haze."""

    ground: float
    count: int
    width: float
    top: str
    foot: str
    mist: float


LAYERS = (
    _Layer(470, 16, 9, "#b9cdb6", "#cfdcc4", 0.35),
    _Layer(510, 12, 15, "#93b29c", "#b3c8ac", 0.32),
    _Layer(560, 9, 23, "#648f7d", "#86a98c", 0.28),
    _Layer(640, 6, 33, "#386656", "#4f7c62", 0.2),
)


def forest_fog() -> Image.Image:
    """A stag stops on the path where the light falls through."""
    rng = np.random.default_rng(88)
    upper = (0, "#a9c7a6"), (250, "#dfe9c8"), (470, "#f6efcf")
    canvas = Canvas(600, 900, vertical(*upper, (900, "#b6cba4")))
    canvas.wash("#fff6d0", halo((330, 300), 430, 0.9), screen)
    for i, layer in enumerate(LAYERS):
        _trees(canvas, rng, layer)
        canvas.wash("#f8f3d6", rise(layer.ground - 330, layer.ground + 10, layer.mist))
        drift = between(noise(100 + i, 240, 36), 0.45, 0.75, 0.55)
        canvas.wash("#fdf9e4", times(drift, rise(layer.ground - 200, layer.ground)))
    _path(canvas)
    for top, foot, width, strength in (
        (430, 120, 60, 0.4),
        (500, 268, 92, 0.46),
        (560, 420, 56, 0.38),
        (360, -30, 46, 0.3),
        (640, 560, 70, 0.32),
    ):
        beam = [(top, -20), (top + width * 0.4, -20), (foot + width * 1.6, 800), (foot, 800)]
        canvas.shape(polygon(beam), "#fff7cf", rise(820, 120, strength), soft=9, blend=screen)
    _stag(canvas, Frame((318, 668), 1.2))
    _near_trunks(canvas)
    _near_branches(canvas, rng)
    _ferns(canvas, rng)
    canvas.shape(dots(rng, 70, (120, 200, 540, 720), (0.8, 2.4)), "#fffbe0", 0.7)
    return canvas.finished(seed=88, vignette=0.26)


def _trees(canvas: Canvas, rng: Random, layer: _Layer) -> None:
    ground, width = layer.ground, layer.width
    soil = ridge(rng, Frame((0, ground))("-20,-12 150,6 320,16 470,4 640,-14"), 8)
    shapes = [under(soil, 920)]
    places = (np.arange(layer.count) + rng.uniform(0.1, 0.9, layer.count)) / layer.count * 660 - 30
    # The middle stays open, for the path and the light.
    for x in places[np.abs(places - 322) > 42 + width]:
        lean, size = rng.uniform(-14, 14), width * rng.uniform(0.7, 1.25)
        trunk = curve([(x + lean, -20), (x + lean * 0.5, ground * 0.45), (x, ground + 20)])
        shapes.append(stroke(trunk, size * 0.55, size * 0.8, size, size * 1.7))
        for _ in range(6):
            start = trunk[rng.integers(2, len(trunk) - 9)]
            twig = Frame((float(start[0]), float(start[1])), width * rng.uniform(2.2, 4.5))
            side, lift = int(rng.choice([-1, 1])), rng.uniform(0.3, 0.7)
            line = twig(curve([(0, 0), (side * 0.5, -0.15), (side, -lift)]))
            shapes.append(stroke(line, size * 0.3, size * 0.16, 0.8))
            tip = (float(line[-1, 0]), float(line[-1, 1]))
            shapes += foliage(rng, tip, width * 0.8 + 9, 12)
    for _ in range(layer.count * 6):
        # Leaves hang low at the sides and high in the middle.
        x = rng.uniform(-30, 630)
        reach = ground * (0.08 + 0.3 * min(abs(x - 322) / 300, 1))
        shapes += foliage(rng, (x, rng.uniform(-30, reach)), width * 0.9 + 13, 22)
    canvas.shape(shapes, vertical((0, layer.top), (ground, layer.foot)))


def _path(canvas: Canvas) -> None:
    left, right = (
        "318,566 306,600 316,650 250,740 130,920",
        "520,920 452,760 388,650 338,600 334,566",
    )
    path = patch(f"{left} | {right}")
    sand = vertical((566, "#f3efcf"), (640, "#f6e8ba"), (900, "#b9a470"))
    canvas.shape(path, sand, rise(560, 640, 0.85), soft=3)
    canvas.shape(path, "#8b8a5a", times(between(noise(71, 60, 9), 0.52, 0.7, 0.4), rise(590, 800)))


def _stag(canvas: Canvas, place: Frame) -> None:
    """A stag from the side that looks at the viewer."""
    canvas.shape(place(ellipse((2, 1), 60, 6)), "#5d6b45", 0.6, soft=4, blend=multiply)
    body = (
        "-42,-78 -20,-81 12,-79 27,-88 35,-106 46,-108 49,-90 45,-70 34,-56 8,-50 -22,-51 -40,-56"
    )
    legs = [
        patch("-50,-70 -48,-50 -45,-38 -48,-24 -45,0 | -40,0 -41,-24 -34,-40 -26,-56"),
        patch("-36,-60 -31,-42 -33,-24 -30,-1 | -25,-1 -26,-24 -22,-42 -18,-56"),
        patch("18,-58 23,-38 23,-22 24,0 | 29,0 29,-22 32,-38 36,-58"),
        patch("27,-62 35,-40 36,-24 38,-2 | 43,-2 41,-24 42,-40 45,-74"),
    ]
    head = blob("37,-118 43,-123 49,-118 49,-108 46,-97 43,-94 40,-97 37,-108")
    ears = [blob("38,-116 26,-122 22,-117 34,-110"), blob("48,-116 60,-122 64,-117 52,-110")]
    parts = [blob(body), blob("-49,-73 -57,-68 -55,-57 -49,-62"), *legs, head, *ears]
    for side in (-1, 1):
        beam = curve(
            [(43 + side * x, y) for x, y in ((3, -121), (12, -134), (18, -150), (13, -168))]
        )
        parts.append(stroke(beam, 3.2, 2.4, 1))
        for at, x, y in ((12, 9, -11), (24, 11, -9), (32, -9, -10)):
            tine = Frame((float(beam[at, 0]), float(beam[at, 1])))
            tip = curve([(0, 0), (side * x * 0.6, y * 0.4), (side * x, y)])
            parts.append(tine(stroke(tip, 2.2, 0.8)))
    brown = place.down(-130, 0, "#7a5a3c", "#5a4630", "#35301f")
    canvas.shape([place(part) for part in parts], brown)
    rim = stroke(curve("-44,-77 -20,-80 12,-78 26,-87 34,-105"), 0.8, 2.2, 1.6, 0.8)
    canvas.shape(place(rim), "#ffe9b0", 0.85)
    eyes = [place(ellipse((x, -111), 1.4)) for x in (39.6, 46.4)]
    canvas.shape([*eyes, place(blob("41,-97 45,-97 43,-94"))], "#14100a")


def _near_trunks(canvas: Canvas) -> None:
    """The dark trunks that frame the picture."""
    left, right = ("#122a24", "#23473a", "#2d5a48"), ("#2d5a48", "#1d3f35", "#10261f")
    for x, width, lean, tones in ((64, 86, 26, left), (556, 70, -30, right)):
        line = curve([(x + lean, -30), (x + lean * 0.2, 300), (x, 640), (x - lean * 0.4, 940)])
        bark = stroke(line, width * 0.72, width * 0.8, width * 0.95, width * 1.6)
        canvas.shape(bark, along((x - width / 2, 0), (x + width / 2, 0), *tones))
        canvas.shape(bark, "#5d8a68", between(noise(x, 12, 130, octaves=3), 0.58, 0.68, 0.4))
        furrows = between(noise(x + 1, 10, 110, octaves=3), 0.56, 0.64, 0.6)
        canvas.shape(bark, "#0b1b17", furrows)


def _near_branches(canvas: Canvas, rng: Random) -> None:
    shapes: list[Array] = []
    for line in (
        "80,196 190,150 262,96",
        "76,306 150,270 196,272",
        "548,152 470,110 420,44",
        "546,306 490,286 446,304",
        "552,212 500,196 470,206",
    ):
        branch = curve(line)
        shapes.append(stroke(branch, 20, 9, 2))
        for share in rng.uniform(0.35, 1, 9):
            at = branch[int(share * (len(branch) - 1))] + rng.normal(0, 8, 2)
            shapes += foliage(rng, (float(at[0]), float(at[1])), 30, 16)
    for x in rng.uniform(-30, 630, 60):
        depth = 12 + 70 * min(abs(x - 322) / 300, 1) ** 1.5
        shapes += foliage(rng, (float(x), rng.uniform(-30, depth)), 46, 20)
    canvas.shape(shapes, vertical((0, "#1a3a30"), (330, "#2c5a47")))


def _ferns(canvas: Canvas, rng: Random) -> None:
    bank = ridge(rng, "-20,762 120,800 250,860 360,876 480,824 640,770", 10)
    canvas.shape(under(bank, 920), vertical((750, "#2f5a3f"), (900, "#0f2419")))
    for tone, count, size in (("#4a845a", 26, 1.15), ("#2f6546", 24, 1.0), ("#173a2a", 22, 0.9)):
        leaves = []
        for x in rng.uniform(-20, 620, count):
            foot = (float(x), height_at(bank, x) + rng.uniform(6, 60))
            for angle in rng.uniform(-72, 72, 3):
                leaves += fern(foot, angle, size * rng.uniform(60, 100))
        canvas.shape(leaves, vertical((720, tone), (900, "#10281b")))

"""Hot-air balloons above a valley at dawn."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, conifer, dots, ridge
from sample_images.drawing.outlines import (
    Frame,
    curve,
    ellipse,
    gores,
    height_at,
    moved,
    patch,
    polygon,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Array,
    around,
    between,
    halo,
    noise,
    rise,
    times,
    vertical,
)


@dataclass(frozen=True, slots=True)
class _Cloth:
    """A balloon's colours: its panels in turn, and its belt with stars, where it has one."""

    panels: tuple[str, ...]
    belt: str | None = None


SUNRISE = _Cloth(("#e4503e", "#f7b545", "#fbe9c2", "#f7b545"), "#2b5a86")
TEAL = _Cloth(("#1f7f86", "#f4e7c6", "#2fa39a", "#f4e7c6"), "#1b5f70")
JADE = _Cloth(("#2f8a6d", "#f4e7c6", "#6fb58a", "#f4e7c6"))
PLUM = _Cloth(("#71407f", "#e58aa0", "#fbdcc8", "#e58aa0"))
INDIGO = _Cloth(("#35508f", "#f3d37a", "#5f86bd", "#f3d37a"), "#35508f")


def balloons_valley() -> Image.Image:
    """Five balloons drift over hills, a river and a village."""
    rng = np.random.default_rng(97)
    low = (290, "#fbd8cd"), (390, "#ffe6b8")
    canvas = Canvas(900, 600, vertical((0, "#6f9fd0"), (150, "#b9c9e6"), *low))
    canvas.wash("#ffe9b0", halo((660, 380), 500, 0.85, squash=0.8), screen)
    wisps = between(noise(15, 280, 26, octaves=5), 0.54, 0.74, 0.7)
    canvas.wash("#ffffff", times(wisps, rise(340, 150)))
    _hills(canvas, rng)
    _river(canvas)
    _village(canvas, rng, Frame((612, 512)))
    _meadow(canvas, rng)
    _lavender(canvas, rng)
    _balloon(canvas, Frame((806, 236), 0.3), PLUM)
    _balloon(canvas, Frame((470, 262), 0.24), JADE)
    _balloon(canvas, Frame((566, 128), 0.46), INDIGO)
    _balloon(canvas, Frame((728, 92), 0.36), TEAL)
    _balloon(canvas, Frame((258, 198), 1.05), SUNRISE)
    return canvas.finished(seed=97)


def _hills(canvas: Canvas, rng: Random) -> None:
    for i, (profile, rough, top, foot) in enumerate(
        (
            ("-20,352 140,330 300,356 470,322 640,350 780,318 920,340", 9, "#a9a9cc", "#f1d0c4"),
            ("-20,384 160,392 340,362 520,392 700,374 920,386", 6, "#8aa3b4", "#e2d3b6"),
            ("-20,420 180,398 380,430 560,412 740,430 920,402", 4, "#7fa892", "#d9d69a"),
            ("-20,446 200,470 420,450 640,474 920,440", 3, "#6d9f74", "#bccb7c"),
        )
    ):
        line = ridge(rng, profile, rough)
        high = float(line[:, 1].min())
        canvas.shape(under(line, 600), vertical((high, top), (high + 110, foot)))
        trees = []
        for x in rng.uniform(-10, 910, 36 if i > 1 else 0):
            ground = height_at(line, x) + rng.uniform(2, 16)
            trees.append(ellipse((float(x), ground - 3), 4 + 2 * i * rng.random(), 4 + i))
        canvas.shape(trees, "#4f8468", 0.75)
        mist = between(noise(50 + i, 260, 18), 0.4, 0.7, 0.8)
        band = times(rise(high + 4, high + 44), rise(high + 96, high + 50))
        canvas.wash("#fff1d8", times(mist, band))


def _river(canvas: Canvas) -> None:
    left = "700,478 640,486 690,500 560,516 420,532 470,566 330,612"
    river = patch(f"{left} | 520,612 | 560,566 520,540 640,518 748,502 680,488 716,478")
    canvas.shape(river, vertical((478, "#fff3d2"), (600, "#a9d0dc")))
    canvas.shape(stroke(curve(left), 1, 3), "#ffffff", 0.7)


def _village(canvas: Canvas, rng: Random, place: Frame) -> None:
    for _ in range(13):
        house = Frame(place.point(rng.uniform(70, 250), rng.uniform(-14, 26)))
        wide, high = rng.uniform(15, 24), rng.uniform(9, 14)
        wall = house.across(0, wide, "#fff6df", "#d8c3ab")
        canvas.shape(house(rectangle(0, 0, wide, high)), wall)
        roof = [(-2, 1), (4, -8), (wide - 4, -8), (wide + 2, 1)]
        canvas.shape(house(roof), str(rng.choice(["#c4553f", "#a8473d", "#d06b4a"])))
        windows = [rectangle(4, 4, 7, 8), rectangle(wide - 8, 4, wide - 5, 8)]
        canvas.shape([house(window) for window in windows], "#6d5560")
    church = Frame(place.point(160, 6))
    canvas.shape(church(rectangle(-8, -42, 8, 12)), church.across(-8, 8, "#fff6df", "#cdb8a4"))
    canvas.shape(church("-10,-41 0,-78 10,-41"), church.across(-10, 10, "#7d5a78", "#503a5a"))
    canvas.shape(church(ellipse((0, -30), 3.6)), "#6d5560")
    left, top = place.at
    trees = dots(rng, 26, (left + 60, top + 16, left + 290, top + 40), (6, 11))
    canvas.shape(trees, vertical((510, "#6b9c5f"), (560, "#3f7450")))


def _meadow(canvas: Canvas, rng: Random) -> None:
    line = curve("-20,486 90,498 210,532 330,584 400,620")
    hill = under(line, 620)
    canvas.shape(hill, vertical((486, "#86b060"), (600, "#2f6a48")))
    rows = []
    for i in range(10):
        row = Frame((-20 + i * 36, height_at(line, -20 + i * 36) + 4))
        rows.append(stroke(row(curve([(0, 0), (10 - i * 3, 60), (i * 2 - 40, 160)])), 2, 9))
    canvas.shape(rows, "#4e8650", 0.6, within=hill)
    flowers = dots(rng, 44, (0, 530, 330, 598), (1.5, 3))
    canvas.shape(flowers, "#f6d26a", 0.9, within=moved(hill, 0, 10))


def _lavender(canvas: Canvas, rng: Random) -> None:
    line = curve("520,620 620,570 740,556 920,528")
    canvas.shape(under(line, 620), vertical((530, "#79a75c"), (600, "#295f45")))
    rows = []
    for i in range(12):
        row = Frame((560 + i * 34, 0))
        bend = curve([(60, 540 + abs(i - 6) * 2), (10 - i * 2, 580), (-60, 630)])
        rows.append(row(stroke(bend, 3, 12)))
    purple = vertical((540, "#b392c9"), (600, "#6a4f95"))
    canvas.shape(rows, purple, 0.85, within=under(moved(line, 0, 6), 620))
    trees = [
        conifer(rng, foot, tall)
        for foot, tall in (((838, 549), 78), ((862, 549), 104), ((886, 551), 86))
    ]
    canvas.shape(trees, vertical((440, "#2f6a55"), (560, "#17423a")))


def _balloon(canvas: Canvas, place: Frame, cloth: _Cloth) -> None:
    t = np.linspace(0, 1, 40)
    # A round crown that narrows to the mouth.
    radius = 128 * np.sin(np.pi * t**0.82) ** 0.78 * (1 - 0.28 * t**3) + 19 * t**6
    right = np.stack([radius, 300 * t - 150], -1).astype(np.float32)
    envelope = place(np.concatenate([right, (right * (-1, 1))[::-1]]))
    for i, panel in enumerate(gores(right, 9, spun=0.5, tilt=10)):
        canvas.shape(place(panel), cloth.panels[i % len(cloth.panels)])
    if cloth.belt:
        belt = place(patch("-140,-14 0,16 140,-14 | 140,26 0,56 -140,26"))
        canvas.shape(belt, cloth.belt, within=envelope)
        spots = [(x, 35 - abs(x) ** 1.6 * 0.012) for x in (-88, -46, 0, 46, 88)]
        stars = [place(_star(Frame(spot, 15))) for spot in spots]
        canvas.shape(stars, "#fff3d0", within=envelope)
    size = place.scale
    light = (0, "#ffffff"), (120 * size, "#e9d6dc"), (260 * size, "#6d5a93")
    canvas.shape(envelope, around(place.point(60, -40), *light), 0.75, blend=multiply)
    shine = halo(place.point(66, -62), 120 * size, 0.55)
    canvas.shape(envelope, "#fff0c4", shine, blend=screen)
    _basket(canvas, place)


def _basket(canvas: Canvas, place: Frame) -> None:
    ropes = [place(stroke([(x, 148), (x * 0.8, 190)], 1.2)) for x in (-17, -6, 6, 17)]
    canvas.shape(ropes, "#5a4038")
    canvas.shape(place("-4,176 0,152 4,176"), "#ffe27a")
    people = [ellipse((x, 180), 5, 6) for x in (-7, 6)] + [rectangle(-12, 184, 11, 190)]
    canvas.shape([place(part) for part in people], "#4a3540")
    basket = place("-16,188 16,188 13,214 -13,214")
    canvas.shape(basket, place.across(-16, 16, "#7a4a2c", "#c98a4e"))
    canvas.shape(place(rectangle(-18, 186, 18, 191)), "#5a3522")


def _star(place: Frame) -> Array:
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False) - np.pi / 2
    reach = np.where(np.arange(10) % 2, 0.42, 1)
    return place(polygon(np.stack([np.cos(angles) * reach, np.sin(angles) * reach], -1)))

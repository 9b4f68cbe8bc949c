"""A city at dusk, mirrored by its river."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, dots, waves
from sample_images.drawing.outlines import (
    Frame,
    blob,
    circle_line,
    ellipse,
    patch,
    polygon,
    rectangle,
    stroke,
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

QUAY = 408
LAMPS = range(30, 900, 58)
INK = "#120d30"


@dataclass(frozen=True, slots=True)
class _Row:
    """Buildings side by side: sizes in pixels, and the share of windows with light behind."""

    widths: tuple[float, float]
    heights: tuple[float, float]
    top: str
    foot: str
    lit: float


FAR = _Row((40, 70), (70, 165), "#9c4d84", "#f0957c", 0)
MIDDLE = _Row((38, 62), (60, 215), "#5a3479", "#b35d80", 0.3)
NEAR = _Row((44, 78), (40, 150), "#2b2057", "#4f2f6c", 0.55)


def city_skyline_dusk() -> Image.Image:
    """Windows light up while the sky still glows."""
    rng = np.random.default_rng(64)
    canvas = _sky(rng)
    _street(canvas, rng, FAR)
    _wheel(canvas, (170, 300), 86)
    _street(canvas, rng, MIDDLE)
    _tower(canvas, Frame((505, 0)))
    _dome(canvas, Frame((690, 0)))
    _street(canvas, rng, NEAR)
    _trees(canvas, rng)
    canvas.mirror(QUAY, 600 - QUAY, lambda away: 3 + away * 0.16, 5)
    water = rectangle(0, QUAY, 900, 600)
    canvas.shape(water, vertical((QUAY, "#c9b4d6"), (600, "#4a3f86")), 0.9, blend=multiply)
    _shimmer(canvas, rng)
    _ferry(canvas, Frame((590, 470)))
    _promenade(canvas)
    return canvas.finished(seed=64)


def _sky(rng: Random) -> Canvas:
    upper = (0, "#1d1b4a"), (130, "#493078"), (250, "#a9477f")
    canvas = Canvas(900, 600, vertical(*upper, (340, "#f07f6c"), (QUAY, "#ffc27a")))
    canvas.wash("#ffb169", halo((330, QUAY), 520, 0.7, squash=0.6), screen)
    bands = noise(33, 300, 22, octaves=5)
    canvas.wash("#7b3a80", times(between(bands, 0.52, 0.7, 0.7), rise(330, 220)))
    canvas.wash("#ff9d74", times(between(bands, 0.58, 0.74, 0.6), rise(150, 260)))
    canvas.shape(dots(rng, 150, (0, 0, 900, 200), (0.5, 1.3)), "#fff4dd", rise(210, 40, 0.9))
    moon = Frame((735, 92), 26)
    crescent = patch(
        "0.34,-0.94 -0.34,-0.94 -0.87,-0.5 -1,0 -0.87,0.5 -0.34,0.94 0.34,0.94 0.72,0.7 |"
        "0.3,0.62 -0.12,0.3 -0.26,-0.15 -0.1,-0.6 0.34,-0.94"
    )
    canvas.shape(moon(crescent), "#fff3d0")
    canvas.wash("#ffe9c0", halo((728, 96), 90, 0.35), screen)
    return canvas


def _street(canvas: Canvas, rng: Random, row: _Row) -> None:
    x = -20.0
    while x < 900:
        width = rng.uniform(*row.widths)
        # Taller towards the middle, as city centres are.
        centre = 0.45 + 0.75 * np.exp(-(((x + width / 2 - 520) / 260) ** 2))
        height = rng.uniform(*row.heights) * centre + 30
        _building(canvas, rng, row, Frame((x, QUAY - height)), width)
        x += width + float(rng.choice([0, 0, 3, 9]))


def _building(canvas: Canvas, rng: Random, row: _Row, place: Frame, width: float) -> None:
    height = QUAY - place.at[1]
    roofs: list[list[Array]] = [
        [rectangle(8, -12, width - 8, 1), rectangle(width / 2 - 1.2, -44, width / 2 + 1.2, 0)],
        [polygon([(0, 1), (0, -4), (width, -26), (width, 1)])],
        [rectangle(6, -9, 20, 1), rectangle(width - 18, -15, width - 7, 1)],
        [],
        [],
    ]
    parts = [rectangle(0, 0, width, height), *roofs[rng.integers(len(roofs))]]
    tone = vertical((QUAY - 260, row.top), (QUAY, row.foot))
    canvas.shape([place(part) for part in parts], tone)
    canvas.shape(place(rectangle(width * 0.7, 0, width, height)), "#1a1244", 0.16)
    if row.lit:
        _windows(canvas, rng, row.lit, place, (width, height))


def _windows(
    canvas: Canvas, rng: Random, lit: float, place: Frame, size: tuple[float, float]
) -> None:
    panes: dict[str, list[Array]] = {"#ffd98a": [], "#ffb765": [], "#fff0c4": []}
    dark = []
    for y in np.arange(9, size[1] - 8, 10):
        for x in np.arange(6, size[0] - 8, 8.5):
            pane = place(rectangle(x, y, x + 4.6, y + 6))
            if rng.random() < lit:
                panes[str(rng.choice(list(panes)))].append(pane)
            else:
                dark.append(pane)
    canvas.shape(dark, "#1c1546", 0.4)
    for colour, group in panes.items():
        canvas.shape(group, colour, 0.55 + 0.4 * lit)


def _wheel(canvas: Canvas, centre: Point, radius: float) -> None:
    place = Frame(centre)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rim = [(float(np.cos(a)) * radius, float(np.sin(a)) * radius) for a in angles]
    spokes = [place(stroke([(-x, -y), (x, y)], 1)) for x, y in rim[:10]]
    legs = [place(stroke([(0, 0), (dx, QUAY - centre[1])], 5, 7)) for dx in (-40, 40)]
    canvas.shape([*spokes, *legs], "#43286c")
    for distance in (radius, radius - 8):
        canvas.shape(circle_line(centre, distance, 2.2), "#ff8fa0")
    cabins = [place(ellipse((x * 1.03, y * 1.03 + 4), 5.5)) for x, y in rim]
    canvas.shape(cabins, "#ffe6a6")
    canvas.shape(ellipse(centre, 9), "#ffcf8a")
    canvas.wash("#ff8f8a", halo(centre, radius * 1.5, 0.35), screen)


def _tower(canvas: Canvas, place: Frame) -> None:
    blocks = rectangle(-30, 190, 30, QUAY), rectangle(-23, 150, 23, 192)
    upper = rectangle(-15, 118, 15, 152), polygon("-8,119 0,30 8,119")
    tone = vertical((30, "#8f5f9c"), (120, "#4a3274"), (QUAY, "#7a4379"))
    canvas.shape([place(part) for part in (*blocks, *upper)], tone)
    windows = [(x, y) for y in range(160, 396, 12) for x in (-20, -11, -2, 7, 16)]
    lit = [(x, y) for x, y in windows if (y * 7 + x * 13) % 5]
    lights = [place(rectangle(x, y, x + 4, y + 7)) for x, y in lit]
    canvas.shape(lights, "#ffdf9c", 0.9)
    ledges = [rectangle(-x, y, x, y + 3) for x, y in ((23, 148), (30, 188), (15, 116))]
    canvas.shape([place(ledge) for ledge in ledges], "#ffe9b8")
    canvas.wash("#ffe0a0", halo(place.point(0, 118), 70, 0.4), screen)
    canvas.shape(place(ellipse((0, 32), 2.6)), "#ff6d6d")
    canvas.wash("#ff6d6d", halo(place.point(0, 32), 22, 0.8), screen)


def _dome(canvas: Canvas, place: Frame) -> None:
    dome = patch("-44,322 -40,286 0,262 40,286 44,322")
    rest = [rectangle(-52, 320, 52, QUAY), rectangle(-6, 244, 6, 268), rectangle(-1, 226, 1, 246)]
    tone = vertical((226, "#4a2f72"), (QUAY, "#83477b"))
    canvas.shape([place(part) for part in (dome, *rest)], tone)
    windows = [place(rectangle(i * 13 - 46, 330, i * 13 - 42, 396)) for i in range(8)]
    canvas.shape(windows, "#ffce8a", 0.8)


def _trees(canvas: Canvas, rng: Random) -> None:
    crowns = dots(rng, 80, (-10, QUAY - 14, 910, QUAY - 4), (8, 15), 0.8)
    canvas.shape(crowns, vertical((QUAY - 26, "#2c1f52"), (QUAY, "#171036")))
    for x in LAMPS:
        canvas.shape(ellipse((x, QUAY - 14), 2.4), "#fff0c4")
        canvas.wash("#ffcf7f", halo((x, QUAY - 14), 26, 0.55), screen)


def _shimmer(canvas: Canvas, rng: Random) -> None:
    canvas.shape(waves(rng, 230, QUAY + 2, 180, 60), "#ffc891", 0.5)
    canvas.shape(waves(rng, 290, QUAY + 2, 180, 80), "#1a1446", 0.4)
    places = [(x, y) for x in LAMPS for y in range(QUAY + 8, QUAY + 80, 5)]
    paths = [ellipse((x + rng.normal(0, 3), y), rng.uniform(3, 8), 1.3) for x, y in places]
    canvas.shape(paths, "#ffd998", rise(QUAY + 84, QUAY, 0.85))
    canvas.shape(rectangle(0, QUAY - 3, 900, QUAY + 3), "#20183f")


def _ferry(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((0, 20), 118, 8)), "#120c33", 0.6, soft=3)
    canvas.shape(place("-104,0 112,0 92,20 -88,20"), "#1b1440")
    decks = [
        rectangle(-84, -22, 72, 1),
        rectangle(-60, -40, 30, -21),
        rectangle(-38, -56, -20, -39),
    ]
    canvas.shape([place(deck) for deck in decks], "#2e225a")
    lower = [place(rectangle(x, -17, x + 10, -6)) for x in range(-78, 66, 16)]
    canvas.shape(lower, "#ffdc94")
    upper = [place(rectangle(x, -35, x + 10, -26)) for x in range(-54, 26, 16)]
    canvas.shape(upper, "#ffefc0")
    canvas.shape(place(rectangle(-104, 0, 112, 3)), "#ff8f78")
    canvas.wash("#ffc978", halo(place.point(0, -10), 150, 0.35, squash=0.5), screen)
    glow = [
        place(ellipse((x, 28 + row * 6), 7 - row, 1.4))
        for x in range(-72, 66, 16)
        for row in range(4)
    ]
    canvas.shape(glow, "#ffd48c", 0.55)


def _promenade(canvas: Canvas) -> None:
    canvas.shape(rectangle(0, 572, 900, 600), vertical((572, "#231a4c"), (600, "#0e0a29")))
    posts = [rectangle(x, 536, x + 3, 574) for x in range(6, 900, 24)]
    canvas.shape([*posts, rectangle(0, 534, 900, 539), rectangle(0, 553, 900, 555)], INK)
    for x in (120, 800):
        lamp = Frame((x, 0))
        post = [rectangle(-3, 398, 3, 574), rectangle(-7, 560, 7, 576)]
        hood = [polygon("-15,402 -9,372 9,372 15,402"), polygon("-13,373 0,360 13,373")]
        canvas.shape([lamp(part) for part in (*post, *hood)], INK)
        canvas.shape(lamp("-11,400 -7,376 7,376 11,400"), "#ffe6a8")
        canvas.wash("#ffcd7c", halo((x, 388), 130, 0.75), screen)
    _couple(canvas, Frame((360, 576)))


def _couple(canvas: Canvas, place: Frame) -> None:
    """Two people at the railing, seen from behind, heads together."""
    woman = [
        blob("-2,-88 7,-86 10,-76 5,-66 -5,-66 -9,-76"),
        ellipse((-1, -91), 5.5),
        patch("-4,-66 -16,-60 -18,-42 -13,-34 | -20,-4 -20,-2 | 12,-2 12,-4 | 9,-34 13,-50 4,-66"),
        rectangle(-10, -4, -5, 10),
        rectangle(1, -4, 6, 10),
    ]
    man = [
        blob("33,-102 43,-100 45,-88 39,-78 29,-78 24,-88 25,-98"),
        patch(
            "29,-78 18,-72 15,-54 19,-38 | 20,10 32,10 | 34,-20 36,10 | 48,10 50,-38 |"
            "54,-56 50,-72 39,-78"
        ),
    ]
    arm = stroke("46,-64 22,-50 -8,-50", 10, 9, 7)
    canvas.shape([place(part) for part in (*woman, *man, arm)], "#0d0926")

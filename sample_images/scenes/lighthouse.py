"""A lighthouse in a storm."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, puffs, ridge
from sample_images.drawing.outlines import (
    Frame,
    curve,
    ellipse,
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
    ramp,
    rise,
    times,
    vertical,
)

LAMP = (352.0, 268.0)
IRON = "#22303b"


def lighthouse_storm() -> Image.Image:
    """Waves break on the rock, the light sweeps through rain."""
    rng = np.random.default_rng(41)
    low = (560, "#6f9397"), (640, "#b9c3ae")
    canvas = Canvas(600, 900, vertical((0, "#0e1c2b"), (300, "#24465a"), *low))
    _clouds(canvas)
    _lightning(canvas, rng)
    _beam(canvas, (-60, 120), 74, 0.85)
    _beam(canvas, (690, 330), 58, 0.7)
    _wave(canvas, rng, _swell(604, 9, 150, 0.4), "#5d858c", "#1d4657")
    _wave(canvas, rng, _swell(642, 13, 190, 2.1), "#47757f", "#153a4c")
    _rock(canvas, rng)
    _tower(canvas)
    _lantern(canvas)
    _house(canvas, Frame((458, 640)))
    _breaker(canvas, rng)
    _wave(canvas, rng, _swell(748, 27, 270, 0.3), "#3c7480", "#123446")
    _wave(canvas, rng, _swell(802, 33, 330, 3.0), "#2a6272", "#0c2738")
    _wave(canvas, rng, _swell(866, 29, 290, 4.8), "#1d4f62", "#081c2b")
    _rain(canvas, rng)
    return canvas.finished(seed=41, vignette=0.3)


def _clouds(canvas: Canvas) -> None:
    heap = noise(61, 260, 110, octaves=5)
    torn = noise(62, 150, 60, octaves=5)
    canvas.wash("#0b1622", times(between(heap, 0.42, 0.66, 0.85), rise(520, 180)))
    silver = between(heap, 0.62, 0.86, 0.55)
    canvas.wash("#8fb0b2", times(silver, rise(560, 320), rise(90, 260)))
    canvas.wash("#30556a", times(between(torn, 0.52, 0.7, 0.6), rise(540, 300)))
    canvas.wash("#dfe2c8", times(between(torn, 0.6, 0.8, 0.5), rise(420, 590)))


def _lightning(canvas: Canvas, rng: Random) -> None:
    bolt = ridge(rng, "78,90 92,205 128,330 96,430 120,600", 26, 5)
    branch = ridge(rng, "124,345 176,420 190,500", 16, 4)
    fade = rise(95, 250)
    canvas.wash("#bfe0e8", halo((110, 400), 300, 0.6), screen)
    glow = [stroke(bolt, 5, 3, 4, 2), stroke(branch, 3, 1)]
    canvas.shape(glow, "#dff6ff", fade, soft=4, blend=screen)
    canvas.shape([stroke(bolt, 3.4, 2, 2.6, 1.2), stroke(branch, 1.8, 0.7)], "#fbffff", fade)


def _beam(canvas: Canvas, end: Point, spread: float, strength: float) -> None:
    upper, lower = (end[0], end[1] - spread), (end[0], end[1] + spread)
    cone = polygon([(LAMP[0], LAMP[1] - 3), upper, lower, (LAMP[0], LAMP[1] + 3)])
    near = ramp(end, LAMP)
    canvas.shape(
        cone,
        "#ffedb0",
        lambda x, y: strength * (0.12 + 0.88 * near(x, y) ** 1.3),
        soft=5,
        blend=screen,
    )


def _swell(level: float, height: float, length: float, phase: float) -> Array:
    """A line of waves whose crests are narrower than the troughs and lean forward."""
    x = np.linspace(-80, 680, 380)
    angle = x * 2 * np.pi / length + phase
    peaked = 1 - 2 * np.abs(np.sin(angle / 2)) ** 0.85
    small = 0.16 * np.sin(angle * 2.7 + 1) + 0.1 * np.sin(angle * 5.3)
    lean = np.maximum(peaked, -0.2) * height * 0.75
    return np.stack([x + lean, level - height * (peaked + small)], -1).astype(np.float32)


def _wave(canvas: Canvas, rng: Random, line: Array, bright: str, deep: str) -> None:
    top, low = float(line[:, 1].min()), float(line[:, 1].max())
    height = low - top
    canvas.shape(under(line, 920), vertical((top, bright), (top + 150, deep)))
    crest = ((low - line[:, 1]) / height) ** 2
    lower = line + np.stack([-crest * height * 0.1, 1 + crest * height * 0.3], -1)
    foam = np.concatenate([line, lower[::-1]]).astype(np.float32)
    canvas.shape(foam, "#e9f4ee", 0.3 + min(height / 80, 0.6))
    streaks = []
    for i in rng.integers(10, len(line) - 10, int(height)):
        start = Frame((line[i][0], line[i][1] + height * rng.uniform(0.2, 1)))
        streak = curve([(0, 0), (-20, rng.uniform(1, 7)), (-44, rng.uniform(2, 12))])
        streaks.append(stroke(start(streak), 0.5, height * 0.03, 0.5))
    canvas.shape(streaks, "#bfe0da", 0.4)


def _rock(canvas: Canvas, rng: Random) -> None:
    line = "150,790 196,700 250,640 300,612 410,606 470,622 540,668 600,690 660,740"
    top = ridge(rng, line, 15, 4)
    rock = under(top, 900)
    canvas.shape(rock, vertical((600, "#3d4a4f"), (780, "#12202b")))
    facets = noise(77, 46, 90, octaves=3)
    canvas.shape(rock, "#75837d", times(between(facets, 0.54, 0.6, 0.55), rise(760, 620)))
    canvas.shape(rock, "#0a141d", between(facets, 0.44, 0.38, 0.6))
    canvas.shape(stroke(top, 3), "#9fb0a2", 0.6)


def _tower(canvas: Canvas) -> None:
    place = Frame((LAMP[0], 0))
    body = place(patch("-31,306 31,306 | 52,618 | 30,630 0,633 -30,630 -52,618 | -31,306"))
    canvas.shape(body, place.across(-52, 52, "#fdf8ea", "#efe8d8", "#8b9aa0", "#53646f"))
    red = place.across(-52, 52, "#e2513f", "#c93f38", "#6f2530", "#491c2b")
    for top in (346, 438, 530):
        bow = patch(f"-60,{top} 0,{top + 8} 60,{top} | 60,{top + 44} 0,{top + 54} -60,{top + 44}")
        canvas.shape(place(bow), red, within=body)
    for y in (324, 414, 508):
        opening = [rectangle(-7, y, 7, y + 18), ellipse((0, y), 7)]
        pane = [rectangle(-4, y + 1, 4, y + 16), ellipse((0, y + 1), 4)]
        canvas.shape([place(part) for part in opening], "#1a2733")
        canvas.shape([place(part) for part in pane], "#ffd98a")


def _lantern(canvas: Canvas) -> None:
    place = Frame((LAMP[0], 0))
    rails = [rectangle(i * 12.2 - 43, 280, i * 12.2 - 41, 300) for i in range(8)]
    gallery = [rectangle(-44, 298, 44, 308), rectangle(-44, 278, 44, 281), *rails]
    canvas.shape([place(part) for part in gallery], IRON)
    canvas.shape(place(rectangle(-24, 244, 24, 298)), vertical((244, "#fff4c4"), (298, "#ffc95f")))
    posts = [rectangle(x - 1.5, 244, x + 1.5, 298) for x in (-23, -9, 9, 23)]
    canvas.shape([place(post) for post in posts], IRON)
    dome = place(patch("-32,246 -22,222 0,210 22,222 32,246"))
    canvas.shape(dome, place.across(-32, 32, "#d2483d", "#8a2b32", "#4a1b29"))
    canvas.shape([place(rectangle(-1.5, 186, 1.5, 214)), place(ellipse((0, 211), 5))], IRON)
    canvas.wash("#fff1b8", halo(LAMP, 170, 0.95), screen)
    canvas.shape(ellipse(LAMP, 13), "#fffdf0", soft=3)


def _house(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(rectangle(-48, -62, 48, 14)), place.across(-48, 48, "#d9d6c8", "#7f8d92"))
    canvas.shape(place("-56,-60 -34,-94 36,-94 57,-60"), "#5a2a33")
    canvas.shape(place(rectangle(20, -108, 32, -84)), "#4a3b40")
    for left in (-32, 12):
        canvas.shape(place(rectangle(left, -48, left + 18, -26)), "#ffcf73")
        bars = [rectangle(left + 8, -48, left + 10, -26), rectangle(left, -38, left + 18, -36)]
        canvas.shape([place(bar) for bar in bars], "#4a3b40")
    canvas.wash("#ffb95c", halo(place.point(-1, -36), 80, 0.4), screen)
    stones = place(patch("-70,6 -46,-4 -20,6 6,0 30,8 58,-2 86,14 | 80,40 -70,40 -70,6"))
    canvas.shape(stones, vertical((630, "#4a585b"), (680, "#2b393f")))


def _breaker(canvas: Canvas, rng: Random) -> None:
    """The wave that bursts against the rock, on the left."""
    foot = Frame((176, 772))
    layers = (20, 46, 0.45, 7), (46, 20, 0.6, 2.5), (46, 8, 0.9, 0.7)
    for count, width, strength, soft in layers:
        jets = []
        for angle in rng.normal(-6, 15, count):
            height = rng.uniform(0.45, 1) * 250 * np.exp(-((angle / 30) ** 2))
            lean = np.tan(np.radians(angle)) * height * 1.25
            start = angle * 2.6
            bend, tip = (start + lean * 0.35, -height * 0.65), (start + lean, -height)
            jets.append(foot(stroke(curve([(start, 0), bend, tip]), width * 1.8, width, 1)))
            jets.append(foot(ellipse(bend, width * 0.6)))
        canvas.shape(jets, vertical((540, "#ffffff"), (775, "#9fc4c7")), strength, soft=soft)
    heap = [*puffs(rng, foot.point(-70, 6), 150, 62), *puffs(rng, foot.point(60, 6), 130, 50)]
    canvas.shape(heap, vertical((706, "#ffffff"), (780, "#9fc4c7")), 0.9, soft=1.5)
    drops = []
    for angle, reach in zip(rng.normal(-97, 19, 110), rng.uniform(110, 285, 110), strict=True):
        radians = np.radians(angle)
        drop = (reach * np.cos(radians), reach * np.sin(radians))
        drops.append(foot(ellipse(drop, rng.uniform(0.8, 3.2))))
    canvas.shape(drops, "#f4fbf8", 0.85)


def _rain(canvas: Canvas, rng: Random) -> None:
    streaks = []
    for _ in range(330):
        start = Frame((rng.uniform(-20, 700), rng.uniform(-40, 900)), rng.uniform(18, 54))
        streaks.append(stroke(start("0,0 -0.36,1"), 0.5, 1.1))
    canvas.shape(streaks, "#d5e8ea", 0.3)

"""Northern lights above a cabin in the snow."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, conifer, conifers, dots, ridge
from sample_images.drawing.outlines import (
    Frame,
    curve,
    ellipse,
    moved,
    patch,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Array,
    Field,
    Point,
    around,
    between,
    halo,
    noise,
    rise,
    smooth,
    times,
    vertical,
)
from sample_images.scenes.stars import strew_stars


def winter_cabin_aurora() -> Image.Image:
    """Green and violet curtains of light over a snowed-in cabin."""
    rng = np.random.default_rng(118)
    canvas = Canvas(900, 600, vertical((0, "#0a0f33"), (260, "#123a5f"), (420, "#2d7280")))
    strew_stars(canvas, rng, 420)
    _aurora(canvas)
    _mountains(canvas, rng)
    _snow(canvas)
    _cabin(canvas, Frame((560, 486)))
    for foot, height in (
        ((120, 540), 290),
        ((196, 556), 190),
        ((44, 556), 210),
        ((818, 540), 250),
        ((746, 552), 150),
        ((884, 560), 180),
    ):
        _snowy_spruce(canvas, rng, foot, height)
    _trail(canvas)
    canvas.shape(dots(rng, 90, (0, 0, 900, 600), (0.6, 1.8)), "#ffffff", 0.5)
    return canvas.finished(seed=118, grain=0.012, vignette=0.25)


def _curtain(level: float, reach: float, phase: float, seed: int) -> Field:
    """A curtain of light: brightest along a winding lower edge, fading upwards in rays."""
    rays, folds = noise(29 + seed, 13, 900, octaves=3), noise(40 + seed, 80, 1200, octaves=2)
    patches = between(noise(60 + seed, 210, 2000, octaves=2), 0.3, 0.62)

    def field(x: Array, y: Array) -> Array:
        sway = np.sin(x / 128 + phase) + 0.5 * np.sin(x / 49 + phase * 2.1)
        reached = reach * (0.5 + folds(x, y * 0))
        lift = ((level + 36 * sway - y) / reached).astype(np.float32)
        # A soft lower edge: light that starts sharply would look like a hill in front of it.
        edge = smooth((lift + np.float32(0.16)) / np.float32(0.3))
        glow = edge * np.exp(-2.3 * np.maximum(lift, 0)) * patches(x, y * 0)
        return np.asarray(glow * (0.4 + 0.95 * rays(x, y)), np.float32)

    return field


def _aurora(canvas: Canvas) -> None:
    canvas.wash("#37c79a", halo((450, 230), 560, 0.3, squash=0.55), screen)
    for level, reach, phase, foot, top, seed in (
        (130, 170, 0.5, "#4fe0b0", "#7a5cf0", 0),
        (290, 190, 4.0, "#6ff0a8", "#38a7c7", 1),
        (216, 250, 2.2, "#a0ffc0", "#6a6cf0", 2),
    ):
        ink = vertical((level - reach, top), (level - reach * 0.35, foot), (level + 40, "#c8ffd0"))
        canvas.wash(ink, _curtain(level, reach, phase, seed), screen)


def _mountains(canvas: Canvas, rng: Random) -> None:
    far = ridge(rng, "-20,404 130,330 250,384 400,296 540,380 690,318 920,400", 26)
    mountains = under(far, 600)
    canvas.shape(mountains, vertical((290, "#5f8fae"), (440, "#2b5a7c")))
    creases = between(noise(27, 40, 90, octaves=3), 0.48, 0.6, 0.7)
    canvas.shape(mountains, "#d3ecec", times(creases, rise(430, 320)))
    canvas.shape(mountains, "#7fe8b8", rise(430, 300, 0.25), blend=screen)
    ground = curve("-20,432 450,436 920,430")
    for count, heights, tone, foot in (
        (110, (30, 66), "#2a5a74", "#4d8795"),
        (70, (42, 92), "#163a55", "#2f6277"),
    ):
        wood = conifers(rng, ground, count, heights, 14)
        canvas.shape(wood, vertical((350, tone), (450, foot)))


def _snow(canvas: Canvas) -> None:
    snow = under(curve("-20,446 150,432 330,452 520,436 700,450 920,428"), 620)
    canvas.shape(snow, vertical((430, "#a9d6d8"), (510, "#7fa9c9"), (600, "#46669c")))
    drifts = noise(28, 260, 30, octaves=3)
    canvas.shape(snow, "#e6fbf2", times(between(drifts, 0.5, 0.68, 0.6), rise(436, 470)))
    canvas.shape(snow, "#3d5c97", times(between(drifts, 0.46, 0.3, 0.5), rise(450, 520)))


def _snowy_spruce(canvas: Canvas, rng: Random, foot: Point, height: float) -> None:
    place = Frame(foot, height)
    canvas.shape(place(ellipse((0.02, 0), 0.24, 0.035)), "#2f4c86", 0.6, soft=4)
    green = place.across(-0.2, 0.2, "#1f5560", "#103448", "#0a2338")
    canvas.shape(conifer(rng, foot, height), green)
    heaps = []
    for share in np.linspace(0.08, 0.9, 9).tolist():
        reach, level = 0.19 * share**0.85, 0.93 * share - 0.98
        for side in (-1, 1):
            tip = (side * reach * rng.uniform(0.75, 1.0), level + 0.05)
            bough = curve([(side * reach * 0.06, level - 0.05), (tip[0] / 2, level - 0.015), tip])
            heaps.append(place(stroke(bough, 2 / height, 0.036, 2 / height)))
    canvas.shape(heaps, place.down(-1, 0, "#e9fff4", "#a9cfe0"), 0.92)


def _cabin(canvas: Canvas, place: Frame) -> None:
    canvas.wash("#ffb35c", halo(place.point(0, -6), 190, 0.5, squash=0.6), screen)
    smoke = place(curve("46,-112 58,-150 40,-190 66,-240"))
    canvas.shape(stroke(smoke, 6, 16, 26, 40), "#dff2ee", rise(236, 366, 0.5), soft=6)
    canvas.shape(place(rectangle(36, -112, 54, -66)), "#4a3040")
    canvas.shape(place(rectangle(33, -117, 57, -109)), "#f4fffb")
    wall = place(rectangle(-82, -48, 82, 14))
    canvas.shape(wall, place.across(-82, 82, "#8a5238", "#5a3230"))
    logs = [place(rectangle(-82, y, 82, y + 2)) for y in range(-48, 14, 10)]
    canvas.shape(logs, "#3a2028", 0.55)
    canvas.shape(place("-98,-38 98,-38 90,-46 -90,-46"), "#2a1826")
    heap = "-106,-38 -84,-64 -58,-104 -40,-110 44,-110 62,-102 86,-64 106,-38"
    roof = place(patch(f"{heap} | 70,-44 30,-38 -20,-44 -60,-38 -106,-38"))
    canvas.shape(roof, place.down(-112, -38, "#f2fff8", "#9fc3dc"))
    for x in (-64, 30):
        _window(canvas, Frame(place.point(x, -33)))
    canvas.shape(place(rectangle(-15, -36, 15, 14)), "#3d2028")
    canvas.shape(place(rectangle(-11, -32, 11, 14)), "#a8402f")
    canvas.shape(place(ellipse((0, -18), 7)), "#3f7a4d")
    canvas.shape(place(ellipse((0, -18), 3.6)), "#a8402f")
    canvas.shape(place(ellipse((7, -6), 1.6)), "#ffd27a")
    drift = patch("-120,22 -80,8 -30,16 -16,14 16,14 40,16 80,8 126,22")
    canvas.shape(place(drift), "#cfeaea", soft=1)


def _window(canvas: Canvas, place: Frame) -> None:
    """A lit window and the light that it throws on the snow."""
    canvas.shape(place(rectangle(-3, -3, 37, 29)), "#2f1a20")
    warm = around(place.point(17, 13), (0, "#fff3bd"), (26, "#ffb84f"))
    canvas.shape(place(rectangle(0, 0, 34, 26)), warm)
    bars = [rectangle(15.5, 0, 18.5, 26), rectangle(0, 11.5, 34, 14.5)]
    canvas.shape([place(bar) for bar in bars], "#5a3228")
    fade = rise(place.at[1] + 99, place.at[1] + 43, 0.7)
    canvas.shape(place("0,51 34,51 56,93 -22,93"), "#ffca78", fade, soft=5, blend=screen)


def _trail(canvas: Canvas) -> None:
    steps = []
    for i in range(15):
        share = i / 15
        side = (5 + 7 * share) * (-1) ** i
        place = (556 - 40 * np.sin(share * 3.4) - share * 90 + side, 506 + share**1.2 * 94)
        steps.append(ellipse(place, 3.4 + 4.5 * share, 1.8 + 2 * share))
    canvas.shape(steps, "#3f5f9a", 0.75)
    canvas.shape([moved(step, 0, 1.6) for step in steps], "#e6fbf2", 0.25)

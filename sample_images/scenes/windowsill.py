"""A cat on a sunny windowsill."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, multiply, screen
from sample_images.drawing.nature import Random, dots, puffs, ridge
from sample_images.drawing.outlines import (
    Frame,
    circle_line,
    curve,
    ellipse,
    moved,
    patch,
    polygon,
    rectangle,
    stroke,
    turn,
    under,
)
from sample_images.drawing.paints import (
    Array,
    along,
    between,
    halo,
    noise,
    rise,
    vertical,
)
from sample_images.scenes.sitting_cat import sitting_cat

SILL = 470
CENTRE = 450


def cat_windowsill() -> Image.Image:
    """The cat looks at the viewer; behind it, a village on a summer afternoon."""
    rng = np.random.default_rng(131)
    canvas = Canvas(900, 600, along((0, 0), (900, 600), "#c98d6b", "#a8644f", "#6d3c3d"))
    canvas.wash("#f0bd8c", between(noise(31, 110, octaves=3), 0.5, 0.9, 0.18))
    _sky(canvas, rng, rectangle(196, 36, 704, SILL))
    _country(canvas, rng, rectangle(196, 36, 704, SILL))
    _frame(canvas)
    _curtain(canvas, 1)
    _curtain(canvas, -1)
    _sill(canvas)
    _plant(canvas, Frame((632, SILL + 22)))
    _books(canvas, Frame((206, SILL + 26)))
    _cup(canvas, Frame((264, SILL - 28)))
    sitting_cat(canvas, Frame((436, SILL + 16), 1.08))
    for top, foot in ((250, -60), (420, 120), (590, 300)):
        beam = polygon([(top, 30), (top + 100, 30), (foot + 170, 610), (foot, 610)])
        canvas.shape(beam, "#ffe3a3", rise(620, 60, 0.24), soft=8, blend=screen)
    canvas.shape(dots(rng, 60, (60, 60, 700, 560), (0.7, 2)), "#fff6d2", 0.6)
    return canvas.finished(seed=131, vignette=0.3)


def _sky(canvas: Canvas, rng: Random, view: Array) -> None:
    canvas.shape(view, vertical((36, "#6fbbe6"), (250, "#d4eef0"), (330, "#fff3cf")))
    canvas.shape(view, "#fff2c0", halo((250, 60), 330, 0.9), blend=screen)
    for x, foot, width, height in ((560, 150, 190, 74), (320, 190, 130, 46), (690, 214, 120, 44)):
        white = vertical((foot - height, "#ffffff"), (foot, "#cfe2ee"))
        canvas.shape(puffs(rng, (x, foot), width, height), white, 0.95, soft=1.5, within=view)


def _country(canvas: Canvas, rng: Random, view: Array) -> None:
    for profile, high, top, foot in (
        ("180,330 300,288 430,322 560,276 720,320", 276, "#8db8b4", "#c7ddb9"),
        ("180,352 320,372 470,336 600,360 720,330", 330, "#8abb74", "#bcd68a"),
        ("180,410 330,388 480,412 720,380", 380, "#6fa75a", "#94c470"),
    ):
        hill = under(ridge(rng, profile, 4), SILL)
        canvas.shape(hill, vertical((high, top), (SILL, foot)), within=view)
    for x, y in ((590, 344), (618, 352), (568, 358), (644, 340)):
        house = Frame((x, y))
        canvas.shape(house(rectangle(0, 0, 24, 16)), "#fff4dd", within=view)
        canvas.shape(house("-3,1 5,-11 19,-11 27,1"), "#c9573f", within=view)
    for x, y, size in ((262, 398, 34), (232, 408, 26), (300, 408, 22), (690, 392, 26)):
        tree = Frame((x, y))
        green = tree.across(-size, size, "#7fb45a", "#3f7d47")
        crown = puffs(rng, (x, y), size * 1.7, size * 2)
        canvas.shape([*crown, tree(rectangle(-3, -6, 3, 16))], green, within=view)


def _frame(canvas: Canvas) -> None:
    pale = along((180, 0), (720, 0), "#fff8e6", "#f1e2cc", "#d9c2ad")
    uprights = [rectangle(x, 22, x + width, SILL) for x, width in ((182, 24), (694, 24), (440, 18))]
    bars = [*uprights, rectangle(182, 22, 718, 46), rectangle(200, 196, 700, 210)]
    shadows = [moved(bar, 5, 5) for bar in bars]
    canvas.shape(shadows, "#5a3a40", 0.3, soft=3, blend=multiply)
    canvas.shape(bars, pale)
    edges = [rectangle(203, 46, 206, SILL), rectangle(455, 46, 458, SILL)]
    edges += [rectangle(206, 207, 694, 210), rectangle(206, 43, 694, 46)]
    canvas.shape(edges, "#b89a86", 0.8)
    canvas.shape(rectangle(60, 10, 840, 17), vertical((10, "#8a5a3c"), (18, "#4f2f26")))
    canvas.shape([ellipse((60, 13), 9), ellipse((840, 13), 9)], "#6d4430")


def _curtain(canvas: Canvas, side: int) -> None:
    """A gathered curtain; ``side`` is 1 for the left one, -1 for the right one."""
    # Drawn as the left one, mirrored about the window's middle for the right one.
    flip = np.array((side, 1), np.float32)
    shift = (CENTRE - side * CENTRE, 0)

    def lay(outline: Array) -> Array:
        return moved(outline * flip, *shift)

    cloth = lay(patch("250,14 246,160 224,300 190,356 | 222,440 246,560 | 96,560 | 96,14 | 250,14"))
    canvas.shape(moved(cloth, 6 * side, 6), "#4a2a30", 0.35, soft=6, blend=multiply)
    lit, shaded = ("#f7e6d0", "#f4d9c0", "#fff1dc"), ("#ffeed6", "#e2bfa6", "#c79c88")
    ends = (96, 250) if side > 0 else (650, 804)
    canvas.shape(cloth, along((ends[0], 0), (ends[1], 0), *(lit if side > 0 else shaded)))
    for share in np.linspace(0.1, 0.92, 8).tolist():
        top, waist = 96 + 154 * share, 96 + 94 * share
        fold = curve(
            [(top, 16), (top, 180), (waist, 356), (top * 0.6 + waist * 0.4, 460), (top, 560)]
        )
        dark = lay(stroke(fold, 2, 9, 4, 9, 6))
        canvas.shape(dark, "#9c6a5a", 0.4, soft=2.5, within=cloth, blend=multiply)
        light = moved(lay(stroke(fold, 2, 6, 3, 6, 4)), 7, 0)
        canvas.shape(light, "#fffaf0", 0.4, soft=2, within=cloth)
    tie = lay(stroke(curve("92,336 140,360 196,352"), 13))
    canvas.shape(tie, "#c4573d", within=cloth)


def _sill(canvas: Canvas) -> None:
    board = polygon([(120, SILL - 6), (780, SILL - 6), (836, SILL + 44), (64, SILL + 44)])
    canvas.shape(board, vertical((SILL, "#fff4dc"), (SILL + 44, "#e6c9a4")))
    canvas.shape(board, "#b9875a", between(noise(32, 120, 4, octaves=3), 0.55, 0.75, 0.35))
    front = rectangle(64, SILL + 44, 836, SILL + 66)
    canvas.shape(front, vertical((SILL + 44, "#c99a70"), (SILL + 66, "#94613f")))
    shadow = rectangle(64, SILL + 66, 836, SILL + 96)
    fade = rise(SILL + 100, SILL + 66, 0.4)
    canvas.shape(shadow, "#3a1f28", fade, soft=3, blend=multiply)
    sun = polygon([(230, SILL - 4), (430, SILL - 4), (330, SILL + 44), (96, SILL + 44)])
    canvas.shape(sun, "#fff0c0", 0.5, soft=3, blend=screen)


def _plant(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((36, 2), 66, 9)), "#6d4030", 0.5, soft=4, blend=multiply)
    green = along(place.point(-80, -200), place.point(90, -80), "#9fd06a", "#4f9a58", "#225f4a")
    leaf = patch("0,0 -0.21,-0.45 0,-1 | 0.21,-0.45 0,0")
    rib = stroke(curve("0,0 0.02,-0.5 0,-0.94"), 0.022, 0.014, 0.004)
    for angle, length in (
        (-64, 112),
        (74, 96),
        (-36, 150),
        (50, 132),
        (-8, 172),
        (24, 156),
        (2, 96),
    ):
        stem = Frame(place.point(0, -74), length)
        canvas.shape(moved(stem(turn(leaf, angle)), 3, 4), "#1d4a3c", 0.4, soft=3)
        canvas.shape(stem(turn(leaf, angle)), green)
        canvas.shape(stem(turn(rib, angle)), "#d4ec9f", 0.75)
    canvas.shape(
        place("-40,-74 40,-74 30,0 -30,0"), place.across(-40, 40, "#e88a5f", "#c4573d", "#7a3030")
    )
    rim = place.across(-45, 45, "#f59c70", "#d0613f", "#87352f")
    canvas.shape(place(rectangle(-45, -84, 45, -66)), rim)


def _books(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(ellipse((44, 1), 92, 8)), "#6d4030", 0.5, soft=4, blend=multiply)
    for left, right, foot, height, colour, edge in (
        (-4, 130, 0, 20, "#35608f", "#1f3d66"),
        (6, 118, -20, 16, "#e0b040", "#a8741f"),
        (-2, 122, -36, 18, "#b8453d", "#7a2430"),
    ):
        top = foot - height
        canvas.shape(place(rectangle(left, top, right, foot)), place.across(0, 130, colour, edge))
        canvas.shape(place(rectangle(right - 8, top + 3, right + 1, foot - 3)), "#fff4dd")
        bands = [
            rectangle(left + x, top, left + x + width, foot) for x, width in ((12, 3), (20, 2))
        ]
        canvas.shape([place(band) for band in bands], "#ffe6a8", 0.8)


def _cup(canvas: Canvas, place: Frame) -> None:
    canvas.shape(place(circle_line((25, -16), 10, 5)), "#e6ded2")
    cup = place(patch("-24,-36 -23,-12 -14,0 14,0 23,-12 24,-36"))
    canvas.shape(cup, place.across(-24, 24, "#ffffff", "#efe6da", "#b7a49c"))
    canvas.shape(place(ellipse((0, -36), 24, 5)), "#fffaf2")
    canvas.shape(place(ellipse((0, -35.4), 20, 3.6)), "#6d3f28")
    for x in (-8, 7):
        steam = curve([(x, -42), (x + 8, -62), (x - 6, -82), (x + 4, -106)])
        canvas.shape(place(stroke(steam, 2, 7, 6, 2)), "#ffffff", 0.6, soft=2.5)

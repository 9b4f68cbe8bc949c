"""A cat's head, awake or asleep, for the pictures that show one from the front."""

from dataclasses import dataclass

import numpy as np

from sample_images.drawing.canvas import Canvas
from sample_images.drawing.outlines import Frame, blob, curve, ellipse, patch, stroke, symmetric
from sample_images.drawing.paints import Array, along, around


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of a cat."""

    light: str
    base: str
    shade: str
    stripes: str
    eyes: str = "#9fc75a"


def both(outline: Array) -> list[Array]:
    """A drawing of the right side, and the same for the left."""
    return [outline, outline * np.array((-1, 1), np.float32)]


def head(canvas: Canvas, place: Frame, coat: Coat, *, asleep: bool = False) -> None:
    """Draws a head about 130 pixels wide at scale 1; (0, 0) is between the eyes."""
    _ears(canvas, place, coat)
    skull = place(symmetric("0,-51 28,-46 50,-28 59,0 70,17 56,25 44,37 22,47 0,50"))
    light, shade = place.point(-60, -30), place.point(62, 40)
    canvas.shape(skull, along(light, shade, coat.light, coat.base, coat.shade))
    _markings(canvas, place, coat, skull)
    cream = around(place.point(-6, 18), (0, "#fffdf6"), (40 * place.scale, "#ecdccb"))
    muzzle = [*both(ellipse((13, 25), 19, 14)), ellipse((0, 37), 16, 9)]
    canvas.shape([place(part) for part in muzzle], cream, 0.95, soft=1.2, within=skull)
    if asleep:
        _closed_eyes(canvas, place, coat)
    else:
        _open_eyes(canvas, place, coat)
    _nose(canvas, place)
    _whiskers(canvas, place)


def _ears(canvas: Canvas, place: Frame, coat: Coat) -> None:
    outer = both(patch("57,-10 62,-48 54,-80 | 32,-66 10,-42"))
    fur = along(place.point(0, -84), place.point(0, -20), coat.base, coat.shade)
    canvas.shape([place(ear) for ear in outer], fur)
    inner = both(patch("50,-22 54,-46 50,-66 | 36,-56 22,-40"))
    pink = along(place.point(0, -70), place.point(0, -26), "#f3b8a6", "#c97f78")
    canvas.shape([place(ear) for ear in inner], pink)
    for line in ("26,-30 29,-44 33,-58", "33,-30 36,-44 40,-55", "40,-30 43,-44 47,-52"):
        tufts = both(stroke(curve(line), 5, 3, 0.5))
        canvas.shape([place(tuft) for tuft in tufts], coat.light, 0.85)


def _markings(canvas: Canvas, place: Frame, coat: Coat, skull: Array) -> None:
    bands = [stroke(curve("0,-53 0,-36 0,-24"), 9, 6, 1.5)]
    for line in (
        "14,-52 13,-36 10,-26",
        "28,-50 25,-36 19,-29",
        "66,0 52,3 40,1",
        "72,14 56,14 43,10",
        "64,30 52,26 42,20",
    ):
        bands += both(stroke(curve(line), 9, 6, 1.5))
    canvas.shape([place(band) for band in bands], coat.stripes, 0.8, soft=0.7, within=skull)
    patches = [place(spot) for spot in both(ellipse((25, -3), 19, 17))]
    canvas.shape(patches, coat.light, 0.55, soft=3 * place.scale, within=skull)
    bridge = place(blob("-7,-18 7,-18 10,12 -10,12"))
    canvas.shape(bridge, coat.light, 0.4, soft=2, within=skull)


def _open_eyes(canvas: Canvas, place: Frame, coat: Coat) -> None:
    almond = patch("10,5 15,-8 27,-14 39,-5 | 34,7 23,12 10,5")
    rims = both(almond * np.array((1.12, 1.16), np.float32) - np.array((3, 0), np.float32))
    canvas.shape([place(rim) for rim in rims], "#3a2328")
    for side, eye in zip((1, -1), both(almond), strict=True):
        outline = place(eye)
        bright, dark = (13 * place.scale, coat.eyes), (19 * place.scale, "#3f6b3a")
        iris = around(place.point(side * 25, 3), (0, "#e9f0a8"), bright, dark)
        canvas.shape(outline, iris)
        x = side * 24.5
        canvas.shape(place(ellipse((x, -1), 5.2, 11.5)), "#1a1216", within=outline)
        glints = [place(ellipse((x - 4, -6), 3.6)), place(ellipse((x + 4, 5), 1.7))]
        canvas.shape(glints, "#ffffff", 0.95)


def _closed_eyes(canvas: Canvas, place: Frame, coat: Coat) -> None:
    lids = both(stroke(curve("11,-1 18,6 28,7 39,0"), 1.5, 4, 4, 1.5))
    lashes = both(stroke(curve("33,5 38,8"), 2, 1))
    canvas.shape([place(line) for line in (*lids, *lashes)], coat.stripes)


def _nose(canvas: Canvas, place: Frame) -> None:
    nose = place(blob("-8,11 0,9.5 8,11 4,17 0,20 -4,17"))
    canvas.shape(nose, along(place.point(0, 9), place.point(0, 20), "#f0a099", "#c4625f"))
    mouth = [stroke("0,19 0,25", 2), *both(stroke(curve("0,25 6,31 14,30 18,25"), 2.2, 2.2, 1))]
    canvas.shape([place(line) for line in mouth], "#7a4140")


def _whiskers(canvas: Canvas, place: Frame) -> None:
    roots = [root for spot in ((15, 21), (20, 25), (14, 27)) for root in both(ellipse(spot, 1.1))]
    canvas.shape([place(root) for root in roots], "#9a7a6c", 0.8)
    whiskers = []
    for line in ("20,21 58,20 98,10", "20,24 58,25 98,24", "20,28 58,32 98,40"):
        whiskers += both(stroke(curve(line), 1.6, 1.2, 0.5))
    canvas.shape([place(whisker) for whisker in whiskers], "#ffffff", 0.85)

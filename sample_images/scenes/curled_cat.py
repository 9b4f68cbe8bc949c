"""A grey tabby that sleeps curled up, seen from above."""

import numpy as np

from sample_images.drawing.canvas import Canvas, multiply
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    moved,
    rungs,
    stroke,
    turn,
)
from sample_images.drawing.paints import Array, around
from sample_images.scenes.cat_head import Coat, head

TABBY = Coat(light="#d5d3d6", base="#a7a6b0", shade="#62637a", stripes="#4e4f66")


def curled_cat(canvas: Canvas, place: Frame) -> None:
    """Draws the cat about (0, 0), lit from the upper left; 150 pixels to its back at scale 1."""
    back = "-142,30 -148,-20 -132,-78 -86,-126 -20,-146 52,-138 110,-100 142,-40"
    body = place(blob(f"{back} 144,26 120,84 70,122 10,134 -50,130 -104,104 -134,70"))
    canvas.shape(moved(body, 12, 14), "#2a1430", 0.6, soft=9, blend=multiply)
    fur = (0, TABBY.light), (90, TABBY.base), (250, TABBY.shade)
    canvas.shape(body, around(place.point(-50, -70), *fur))
    _stripes(canvas, place, body)
    _hair(canvas, place, body)
    _haunch(canvas, place, body)
    hollow = place(curve("20,84 -10,46 -22,4 -60,-22 -98,-16"))
    fold = stroke(hollow, 4, 16, 20, 12, 3)
    canvas.shape(fold, "#2f2a44", 0.5, soft=7, blend=multiply, within=body)
    _paws(canvas, place)
    _tail(canvas, place)
    face = Frame(place.point(-62, 52), 1.12 * place.scale, -24)
    canvas.shape(face(ellipse((6, 8), 72, 56)), "#231c38", 0.55, soft=9, blend=multiply)
    head(canvas, face, TABBY, asleep=True)


def _stripes(canvas: Canvas, place: Frame, body: Array) -> None:
    bands = []
    for angle in range(-196, 22, 17):
        radians = np.radians(angle)
        bend = 10 * np.sin(radians * 3)
        line = curve([(156, 0), (118, bend), (82, -bend), (60, 0)])
        bands.append(place(stroke(turn(line, angle), 17, 13, 9, 1)))
    canvas.shape(bands, TABBY.stripes, 0.7, soft=1.6, within=body)
    spine = curve("-136,40 -128,-64 -52,-128 46,-126 116,-66 134,10")
    band = place(stroke(spine, 4, 13, 15, 13, 5))
    canvas.shape(band, TABBY.stripes, 0.6, soft=2, within=body)


def _hair(canvas: Canvas, place: Frame, body: Array) -> None:
    rng = np.random.default_rng(154)
    # Hair lies along the spine, which runs clockwise around the middle.
    hairs = [
        place(
            turn(
                stroke(curve([(radius, 0), (radius + lean, 9), (radius + lean * 2, 20)]), 1.5, 0.3),
                angle,
            )
        )
        for radius, lean, angle in zip(
            150 * np.sqrt(rng.random(640)),
            rng.normal(0, 2, 640),
            rng.uniform(0, 360, 640),
            strict=True,
        )
    ]
    canvas.shape(hairs[::2], "#f3f1f2", 0.3, within=body)
    canvas.shape(hairs[1::2], TABBY.stripes, 0.28, within=body)


def _haunch(canvas: Canvas, place: Frame, body: Array) -> None:
    haunch = place(blob("40,-10 86,-22 122,14 112,66 70,94 30,80 12,40"))
    fur = around(place.point(54, 10), (0, "#c6c5cb"), (70, TABBY.base), (120, TABBY.shade))
    canvas.shape(haunch, fur, 0.85, soft=5, within=body)
    edge = place(stroke(curve("118,60 104,2 66,-22 26,-8 8,40"), 1, 6, 5, 1))
    canvas.shape(edge, TABBY.stripes, 0.7, soft=2.5, within=body)
    lines = "100,-4 84,12 62,18", "114,26 92,36 70,38", "106,56 88,60 68,56"
    bands = [place(stroke(curve(line), 11, 8, 1.5)) for line in lines]
    canvas.shape(bands, TABBY.stripes, 0.6, soft=1.2)


def _paws(canvas: Canvas, place: Frame) -> None:
    for x, y, spin in ((26, 112, -12), (-6, 118, 6)):
        limb = Frame(place.point(x, y), place.scale, spin)
        paw = limb(ellipse((0, 0), 26, 15))
        canvas.shape(moved(paw, 3, 4), "#2f2a44", 0.5, soft=3, blend=multiply)
        canvas.shape(paw, around(limb.point(-6, -6), (0, "#ffffff"), (34, "#cfc9cf")))
        toes = [limb(stroke(line, 2, 1)) for line in ("-22,-5 -12,-4", "-22,4 -12,3")]
        canvas.shape(toes, "#8d8796")


def _tail(canvas: Canvas, place: Frame) -> None:
    spine = curve("134,34 124,92 76,136 8,152 -62,144 -108,118")
    start, end = spine[0].tolist(), spine[-1].tolist()
    tail = [
        place(stroke(spine, 26, 36, 35, 33, 30, 22)),
        place(ellipse((start[0], start[1]), 13)),
        place(ellipse((end[0], end[1]), 11)),
    ]
    canvas.shape(moved(tail[0], 5, 8), "#231c38", 0.5, soft=5, blend=multiply)
    canvas.shape(tail, place.down(20, 172, TABBY.base, TABBY.base, TABBY.light, TABBY.shade))
    rings = [place(ring) for ring in rungs(spine, 7, 20, 9)]
    canvas.shape(rings, TABBY.stripes, 0.7, soft=1, within=tail)
    tip = [place(stroke(spine[-9:], 30, 24)), tail[2]]
    canvas.shape(tip, TABBY.stripes, 0.7, soft=2, within=tail)

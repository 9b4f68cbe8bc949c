"""A ginger cat that sits and looks at the viewer."""

from sample_images.drawing.canvas import Canvas, multiply
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    moved,
    rungs,
    stroke,
    symmetric,
)
from sample_images.drawing.paints import Array, along, around
from sample_images.scenes.cat_head import Coat, both, head

GINGER = Coat(light="#ffc27d", base="#f09a45", shade="#b8612c", stripes="#b5561f")


def sitting_cat(canvas: Canvas, place: Frame) -> None:
    """Draws the cat, lit from the left; (0, 0) is where it sits, its tail hangs down in front."""
    canvas.shape(place(ellipse((28, 2), 112, 12)), "#5a3028", 0.65, soft=6, blend=multiply)
    _tail(canvas, place)
    body = place(symmetric("0,-158 34,-150 48,-122 58,-84 82,-48 88,-18 74,3 30,6 0,6"))
    light, shade = place.point(-86, -60), place.point(90, -20)
    canvas.shape(body, along(light, shade, GINGER.light, GINGER.base, GINGER.shade))
    _flanks(canvas, place, body)
    _bib(canvas, place)
    _forelegs(canvas, place)
    rim = place(stroke(curve("-36,-148 -49,-120 -59,-84 -83,-48 -88,-18"), 2, 5, 4, 5, 2))
    canvas.shape(rim, "#fff0c4", 0.85, soft=1, within=body)
    collar = place(ellipse((4, -146), 46, 12))
    canvas.shape(collar, "#8a4522", 0.5, soft=5, within=body, blend=multiply)
    face = Frame(place.point(0, -190), place.scale * 1.04, -3)
    head(canvas, face, GINGER)
    canvas.shape(face(stroke(curve("-58,4 -51,-28 -30,-46"), 1, 3, 1)), "#fff3cf", 0.9, soft=0.8)


def _flanks(canvas: Canvas, place: Frame, body: Array) -> None:
    bands = []
    for y, edge, reach in (
        (-118, 53, 30),
        (-98, 58, 34),
        (-76, 68, 36),
        (-54, 82, 36),
        (-32, 90, 28),
    ):
        line = curve([(edge, y), (edge - reach * 0.5, y + 7), (edge - reach, y + 4)])
        bands += both(stroke(line, 11, 7, 1.5))
    canvas.shape([place(band) for band in bands], GINGER.stripes, 0.75, soft=0.8, within=body)
    right, left = both(blob("84,-14 78,-44 54,-56 38,-36 38,-8 52,4"))
    canvas.shape(place(left), GINGER.light, 0.5, soft=4, within=body)
    canvas.shape(place(right), GINGER.base, 0.5, soft=4, within=body)
    creases = both(stroke(curve("66,-56 46,-44 37,-18 40,0"), 1.5, 4, 3))
    canvas.shape([place(line) for line in creases], GINGER.shade, 0.7, soft=1, within=body)


def _bib(canvas: Canvas, place: Frame) -> None:
    bib = place(symmetric("0,-150 26,-132 29,-104 18,-72 0,-54"))
    canvas.shape(bib, place.down(-150, -60, "#e9cdb0", "#fffaf0"), soft=2)
    tufts = []
    for line in ("16,-112 13,-98 9,-88", "7,-100 6,-86 3,-76", "22,-126 19,-112 15,-102"):
        tufts += both(stroke(curve(line), 2, 4, 0.5))
    canvas.shape([place(tuft) for tuft in tufts], "#c99f7c", 0.4, soft=0.8)


def _tail(canvas: Canvas, place: Frame) -> None:
    spine = curve("60,-16 98,-12 118,14 112,50 92,74 98,100")
    tail = [place(stroke(spine, 26, 26, 25, 23, 20, 14)), place(ellipse((98, 100), 7))]
    canvas.shape(moved(tail[0], 6, 3), "#4a2420", 0.4, soft=4, blend=multiply)
    canvas.shape(tail, place.across(84, 128, GINGER.base, GINGER.light, GINGER.shade))
    rings = [place(ring) for ring in rungs(spine[8:], 9, 14, 6)]
    canvas.shape(rings, GINGER.stripes, 0.75, soft=0.6, within=tail)
    tip = [place(stroke(spine[-16:], 24, 20)), tail[1]]
    canvas.shape(tip, "#fff3e0", 0.9, soft=1.5, within=tail)


def _forelegs(canvas: Canvas, place: Frame) -> None:
    coat = place.across(-32, 34, GINGER.light, GINGER.base, GINGER.shade)
    for leg in both(blob("4,-78 27,-84 31,-44 30,-4 6,-4 4,-40")):
        canvas.shape(place(leg), coat, soft=0.8)
    lines = ("34,-62 22,-57 12,-59", "34,-46 22,-41 12,-43", "34,-30 22,-25 12,-27")
    bands = [band for line in lines for band in both(stroke(curve(line), 7, 5, 1))]
    canvas.shape([place(band) for band in bands], GINGER.stripes, 0.7)
    for paw, x in zip(both(ellipse((19, -3), 20, 12)), (19, -19), strict=True):
        white = around(place.point(x - 3, -8), (0, "#fffdf6"), (26, "#e3cbb2"))
        canvas.shape(place(paw), white)
    toes = [toe for x in (13, 25) for toe in both(stroke([(x, -3), (x, 6)], 1.8))]
    canvas.shape([place(toe) for toe in toes], "#a8785a", 0.8)
    gap = place(stroke(curve("0,-70 0,-30 0,2"), 2, 4, 4))
    canvas.shape(gap, GINGER.shade, 0.8, soft=1.2)

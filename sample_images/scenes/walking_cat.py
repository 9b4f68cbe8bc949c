"""A black cat that walks past and looks at the viewer."""

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.outlines import Frame, blob, curve, ellipse, moved, patch, stroke
from sample_images.drawing.paints import around, halo
from sample_images.scenes.cat_head import both

MOONLIGHT = "#c9d3ff"


def walking_cat(canvas: Canvas, place: Frame) -> None:
    """Draws the cat with the moon behind it; it walks on the line y = 0, to the right."""
    canvas.shape(place(ellipse((-5, 5), 100, 6)), "#0a0820", 0.6, soft=3)
    legs = [
        patch(
            "-88,-62 -86,-40 -98,-24 -100,-4 | -100,4 -84,5 -82,-1 | -84,-6 -80,-22 -62,-36 -54,-52"
        ),
        patch(
            "-66,-50 -60,-34 -66,-20 -64,-2 | -64,5 -47,6 -46,0 | -50,-6 -48,-22 -38,-34 -36,-48"
        ),
        patch("36,-50 34,-30 30,-14 28,-2 | 28,4 46,5 46,-1 | 43,-6 48,-20 54,-34 58,-50"),
        patch("58,-56 66,-36 76,-22 80,-4 | 82,2 98,2 98,-4 | 94,-9 88,-24 82,-40 82,-60"),
    ]
    upper = "-82,-66 -62,-84 -20,-84 26,-82 56,-92 74,-92 84,-74"
    body = blob(f"{upper} 78,-52 52,-40 6,-38 -36,-42 -62,-40 -84,-46")
    tail_line = curve("-78,-62 -106,-74 -124,-104 -118,-142 -134,-166 -152,-160")
    tail = [stroke(tail_line, 15, 13, 12, 11, 9), ellipse((-152, -160), 4.5)]
    skull = blob("92,-130 112,-124 122,-106 117,-90 104,-82 90,-80 74,-85 65,-98 68,-116 80,-127")
    ears = [
        patch("67,-108 62,-132 66,-152 | 80,-142 92,-126"),
        patch("94,-126 108,-142 122,-150 | 126,-130 121,-106"),
    ]
    neck = blob("52,-92 74,-112 106,-98 92,-62 66,-56")
    parts = [place(part) for part in (body, *legs, *tail, skull, *ears, neck)]
    canvas.shape([moved(part, 0, -2.4) for part in parts], MOONLIGHT, 0.9)
    canvas.shape(parts, place.down(-130, 0, "#141230", "#0a0920"))
    sheen = place(blob("60,-96 36,-84 -20,-86 -60,-86 -20,-78 40,-74"))
    canvas.shape(sheen, "#4a4a86", 0.5, soft=5)
    _face(canvas, Frame(place.point(93, -102), place.scale))


def _face(canvas: Canvas, place: Frame) -> None:
    for side, eye in zip((1, -1), both(patch("4,1 8,-6 15,-8 21,-3 | 17,5 10,6 4,1")), strict=True):
        outline, middle = place(eye), place.point(side * 12.5, -1)
        canvas.shape(outline, around(middle, (0, "#fff7a8"), (9, "#f2c531")))
        canvas.shape(place(ellipse((side * 12.5, -1), 2, 6)), "#14102a", within=outline)
        canvas.wash("#ffe27a", halo(middle, 26, 0.4), screen)
    canvas.shape(place(blob("-4,10 4,10 0,15")), "#6d5a8c")
    whiskers = []
    for line in ("7,11 26,7 44,6", "7,14 26,13 44,18", "7,17 26,19 44,30"):
        whiskers += both(stroke(curve(line), 1, 0.4))
    canvas.shape([place(whisker) for whisker in whiskers], MOONLIGHT, 0.7)

"""A comet above a camp."""

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, conifer, conifers, ridge
from sample_images.drawing.outlines import (
    Frame,
    blob,
    curve,
    ellipse,
    patch,
    rectangle,
    stroke,
    under,
)
from sample_images.drawing.paints import (
    Array,
    Field,
    around,
    between,
    halo,
    noise,
    ramp,
    times,
    vertical,
)
from sample_images.scenes.stars import strew_stars

NIGHT = "#050818"


def night_comet() -> Image.Image:
    """Somebody with a telescope beside a glowing tent, and a comet with two tails."""
    rng = np.random.default_rng(111)
    low = (420, "#3c5c94"), (500, "#e0a183")
    canvas = Canvas(900, 600, vertical((0, "#070b24"), (240, "#152a5c"), *low))
    _milky_way(canvas)
    strew_stars(canvas, rng, 470)
    _comet(canvas, Frame((610, 196)))
    _land(canvas, rng)
    _tent(canvas, Frame((318, 536)))
    _stargazer(canvas, Frame((470, 541)))
    places = (
        ((850, 566), 226),
        ((796, 570), 150),
        ((894, 570), 170),
        ((40, 574), 190),
        ((92, 574), 120),
    )
    canvas.shape([conifer(rng, foot, height) for foot, height in places], "#060b22")
    # No grain: it would make the PNG much larger.
    return canvas.finished(grain=0, vignette=0.25)


def _milky_way(canvas: Canvas) -> None:
    def band(width: float) -> Field:
        def field(x: Array, y: Array) -> Array:
            away = (y - 60 - (900 - x) * 0.36) / width
            return np.exp(-(away**2)).astype(np.float32)

        return field

    dust = noise(24, 150, 110, octaves=6)
    canvas.wash("#5f78c8", times(band(150), between(dust, 0.2, 0.8, 0.5)), screen)
    canvas.wash("#c79ac4", times(band(84), between(dust, 0.35, 0.8, 0.45)), screen)
    core = between(noise(25, 120, 80, octaves=6), 0.35, 0.75, 0.42)
    canvas.wash("#f6dcc0", times(band(46), core), screen)
    rift = between(noise(26, 160, 50, octaves=6), 0.52, 0.66, 0.5)
    canvas.wash("#0a1030", times(band(36), rift))


def _comet(canvas: Canvas, place: Frame) -> None:
    """A straight blue tail of gas, a broad bent one of dust."""

    def tail(outline: str, ink: str, end: tuple[float, float], soft: float) -> None:
        reach = ramp(place.point(*end), place.at)
        canvas.shape(
            place(patch(outline)),
            ink,
            lambda x, y: 0.85 * reach(x, y) ** 1.4,
            soft=soft,
            blend=screen,
        )

    tail("0,-5 120,-104 290,-250 | 250,-262 100,-116 0,4", "#6fb4ff", (280, -250), 6)
    dust = "-4,-10 60,-108 96,-210 100,-290 | 260,-240 190,-130 90,-40 6,8"
    tail(dust, "#ffe8c4", (170, -280), 9)
    tail("-3,-8 70,-90 130,-190 | 170,-170 86,-60 6,5", "#fff8e6", (150, -185), 5)
    reach = ramp(place.point(160, -200), place.at)
    threads = []
    for i in range(5):
        line = curve([(0, 0), (60 + i * 9, i * 5 - 84), (110 + i * 26, i * 20 - 206)])
        threads.append(place(stroke(line, 2.4, 1.4, 0.5)))
    canvas.shape(threads, "#ffffff", lambda x, y: 0.5 * reach(x, y), soft=1.2, blend=screen)
    canvas.wash("#bfe0ff", halo(place.at, 70, 0.9), screen)
    canvas.wash("#ffffff", halo(place.at, 24), screen)
    canvas.shape(ellipse(place.at, 6.5), "#ffffff", soft=1)


def _land(canvas: Canvas, rng: Random) -> None:
    far = ridge(rng, "-20,470 120,430 260,462 420,404 560,456 720,420 920,466", 18)
    canvas.shape(under(far, 600), vertical((400, "#34487f"), (500, "#7d6a8d")))
    near = ridge(rng, "-20,500 150,476 330,506 520,470 700,500 920,452", 14)
    canvas.shape(under(near, 600), vertical((450, "#1d2b57"), (560, "#3a3f68")))
    canvas.shape(conifers(rng, near, 120, (16, 44), 26), "#141d42")
    hill = ridge(rng, "-20,560 160,540 330,524 520,534 720,552 920,530", 5)
    canvas.shape(under(hill, 620), vertical((520, "#10173a"), (600, "#060a1e")))


def _tent(canvas: Canvas, place: Frame) -> None:
    canvas.wash("#ff9d4a", halo(place.point(0, -20), 190, 0.55, squash=0.6), screen)
    side = place("-14,-78 62,-66 104,0 30,6")
    canvas.shape(side, place.across(-14, 100, "#f08a3c", "#a8442f"))
    glow = around(place.point(-18, -18), (0, "#fff0b0"), (40, "#ffc25c"), (90, "#e2762f"))
    canvas.shape(place("-70,4 -14,-78 30,6"), glow)
    flap = place(patch("-14,-78 -8,-40 -30,5 | -12,4 2,5 | -6,-40 -14,-78"))
    canvas.shape(flap, place.down(-78, 6, "#ffd27a", "#fff6cf"))
    seams = "-14,-78 -70,4", "-14,-78 30,6", "62,-66 104,0", "-14,-78 62,-66"
    canvas.shape([place(stroke(seam, 1.6)) for seam in seams], "#7a2f26", 0.8)
    guys = "-14,-78 -104,8", "62,-66 132,4"
    canvas.shape([place(stroke(guy, 1)) for guy in guys], "#c9a58a", 0.6)
    canvas.shape(place(ellipse((4, 10), 110, 9)), "#ffb35c", 0.35, soft=6, blend=screen)


def _stargazer(canvas: Canvas, place: Frame) -> None:
    legs = [stroke([(62, -60), (x, 4)], 3.4) for x in (42, 64, 84)]
    telescope = [stroke("38,-42 96,-90", 10, 14), stroke("33,-38 40,-44", 6)]
    coat = patch("-2,-70 -15,-62 -17,-44 -15,-22 -18,-14 | 11,-14 | 9,-26 12,-48 11,-62 2,-70")
    boots = [rectangle(-13, -16, -4, 3), rectangle(1, -16, 10, 3), rectangle(1, -1, 14, 3)]
    head = [blob("3,-90 12,-86 13,-76 7,-69 -1,-70 -6,-78 -4,-87"), ellipse((2, -97), 4.5)]
    hat = patch("-9,-82 -6,-92 4,-95 13,-90 15,-83")
    arm = stroke(curve("2,-58 16,-44 36,-40"), 10, 8, 6)
    parts = [*legs, *telescope, coat, *boots, *head, hat, arm]
    canvas.shape([place(part) for part in parts], NIGHT)
    scarf = patch("-9,-71 2,-66 11,-70 | 11,-64 0,-60 -10,-65")
    canvas.shape(place(scarf), "#a8442f")
    rim = [stroke(curve("-17,-14 -14,-24 -17,-44 -15,-62 -9,-67"), 1, 2.4, 1.6)]
    rim += [stroke(curve("-6,-74 -9,-82 -6,-92 2,-95"), 0.8, 1.8, 1)]
    canvas.shape([place(edge) for edge in rim], "#ff9d4a", 0.85)

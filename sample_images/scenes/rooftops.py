"""A cat on the roofs at night."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, dots
from sample_images.drawing.outlines import (
    Frame,
    curve,
    ellipse,
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
from sample_images.scenes.walking_cat import walking_cat

MOON = (610.0, 226.0)
LIT = ("#ffd98a", "#ffbf66", "#fff0bf")
TILES = ("#3d3a70", "#464280", "#332f62", "#54488a")


@dataclass(frozen=True, slots=True)
class _Street:
    """A row of houses: where they stand, how tall, how many, in which colours, how many lit."""

    level: float
    tall: float
    count: int
    wall: str
    roof: str
    lit: float


FAR = _Street(440, 84, 15, "#5563a6", "#46539a", 0.45)
NEAR = _Street(486, 104, 12, "#37437f", "#29336e", 0.6)


def cat_night_rooftop() -> Image.Image:
    """The cat walks along the ridge, in front of a full moon."""
    rng = np.random.default_rng(142)
    low = (420, "#4a5aa0"), (520, "#8d86b8")
    canvas = Canvas(900, 600, vertical((0, "#0b1033"), (230, "#1f2f6e"), *low))
    canvas.shape(dots(rng, 260, (0, 0, 900, 360), (0.5, 1.4)), "#e8ecff", rise(380, 200, 0.85))
    _moon(canvas)
    drift = noise(36, 300, 26, octaves=5)
    height = times(rise(60, 180), rise(420, 280))
    canvas.wash("#2a3a7c", times(between(drift, 0.52, 0.68, 0.7), height))
    canvas.wash("#b9bfe6", times(between(drift, 0.6, 0.78, 0.5), height))
    _street(canvas, rng, FAR)
    _church(canvas, Frame((306, 450)))
    _street(canvas, rng, NEAR)
    _roof(canvas, rng, curve("-20,482 200,464 480,430 700,416 920,418"))
    _chimney(canvas, Frame((178, 466)))
    walking_cat(canvas, Frame((576, 415), 1.18))
    return canvas.finished(seed=142, vignette=0.3)


def _moon(canvas: Canvas) -> None:
    place = Frame(MOON)
    canvas.wash("#aab8ff", halo(MOON, 420, 0.75), screen)
    disc = ellipse(MOON, 164)
    pale = around(place.point(-40, -50), (0, "#fffdf0"), (130, "#f6ecce"), (230, "#d3c6b8"))
    canvas.shape(disc, pale)
    for x, y, size in (
        (-70, -62, 34),
        (-20, -92, 17),
        (60, -74, 26),
        (92, -6, 30),
        (-104, 14, 22),
        (-44, 26, 40),
        (30, -14, 15),
        (-2, 84, 22),
        (78, 70, 18),
    ):
        crater = place(ellipse((x, y), size, size * 0.92))
        canvas.shape(crater, "#c3b6b0", 0.5, soft=2, within=disc)
        floor = moved(crater, size * 0.1, size * 0.14)
        canvas.shape(floor, "#f3e9cf", 0.5, soft=4, within=disc)
    canvas.shape(disc, "#b5a9ad", between(noise(37, 110, octaves=4), 0.52, 0.66, 0.5))


def _street(canvas: Canvas, rng: Random, street: _Street) -> None:
    for i in range(street.count):
        x = -30 + i * 950 / street.count + rng.uniform(-10, 10)
        tall = rng.uniform(0.6, 1) * street.tall
        _house(canvas, rng, street, Frame((x, street.level - tall)), rng.uniform(64, 96))
    mist = between(noise(38, 200, 24), 0.4, 0.75, 0.35)
    canvas.wash("#8f9be0", times(mist, rise(street.level - 70, street.level)), screen)


def _house(canvas: Canvas, rng: Random, street: _Street, place: Frame, width: float) -> None:
    """One house; (0, 0) is its wall's upper left corner."""
    canvas.shape(place(rectangle(width * 0.7, -width * 0.5, width * 0.8, 0)), street.roof)
    canvas.shape(place(rectangle(0, 0, width, 200)), street.wall)
    if rng.random() < 0.5:
        ridge = [(width / 2, -width * 0.5)]
    else:
        ridge = [(width * 0.3, -width * 0.36), (width * 0.7, -width * 0.36)]
    gable = [(-7.0, 2.0), *ridge, (width + 7, 2.0)]
    canvas.shape(place(gable), place.across(0, width, street.roof, street.wall))
    canvas.shape(place(stroke(gable[1:], 2)), "#b7c4f6", 0.6)
    bars = rectangle(4.4, 0, 5.6, 14), rectangle(0, 6, 10, 7)
    for x in range(11, int(width) - 16, 20):
        for y in range(12, 90, 26):
            window = Frame(place.point(x, y))
            if rng.random() < street.lit:
                canvas.shape(window(rectangle(0, 0, 10, 14)), str(rng.choice(LIT)), 0.9)
                canvas.shape([window(bar) for bar in bars], street.wall)
            else:
                canvas.shape(window(rectangle(0, 0, 10, 14)), "#1e2758", 0.7)


def _church(canvas: Canvas, place: Frame) -> None:
    tower = [rectangle(-20, -150, 20, 0), polygon("-24,-148 0,-240 24,-148")]
    cross = [rectangle(-1, -258, 1, -236), rectangle(-6, -252, 6, -250)]
    stone = place.down(-240, 0, "#6877b8", "#4a589c")
    canvas.shape([place(part) for part in (*tower, *cross)], stone)
    canvas.shape(place(ellipse((0, -122), 11)), "#ffe9b0")
    hands = [stroke("0,-122 0,-130", 1.6), stroke("0,-122 6,-119", 1.6)]
    canvas.shape([place(hand) for hand in hands], "#3a4684")
    belfry = [rectangle(-6, -96, 6, -70), ellipse((0, -96), 6)]
    canvas.shape([place(part) for part in belfry], "#2a3470")


def _roof(canvas: Canvas, rng: Random, line: Array) -> None:
    """The roof in front: rows of rounded tiles that catch the moon's light."""
    roof = under(line, 620)
    canvas.shape(roof, vertical((416, "#33305f"), (600, "#15132f")))
    for row in reversed(range(9)):
        _tile_row(canvas, rng, line, row, roof)
    canvas.shape(roof, "#0a0820", rise(470, 610, 0.7))
    cap = patch("0,9 2,-3 17,-7 33,-4 36,8 | 36,11 | 0,12 | 0,9")
    for x in range(-20, 920, 34):
        place = Frame((x, height_at(line, x + 17)))
        canvas.shape(place(cap), place.down(-7, 12, "#7a78b8", "#2b2857"))
        canvas.shape(place(stroke(curve("1,2 3,-3 17,-7 33,-4"), 1.6)), "#d5dcff", 0.6)


def _tile_row(canvas: Canvas, rng: Random, line: Array, row: int, roof: Array) -> None:
    width = 30 + row * 1.6
    tile = patch(
        "0.03,-0.7 | 0.97,-0.7 | 0.97,0.16 0.78,0.42 0.5,0.52 0.22,0.42 0.03,0.16 | 0.03,-0.7"
    )
    tiles: dict[str, list[Array]] = {colour: [] for colour in TILES}
    shadows, edges = [], []
    for i in range(-1, int(900 / width) + 2):
        x = (i + 0.5 * (row % 2)) * width
        place = Frame((x, height_at(line, x + width / 2) + 12 + row * 20), width)
        tiles[str(rng.choice(TILES))].append(place(tile))
        shadows.append(moved(place(tile), 0, 4))
        edges.append(stroke(place(curve("0.97,0.16 0.78,0.42 0.5,0.52 0.22,0.42 0.03,0.16")), 1.4))
    canvas.shape(shadows, "#0c0a22", 0.7, within=roof)
    for colour, group in tiles.items():
        canvas.shape(group, colour, 1 - row * 0.04, within=roof)
    canvas.shape(edges, "#a9b4f0", halo((600, 430), 560, 0.75), within=roof)


def _chimney(canvas: Canvas, place: Frame) -> None:
    smoke = place(curve("0,-118 22,-160 -6,-210 30,-264 12,-330"))
    fade = rise(place.at[1] - 340, place.at[1] - 110, 0.5)
    canvas.shape(stroke(smoke, 12, 26, 40, 56, 60), "#9aa6dc", fade, soft=9)
    stack = place("-38,-92 38,-92 38,4 -38,12")
    canvas.shape(stack, place.across(-38, 38, "#332a55", "#5b4574"))
    bricks = []
    for row in range(7):
        for i in range(4):
            left, top = i * 22 - 38 - (11 if row % 2 else 0), row * 14 - 90
            bricks.append(place(rectangle(left + 1, top, left + 20, top + 11)))
    canvas.shape(bricks, place.across(-38, 38, "#4a3a66", "#7a5a86"), 0.75, within=stack)
    canvas.shape(place(rectangle(-44, -104, 44, -90)), place.across(-44, 44, "#3d3260", "#8a6f9c"))
    for x in (-20, 14):
        pot = Frame(place.point(x, -102))
        canvas.shape(pot("-11,0 -9,-22 9,-22 11,0"), pot.across(-10, 10, "#4a3a5e", "#a07a8c"))
        canvas.shape(pot(ellipse((0, -22), 9, 2.5)), "#1a1436")
    canvas.shape(place(rectangle(36, -90, 38, 4)), "#d5dcff", 0.6)

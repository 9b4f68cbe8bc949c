"""The night sky's stars, for the pictures that show one."""

from sample_images.drawing.canvas import Canvas, screen
from sample_images.drawing.nature import Random, dots
from sample_images.drawing.outlines import Frame, ellipse
from sample_images.drawing.paints import halo, rise


def strew_stars(canvas: Canvas, rng: Random, depth: float) -> None:
    """Faint, middling and bright stars, fading out towards ``depth`` pixels from the top."""
    fade = rise(depth, depth * 0.6)
    for count, sizes in ((210, (0.45, 0.8)), (50, (0.75, 1.25)), (8, (1.2, 1.9))):
        for colour in ("#cfe0ff", "#ffffff", "#ffe6c4"):
            # The upper half is fuller: the air near the horizon swallows light.
            high = dots(rng, count // 2, (0, 0, canvas.width, depth * 0.5), sizes)
            all_over = dots(rng, count // 2, (0, 0, canvas.width, depth), sizes)
            canvas.shape([*high, *all_over], colour, fade)
    for _ in range(9):
        star = Frame((rng.uniform(20, canvas.width - 20), rng.uniform(10, depth * 0.6)))
        canvas.wash("#cfe0ff", halo(star.at, 12, 0.7), screen)
        rays = [ellipse((0, 0), 7, 0.5), ellipse((0, 0), 0.5, 7), ellipse((0, 0), 1.6)]
        canvas.shape([star(ray) for ray in rays], "#ffffff", 0.9)

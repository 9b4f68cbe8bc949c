from collections.abc import Callable

import numpy as np
import pytest
from imgrepo_server.imaging.continued import Margins, continued_views
from imgrepo_server.imaging.distance import distance
from imgrepo_server.imaging.fingerprint import look_at
from PIL import Image

Scene = Callable[..., Image.Image]

MARGINS: list[Margins] = [
    (0, 0, 0, 0),
    (0.05, 0.05, 0.05, 0.05),
    (0.08, 0, 0, 0.08),
    (0, 0.2, 0.3, 0),
]


def made(gray: Image.Image, margins: Margins) -> Image.Image:
    """The continued picture itself."""
    left, above, right, below = margins
    rows = round(gray.height * above), round(gray.height * below)
    columns = round(gray.width * left), round(gray.width * right)
    return Image.fromarray(np.pad(np.asarray(gray), (rows, columns), mode="reflect"))


@pytest.mark.parametrize("size", [(128, 96), (85, 128), (97, 61)])
def test_the_views_are_nearly_those_of_pictures_continued_for_real(
    size: tuple[int, int], scene: Scene
) -> None:
    for seed in range(5):
        gray = scene(*size, seed=seed, mode="L")
        for margins, view in zip(MARGINS, continued_views(gray, MARGINS), strict=True):
            assert distance(view, look_at(made(gray, margins)).view) <= 6


def test_symmetric_pictures_have_views_as_good(scene: Scene) -> None:
    """Half of the frequencies of each are none, exactly."""
    for seed in range(5):
        half = np.asarray(scene(64, 96, seed=seed, mode="L"))
        gray = Image.fromarray(np.hstack([half, half[:, ::-1]]))
        view = continued_views(gray, MARGINS[1:2])[0]
        assert distance(view, look_at(made(gray, MARGINS[1])).view) <= 12


@pytest.mark.parametrize("dark", [(0, 0, 64, 96), (0, 0, 128, 40)])
def test_what_is_plain_stays_plain(dark: tuple[int, int, int, int]) -> None:
    gray = Image.new("L", (128, 96), 250)
    gray.paste(20, dark)
    for margins, view in zip(MARGINS, continued_views(gray, MARGINS), strict=True):
        assert view.dhash64 == look_at(made(gray, margins)).view.dhash64


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 7), (7, 128)])
def test_the_smallest_pictures_have_views(size: tuple[int, int]) -> None:
    assert len(continued_views(Image.new("L", size, 9), MARGINS)) == len(MARGINS)

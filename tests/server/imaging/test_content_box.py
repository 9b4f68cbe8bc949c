from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.content_box import content_box
from PIL import Image, ImageDraw

Scene = Callable[..., Image.Image]


@pytest.fixture(scope="module")
def photo(scene: Scene) -> Image.Image:
    return scene(160, 120, mode="L")


def framed(photo: Image.Image, frame: tuple[int, int, int, int], tone: int) -> Image.Image:
    left, top, right, bottom = frame
    canvas = Image.new("L", (photo.width + left + right, photo.height + top + bottom), tone)
    canvas.paste(photo, (left, top))
    return canvas


def test_a_picture_without_surroundings_has_no_box(photo: Image.Image) -> None:
    assert content_box(photo) is None


@given(
    frame=st.tuples(*[st.integers(0, 48)] * 4).filter(lambda frame: max(frame) >= 5),
    tone=st.sampled_from([0, 17, 128, 255]),
)
def test_a_plain_frame_is_cut_away_exactly(
    photo: Image.Image, frame: tuple[int, int, int, int], tone: int
) -> None:
    left, top, _, _ = frame
    box = content_box(framed(photo, frame, tone))
    assert box == (left, top, left + 160, top + 120)


def test_frames_within_frames_are_cut_away(photo: Image.Image) -> None:
    matted = framed(framed(photo, (10, 10, 10, 10), 255), (12, 6, 12, 6), 0)
    assert content_box(matted) == (22, 16, 182, 136)


def test_a_noisy_frame_is_still_plain(photo: Image.Image) -> None:
    pixels = np.asarray(framed(photo, (30, 20, 30, 20), 200)).astype(np.int16)
    noise = np.random.default_rng(5).integers(-3, 4, pixels.shape)
    noise[20:140, 30:190] = 0
    assert content_box(Image.fromarray((pixels + noise).astype(np.uint8))) == (30, 20, 190, 140)


def test_a_caption_is_cut_away_with_its_words(photo: Image.Image) -> None:
    captioned = framed(photo, (0, 0, 0, 36), 255)
    draw = ImageDraw.Draw(captioned)
    draw.text((6, 123), "nobody knows why this", fill=0)
    draw.text((6, 138), "always happens to me", fill=0)
    assert content_box(captioned) == (0, 0, 160, 120)


def test_the_chrome_of_a_phone_is_cut_away_with_its_icons(photo: Image.Image) -> None:
    screen = framed(photo.resize((118, 88)), (0, 70, 0, 98), 0)
    draw = ImageDraw.Draw(screen)
    draw.text((6, 3), "9:41", fill=235)
    draw.ellipse((4, 20, 18, 34), fill=150)
    for icon in range(4):
        draw.ellipse((8 + 28 * icon, 164, 20 + 28 * icon, 176), outline=235, width=2)
        draw.rectangle((8 + 28 * icon, 236, 20 + 28 * icon, 248), outline=235, width=2)
    for line in range(3):
        draw.text((6, 182 + 14 * line), "a line of words", fill=235)
    assert content_box(screen) == (0, 70, 118, 158)


def test_a_plain_line_within_a_picture_does_not_cut_it(photo: Image.Image) -> None:
    striped = photo.copy()
    ImageDraw.Draw(striped).rectangle((0, 20, 160, 24), fill=0)
    assert content_box(striped) is None


@pytest.mark.parametrize("tone", [0, 255])
def test_nothing_but_ground_has_no_box(tone: int) -> None:
    assert content_box(Image.new("L", (200, 150), tone)) is None


def test_a_speck_on_a_page_is_no_picture() -> None:
    page = Image.new("L", (200, 150), 255)
    ImageDraw.Draw(page).rectangle((100, 70, 108, 78), fill=0)
    assert content_box(page) is None


@given(
    width=st.integers(1, 40), height=st.integers(1, 40), seed=st.integers(0, 2**32),
    tones=st.sampled_from([1, 2, 256]),
)  # fmt: skip
def test_a_box_is_always_a_proper_part(width: int, height: int, seed: int, tones: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, tones, (height, width)).astype(np.uint8)
    box = content_box(Image.fromarray(pixels))
    if box is not None:
        left, top, right, bottom = box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert (right - left, bottom - top) != (width, height)

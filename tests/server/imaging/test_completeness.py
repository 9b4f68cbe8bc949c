import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.completeness import ends_early
from imgrepo_server.imaging.formats import FORMATS
from PIL import Image

Scene = Callable[..., Image.Image]
Encode = Callable[..., bytes]


@pytest.fixture(scope="module")
def containers(scene: Scene, encode: Encode) -> dict[str, bytes]:
    frames = {"save_all": True, "append_images": [scene(40, 30, seed=2), scene(40, 30, seed=3)]}
    return {
        name: encode(scene(40, 30), form, **frames)
        for name, form in (
            ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP"), ("avif", "AVIF"), ("heic", "HEIF"),
        )
    }  # fmt: skip


@pytest.mark.parametrize("name", ["png", "gif", "webp", "avif", "heic"])
def test_whole_files_are_complete_with_or_without_something_behind(
    name: str, containers: dict[str, bytes]
) -> None:
    whole = containers[name]
    assert not ends_early(io.BytesIO(whole), FORMATS[name])
    if name in {"png", "gif", "webp"}:
        assert not ends_early(io.BytesIO(whole + b"appended by a phone" * 9), FORMATS[name])


@pytest.mark.parametrize("name", ["png", "gif", "webp", "avif", "heic"])
def test_a_file_without_its_last_byte_is_not(name: str, containers: dict[str, bytes]) -> None:
    assert ends_early(io.BytesIO(containers[name][:-1]), FORMATS[name])


@given(data=st.data())
@pytest.mark.parametrize("name", ["png", "gif", "webp"])
def test_nor_is_one_cut_anywhere_behind_its_magic(
    name: str, containers: dict[str, bytes], data: st.DataObject
) -> None:
    whole = containers[name]
    cut = data.draw(st.integers(16, len(whole) - 1))
    assert ends_early(io.BytesIO(whole[:cut]), FORMATS[name])


@given(tail=st.binary(max_size=300), name=st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_walked_to_an_end(tail: bytes, name: str) -> None:
    assert ends_early(io.BytesIO(tail), FORMATS[name]) in (True, False)


def test_a_box_of_length_zero_reaches_to_the_end() -> None:
    ftyp = b"\0\0\0\x10ftypavif\0\0\0\0"
    assert not ends_early(io.BytesIO(ftyp + b"\0\0\0\0mdat" + b"x" * 50), FORMATS["avif"])
    large = b"\0\0\0\x01mdat" + (66).to_bytes(8, "big") + b"x" * 50
    assert not ends_early(io.BytesIO(ftyp + large), FORMATS["avif"])
    assert ends_early(io.BytesIO(ftyp + large[:-1]), FORMATS["avif"])


def test_walking_many_small_chunks_is_quick(encode: Encode) -> None:
    noise = Image.effect_noise((700, 700), 90)
    frames = [noise.rotate(angle) for angle in range(0, 90, 10)]
    animation = encode(noise, "GIF", save_all=True, append_images=frames)
    assert not ends_early(io.BytesIO(animation), FORMATS["gif"])

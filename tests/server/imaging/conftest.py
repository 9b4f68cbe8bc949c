"""Pictures to look at: drawn here, and the photographs and odd files beside the repository."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.probe import prepare_pillow
from PIL import Image

Scene = Callable[..., Image.Image]
Encode = Callable[..., bytes]


@pytest.fixture(scope="session", autouse=True)
def _plugins() -> None:
    prepare_pillow()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Photographs and odd files that are too many to keep in the repository."""
    default = Path(__file__).parents[3].parent / "shared"
    folder = Path(os.environ.get("IMGREPO_SHARED", default))
    if not (folder / "photos").is_dir():
        pytest.skip(
            f"no photographs in {folder}; set IMGREPO_SHARED to a folder with photos/, odd/"
        )
    return folder


@pytest.fixture(scope="session")
def limits() -> DecodeLimits:
    return DecodeLimits()


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Draws something with the statistics of a photograph; another for each seed."""

    def draw(width: int = 400, height: int = 300, seed: int = 1, mode: str = "RGB") -> Image.Image:
        random = np.random.default_rng(seed)
        total = np.zeros((height, width, 3))
        for cells, strength in ((3, 60), (6, 40), (13, 25), (40, 12)):
            noise = random.normal(0, strength, (cells, cells, 3))
            for channel in range(3):
                layer = Image.fromarray(noise[:, :, channel].astype(np.float32))
                total[:, :, channel] += np.asarray(
                    layer.resize((width, height), Image.Resampling.BICUBIC)
                )
        pixels = np.clip(total + 120, 0, 255).astype(np.uint8)
        return Image.fromarray(pixels).convert(mode)

    return draw


@pytest.fixture(scope="session")
def encode() -> Encode:
    """Encodes a picture: ``encode(picture, "PNG", …)``."""

    def to_bytes(picture: Image.Image, form: str, **options: Any) -> bytes:
        buffer = io.BytesIO()
        picture.save(buffer, form, **options)
        return buffer.getvalue()

    return to_bytes

"""Verification reads the disk: what is missing or changed there does not pass for whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from imgrepo_server.blobs.store import original_key
from imgrepo_server.models import ANONYMOUS, User, Viewer, Visibility
from imgrepo_server.services.verification import Verified, VerifiedStatus

DAMAGE: dict[str, Callable[[Path], object]] = {
    "a bit flipped": lambda path: path.write_bytes(
        path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])
    ),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "empty": lambda path: path.write_bytes(b""),
}


async def test_whole_bytes_are_ok(house: Any, jeff: User, picture: Any) -> None:
    images = [(await house.upload(jeff, picture(seed))).image for seed in (1, 2)]
    unknown = UUID(int=7)
    asked = [images[1].id, unknown, images[0].id, images[1].id]
    assert await house.verification.verify(Viewer(jeff), asked) == [
        Verified(images[1].id, VerifiedStatus.OK, images[1].sha256),
        Verified(unknown, VerifiedStatus.MISSING, None),
        Verified(images[0].id, VerifiedStatus.OK, images[0].sha256),
        Verified(images[1].id, VerifiedStatus.OK, images[1].sha256),
    ]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_changed_bytes_are_told(
    house: Any, jeff: User, picture: Any, damage: Callable[[Path], object]
) -> None:
    image = (await house.upload(jeff, picture(1))).image
    damage(house.folder / original_key(image.sha256))
    (verified,) = await house.verification.verify(Viewer(jeff), [image.id])
    assert verified.status is VerifiedStatus.DIFFERENT
    assert verified.sha256 not in {image.sha256, None}


async def test_bytes_that_are_gone_are_missing(house: Any, jeff: User, picture: Any) -> None:
    image = (await house.upload(jeff, picture(1))).image
    (house.folder / original_key(image.sha256)).unlink()
    (verified,) = await house.verification.verify(Viewer(jeff), [image.id])
    assert verified == Verified(image.id, VerifiedStatus.MISSING, None)


async def test_what_one_may_not_see_is_missing(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    image = (await house.upload(jeff, picture(1), visibility=Visibility.PRIVATE)).image
    for viewer in (ANONYMOUS, Viewer(rita)):
        (verified,) = await house.verification.verify(viewer, [image.id])
        assert verified == Verified(image.id, VerifiedStatus.MISSING, None)

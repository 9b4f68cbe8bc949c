import hashlib
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pillow_heif
import pytest
from imgrepo_client.hashing import StoppedError, digest, has_image_suffix, looks_like_image
from imgrepo_client.journal import NOT_AN_IMAGE, Entry, Journal
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.scan import NO_IMAGE, Batch, Trust, scan
from imgrepo_client.walk import Found, WalkRules, file_stat, named_file, walk
from PIL import Image


def noted(journal: Journal, path: Path, sha256: bytes) -> None:
    journal.remember([Entry(str(path), file_stat(path.stat()), sha256)])


def only_batch(found: Iterator[Found | Outcome], journal: Journal, trust: Trust) -> Batch:
    (batch,) = scan(found, journal, trust)
    return batch


@pytest.fixture
def picture(tmp_path: Path, journal: Journal) -> Path:
    """A file that the journal knows as confirmed for the account ``jeff``."""
    path = tmp_path / "photos" / "a.jpg"
    path.parent.mkdir()
    path.write_bytes(b"x")
    noted(journal, path, b"h" * 32)
    journal.confirm("jeff", [(b"h" * 32, "an id")])
    return path


def folder_of(path: Path) -> Iterator[Found | Outcome]:
    return walk(str(path.parent), WalkRules())


def test_unchanged_and_confirmed_files_are_settled_without_opening_them(
    picture: Path, journal: Journal
) -> None:
    atime = picture.stat().st_atime_ns
    batch = only_batch(folder_of(picture), journal, Trust("jeff"))
    assert batch.pending == []
    (outcome,) = batch.settled
    assert outcome.status is Status.SKIPPED
    assert outcome.id == "an id"
    assert outcome.sha256 == (b"h" * 32).hex()
    assert picture.stat().st_atime_ns == atime


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"longer"),
        lambda path: os.utime(path, ns=(0, 12345)),
        lambda path: (path.with_name("b").write_bytes(b"y"), path.with_name("b").replace(path)),
    ],
)
def test_a_changed_file_is_looked_at_again(
    picture: Path, journal: Journal, change: Callable[[Path], object]
) -> None:
    change(picture)
    batch = only_batch(folder_of(picture), journal, Trust("jeff"))
    assert [candidate.sha256 for candidate in batch.pending] == [None]


@pytest.mark.parametrize(
    "trust",
    [
        Trust("anna"),
        Trust("jeff", recheck=True),
        Trust("jeff", seconds=-1),
        Trust("jeff", still_there=lambda _: False),
    ],
)
def test_without_trust_the_repository_is_asked_but_nothing_is_hashed_again(
    picture: Path, journal: Journal, trust: Trust
) -> None:
    batch = only_batch(folder_of(picture), journal, trust)
    assert [candidate.sha256 for candidate in batch.pending] == [b"h" * 32]


def test_what_was_no_image_is_not_opened_again_unless_it_is_named(
    tmp_path: Path, journal: Journal
) -> None:
    notes = tmp_path / "notes" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("words")
    noted(journal, notes, NOT_AN_IMAGE)
    batch = only_batch(folder_of(notes), journal, Trust("jeff"))
    assert [one.reason for one in batch.settled] == [NO_IMAGE]
    batch = only_batch(iter([named_file(str(notes))]), journal, Trust("jeff"))
    assert len(batch.pending) == 1


def test_batches_are_bounded_and_lose_nothing(tmp_path: Path, journal: Journal) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1203):
        (folder / f"{number}.jpg").touch()
    batches = list(scan(walk(str(folder), WalkRules()), journal, Trust("jeff")))
    assert max(len(batch.pending) for batch in batches) <= 500
    pending = [candidate.found.path for batch in batches for candidate in batch.pending]
    assert sorted(pending) == sorted(str(path) for path in folder.iterdir())


def test_a_slow_walk_does_not_hold_back_what_was_found(picture: Path, journal: Journal) -> None:
    def slowly() -> Iterator[Found | Outcome]:
        for _ in range(3):
            time.sleep(0.06)
            yield named_file(str(picture))

    assert len(list(scan(slowly(), journal, Trust("jeff")))) == 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
def test_images_are_known_by_their_first_bytes(tmp_path: Path, kind: str) -> None:
    pillow_heif.register_heif_opener()
    written = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(written, kind)
    file = tmp_path / "no_extension"
    file.write_bytes(written.getvalue())
    assert looks_like_image(str(file))


@pytest.mark.parametrize("start", [b"", b"\xff", b"notes", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE"])
def test_other_files_are_known_not_to_be(tmp_path: Path, start: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(start)
    assert not looks_like_image(str(file))


def test_extensions_in_any_case() -> None:
    assert has_image_suffix("IMG_1.JPG")
    assert has_image_suffix("a.b.HeIc")
    assert not has_image_suffix("jpg")
    assert not has_image_suffix("a.jpg.txt")


def test_a_hash_is_remembered_only_where_a_change_would_show(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    fresh = digest(str(file), threading.Event())
    assert fresh.sha256 == hashlib.sha256(b"content").digest()
    assert fresh.stat == file_stat(file.stat())
    os.utime(file, ns=(0, time.time_ns() + 10**9))
    assert not digest(str(file), threading.Event()).steady
    os.utime(file, ns=(0, time.time_ns() - 10**9))
    assert digest(str(file), threading.Event()).steady


def test_hashing_stops_when_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        digest(str(file), stop)

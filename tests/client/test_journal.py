import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

from imgrepo_client.journal import Entry, Journal, opened
from imgrepo_client.outcome import FileStat

STAT = FileStat(10, 1_700_000_000_123_456_789, (1 << 63) - 1)
HASH = bytes(range(32))


def knows(journal: Journal, path: str, account: str = "jeff") -> bool:
    folder, name = os.path.split(path)
    return name in journal.known(account, folder, [name])


def test_what_was_noted_is_known(journal: Journal) -> None:
    path = "/photos/caf\udce9 \n.jpg"
    journal.remember([Entry(path, STAT, HASH)])
    known = journal.known("jeff", "/photos", [Path(path).name])[Path(path).name]
    assert known == (STAT, HASH, None, None)
    journal.confirm("jeff", [(HASH, "an id")])
    known = journal.known("jeff", "/photos", [Path(path).name])[Path(path).name]
    assert known.image == "an id"
    assert known.confirmed_at is not None


def test_each_account_has_its_own_uploads(journal: Journal) -> None:
    journal.remember([Entry("/a.jpg", STAT, HASH)])
    journal.confirm("jeff", [(HASH, "an id")])
    assert journal.known("anna", "/", ["a.jpg"])["a.jpg"].image is None
    assert journal.known("jeff", "/", ["a.jpg"])["a.jpg"].image == "an id"


def test_the_latest_hash_of_a_file_counts(journal: Journal) -> None:
    journal.remember([Entry("/a.jpg", STAT, HASH)])
    journal.remember([Entry("/a.jpg", STAT._replace(size=11), bytes(32))])
    assert journal.known("jeff", "/", ["a.jpg"])["a.jpg"][:2] == (STAT._replace(size=11), bytes(32))


def test_a_relative_path_is_the_same_file(journal: Journal) -> None:
    journal.remember([Entry("here.jpg", STAT, HASH)])
    assert knows(journal, f"{Path.cwd()}/here.jpg")
    assert knows(journal, "./here.jpg")


def test_deleted_images_are_forgotten(journal: Journal) -> None:
    journal.remember([Entry("/a.jpg", STAT, HASH)])
    for account in ("jeff", "anna"):
        journal.confirm(account, [(HASH, "an id")])
    journal.forget_images("jeff", ["an id"])
    assert journal.known("jeff", "/", ["a.jpg"])["a.jpg"].image is None
    assert journal.known("anna", "/", ["a.jpg"])["a.jpg"].image == "an id"


def test_a_damaged_journal_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(b"no database at all " * 100)
    with opened(file) as journal:
        assert not journal.in_memory
        journal.remember([Entry("/a.jpg", STAT, HASH)])
    with opened(file) as journal:
        assert knows(journal, "/a.jpg")
    assert len(list(tmp_path.glob("journal.db.damaged-*"))) == 1


def test_damage_that_shows_in_the_middle_of_a_run_does_not_end_it(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with opened(file) as journal:
        journal.remember([Entry(f"/{number}.jpg", STAT, HASH) for number in range(3000)])
    size = file.stat().st_size
    with file.open("r+b") as raw:  # everything but the first pages, which opening it reads
        raw.seek(4096 * 6)
        raw.write(b"\xff" * (size - 4096 * 6))
    with opened(file) as journal:
        journal.known("jeff", "/", [f"{number}.jpg" for number in range(3000)])
        journal.remember([Entry("/new.jpg", STAT, HASH)])
        assert knows(journal, "/new.jpg")


def test_a_journal_of_another_version_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    with opened(file):
        pass
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with opened(file) as journal:
        journal.remember([Entry("/a.jpg", STAT, HASH)])
        assert not journal.in_memory


def test_without_a_place_to_write_it_works_from_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file" / "journal.db", tmp_path):
        with opened(place) as journal:
            assert journal.in_memory
            journal.remember([Entry("/a.jpg", STAT, HASH)])
            assert knows(journal, "/a.jpg")


def test_what_was_noted_survives_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    program = f"""
import os, signal
from pathlib import Path
from imgrepo_client.journal import Entry, Journal
from imgrepo_client.outcome import FileStat
journal = Journal(Path({str(file)!r}))
journal.remember([Entry("/a.jpg", FileStat(*{tuple(STAT)}), {HASH!r})])
journal.confirm("jeff", [({HASH!r}, "an id")])
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -signal.SIGKILL
    with opened(file) as journal:
        assert journal.known("jeff", "/", ["a.jpg"])["a.jpg"].image == "an id"


def test_two_runs_share_one_journal(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with opened(file) as journal:
                for step in range(30):
                    journal.remember([Entry(f"/{number}/{step}.jpg", STAT, HASH)])
                    journal.confirm(f"account {number}", [(HASH, f"{step}")])
                assert not journal.in_memory
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with opened(file) as journal:
        for number in range(4):
            assert len(journal.known("a", f"/{number}", ["0.jpg", "9.jpg", "29.jpg"])) == 30

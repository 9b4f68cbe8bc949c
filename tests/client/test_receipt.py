import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from imgrepo_client.api import Client
from imgrepo_client.errors import InvalidInputError, LocalFileError
from imgrepo_client.outcome import Failure, Outcome, Status
from imgrepo_client.receipt import Receipt, ReceiptWriter, receipts
from imgrepo_client.verification import Verified, remove_source, verify

if TYPE_CHECKING:
    from tests.client.conftest import ScriptedServer

SHA = "ab" * 32


def write(file: Path, *paths: str) -> None:
    with ReceiptWriter(file, "https://host") as writer:
        writer.write([Outcome(path, Status.STORED, id="an id", sha256=SHA) for path in paths])


def test_receipts_come_back(tmp_path: Path) -> None:
    file = tmp_path / "receipts"
    write(file, "/a.jpg", "/caf\udce9\n.jpg")
    first, second = receipts(file)
    assert first == Receipt("/a.jpg", SHA, "an id", "https://host", first.time)
    assert first.time.endswith("Z")
    assert os.fsencode(second.path) == b"/caf\xe9\n.jpg"


def test_only_what_the_repository_has_gets_one(tmp_path: Path) -> None:
    file = tmp_path / "receipts"
    with ReceiptWriter(file, "https://host") as writer:
        writer.write(
            [
                Outcome("/a", Status.FAILED, sha256=SHA, error=Failure("x", "y")),
                Outcome("/b", Status.SKIPPED, reason="not an image"),
                Outcome("/c", Status.SKIPPED, id="1", sha256=SHA),
                Outcome("/d", Status.DUPLICATE, id="1", sha256=SHA, duplicate_of="1"),
            ]
        )
    assert [receipt.path for receipt in receipts(file)] == ["/c", "/d"]


def test_later_runs_add_to_the_earlier(tmp_path: Path) -> None:
    file = tmp_path / "receipts"
    write(file, "/a")
    write(file, "/b")
    assert [receipt.path for receipt in receipts(file)] == ["/a", "/b"]


@pytest.mark.parametrize("kept", [1, 2, 7, 60])
def test_a_line_that_a_power_cut_tore_is_dropped(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "receipts"
    write(file, "/a")
    line = file.read_bytes()
    file.write_bytes(line + line[:kept])
    write(file, "/b")
    assert [receipt.path for receipt in receipts(file)] == ["/a", "/b"]
    file.write_bytes(line[: kept + 9])
    write(file, "/c")
    assert [receipt.path for receipt in receipts(file)] == ["/c"]


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious.jpg"
    precious.write_bytes(b"\xff\xd8\xff no newline at the end")
    with pytest.raises(InvalidInputError, match="not a receipt"):
        ReceiptWriter(precious, "https://host")
    assert precious.read_bytes() == b"\xff\xd8\xff no newline at the end"


@pytest.mark.parametrize("line", ["x", "[]", "{}", '{"path": 1}', '"a"', "[" * 100_000])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "receipts"
    write(file, "/a")
    with file.open("a") as more:
        more.write(line + "\n")
    with pytest.raises(InvalidInputError, match="line 2: not a receipt"):
        list(receipts(file))


def test_receipts_that_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Cannot write the receipts"):
        ReceiptWriter(tmp_path / "no" / "folder", "https://host")
    with pytest.raises(InvalidInputError, match="Cannot read the receipts"):
        list(receipts(tmp_path / "none"))


async def test_the_stored_bytes_are_compared_with_the_receipts(
    client: Client, server: "ScriptedServer"
) -> None:
    good, damaged, other = (server.add(content) for content in (b"good", b"damaged", b"other"))
    server.content[damaged["id"]] = b"rotten"
    wanted = [
        Receipt("/good", good["sha256"], good["id"], "", ""),
        Receipt("/damaged", damaged["sha256"], damaged["id"], "", ""),
        Receipt("/other", SHA, other["id"], "", ""),
        Receipt("/missing", SHA, "0198c0de-0000-7000-8000-000000000000", "", ""),
    ]
    found = {receipt.path: verified async for receipt, verified in verify(client, wanted * 60)}
    assert found == {
        "/good": Verified.OK,
        "/damaged": Verified.DIFFERENT,
        "/other": Verified.DIFFERENT,
        "/missing": Verified.MISSING,
    }
    assert server.count("POST", "/images/verify") == 3


def test_a_source_is_removed_only_with_the_very_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"content")
    sha256 = hashlib.sha256(b"content").hexdigest()
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(LocalFileError, match="symbolic link"):
        remove_source(str(link), sha256)
    with pytest.raises(LocalFileError, match="was changed"):
        remove_source(str(file), SHA)
    assert file.exists()
    remove_source(str(file), sha256)
    assert not file.exists()
    with pytest.raises(LocalFileError, match="No such file"):
        remove_source(str(file), sha256)

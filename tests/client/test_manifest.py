import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_client import manifest
from imgrepo_client.errors import InvalidInputError
from imgrepo_client.fields import Fields
from imgrepo_client.manifest import Row

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
SAYING = TEXT.filter(bool)
TAG = SAYING.filter(lambda tag: tag == tag.strip() and not set(tag) & set(",;"))
ROWS = st.lists(
    st.builds(
        Row,
        SAYING.map(lambda path: "/" + path),
        st.builds(
            Fields,
            title=st.none() | SAYING,
            description=st.none() | SAYING,
            tags=st.lists(TAG, max_size=3).map(tuple),
            visibility=st.none() | st.sampled_from(("public", "private")),
        ),
    ),
    max_size=5,
)


def as_dict(row: Row) -> dict[str, object]:
    said = row.fields
    return {
        "path": row.path,
        "title": said.title,
        "description": said.description,
        "tags": list(said.tags),
        "visibility": said.visibility,
    }


@given(ROWS)
def test_json_lines_come_back_as_they_were_written(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.jsonl"
        text = "".join(json.dumps(as_dict(row)) + "\n" for row in rows)
        file.write_text(text, encoding="utf-8")
        assert list(manifest.rows(file)) == rows


@given(ROWS)
def test_csv_comes_back_as_it_was_written(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.csv"
        with file.open("w", newline="", encoding="utf-8") as written:
            writer = csv.DictWriter(written, manifest.COLUMNS)
            writer.writeheader()
            writer.writerows({**as_dict(row), "tags": ";".join(row.fields.tags)} for row in rows)
        assert list(manifest.rows(file)) == rows


@given(st.binary(max_size=200), st.sampled_from(("m", "m.csv", "m.jsonl")))
def test_no_input_does_anything_but_work_or_be_refused(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(content)
        try:
            manifest.check(file)
        except InvalidInputError as error:
            assert str(file) in str(error)  # noqa: PT017 - it need not be raised


def test_paths_start_at_the_manifests_folder(tmp_path: Path) -> None:
    file = tmp_path / "manifest.csv"
    file.write_text("path,title\na/b.jpg,A boat\n/abs.jpg,\n")
    assert list(manifest.rows(file)) == [
        Row(f"{tmp_path}/a/b.jpg", Fields(title="A boat")),
        Row("/abs.jpg", Fields()),
    ]


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    file = tmp_path / "manifest.csv"
    file.write_bytes('\ufeffPath, Tags\r\n/a.jpg,"sea, sun"\r\n/b.jpg,\r\n'.encode())
    assert list(manifest.rows(file)) == [
        Row("/a.jpg", Fields(tags=("sea", "sun"))),
        Row("/b.jpg", Fields()),
    ]


def test_json_lines_are_known_by_their_look(tmp_path: Path) -> None:
    file = tmp_path / "manifest.txt"
    file.write_text('\n{"path": "/a.jpg"}\n\n')
    assert list(manifest.rows(file)) == [Row("/a.jpg", Fields())]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("m.csv", "path,titel\n/a,x\n", "line 1: unknown column 'titel'"),
        ("m.csv", "title\nx\n", "line 1: the first line must name"),
        ("m.csv", "path,path\n/a,/b\n", "line 1: the first line must name"),
        ("m.csv", "", "line 1: the first line must name"),
        ("m.csv", "path;title\n/a;x\n", "line 1: separate the columns by commas"),
        ("m.csv", "path,title\n/a,x\n/b\n", "line 3: 1 cell where the header has 2"),
        ("m.csv", "path,title\n/a,x\n,y\n", "line 3: no path"),
        ("m.csv", "path,visibility\n/a,hidden\n", "line 2: visibility must be"),
        ("m.csv", 'path\n"/a\n', "not CSV"),
        ("m.jsonl", '{"path": "/a"}\n{"path": "/b"\n', "line 2: not JSON"),
        ("m.jsonl", '{"path": "/a"}\n\n["/b"]\n', "line 3: not a JSON object"),
        ("m.jsonl", '{"path": "/a", "tag": "x"}\n', "line 1: unknown column 'tag'"),
        ("m.jsonl", '{"path": 5}\n', "line 1: path must be text"),
        ("m.jsonl", '{"path": "/a", "tags": [1]}\n', "line 1: a tag must be text"),
        ("m.jsonl", '{"path": "/a", "tags": {}}\n', "line 1: tags must be a list"),
        ("m.jsonl", '{"path": "/a\\u0000"}\n', "line 1: the path contains a NUL"),
        ("m.jsonl", "[" * 100_000, "line 1: not JSON"),
    ],
)
def test_the_line_at_fault_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        manifest.check(file)
    assert complaint in str(caught.value)


def test_a_manifest_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        manifest.check(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"path\n/caf\xe9.jpg\n")
    with pytest.raises(InvalidInputError, match="not UTF-8 at byte"):
        manifest.check(tmp_path / "latin.csv")

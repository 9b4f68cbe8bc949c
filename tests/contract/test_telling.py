"""What images tell, and how they are told apart, through the real programs."""

import io
import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

BIN = Path(sys.executable).parent
MARK = b"the fourth house on the left"


@pytest.fixture
def photo(photos: Path, picture: Any) -> Path:
    """A photograph as a camera makes it: turned, dated and placed."""
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model], exif[Base.Orientation] = "NIKON", "COOLPIX P6000", 6
    exif.get_ifd(IFD.Exif).update(
        {Base.DateTimeOriginal: "2021:12:31 23:30:00", Base.OffsetTimeOriginal: "-05:00",
         Base.FNumber: 4.5, Base.ExposureTime: 0.004}
    )  # fmt: skip
    exif.get_ifd(IFD.GPSInfo).update(
        {GPS.GPSLatitude: (43.0, 28.0, 1.76), GPS.GPSLatitudeRef: "N",
         GPS.GPSLongitude: (11.0, 53.0, 7.42), GPS.GPSLongitudeRef: "W",
         GPS.GPSAreaInformation: MARK}
    )  # fmt: skip
    with Image.open(io.BytesIO(picture(7, (80, 60)))) as plain:
        plain.save(photos / "placed.jpg", exif=exif, comment=MARK)
    return photos / "placed.jpg"


def test_what_the_camera_knew(jeff: Any, photo: Path, tmp_path: Path) -> None:
    image = jeff.run("upload", photo, "--exif-tags", "--json").json()[0]["id"]
    shown = jeff.run("show", image).out
    assert "2021-12-31T23:30:00-05:00" in shown
    assert "NIKON COOLPIX P6000" in shown
    assert "1/250 s  f/4.5" in shown
    assert "43.467156 N, 11.885394 W  (shown to you only)" in shown
    query = 'camera:nikon taken:2022-01-01 tag:2021 tag:"nikon coolpix p6000"'
    assert jeff.run("search", query, "--quiet").lines() == [image]
    jeff.run("edit", image, "--share-location")
    assert "(shown to others)" in jeff.run("show", image).out

    for times in range(2):  # a second run has nothing to do
        saved = jeff.run("download", image, "--strip-metadata", "--to", tmp_path / "to")
        assert saved.out.startswith("present" if times else "saved")
    (file,) = (tmp_path / "to").iterdir()
    assert MARK in photo.read_bytes()
    assert MARK not in file.read_bytes()
    with Image.open(file) as silent, Image.open(photo) as original:
        assert silent.tobytes() == original.tobytes()
        assert dict(silent.getexif()) == {Base.Orientation: 6}
    piped = subprocess.run(
        [BIN / "imgrepo", "download", image, "--strip-metadata", "-o", "-"],
        env=jeff.environment(), capture_output=True, check=True,
    )  # fmt: skip
    assert piped.stdout == file.read_bytes()


def test_an_anonymous_download_that_the_server_strips(
    serve: Any, new_home: Any, photo: Path, tmp_path: Path
) -> None:
    server = serve(strip_anonymous_downloads=True)
    jeff, nobody = new_home("jeff", server), new_home("nobody", server)
    jeff.register("jeff")
    image = jeff.run("upload", photo, "--quiet").lines()[0]
    assert "location" not in nobody.run("show", image).out
    (line,) = nobody.run("download", image, "--to", tmp_path / "to", "--json").json()
    assert (line["status"], line["stripped"]) == ("saved", True)
    assert MARK not in Path(line["path"]).read_bytes()
    jeff.run("download", image, "--to", tmp_path / "own")
    assert (tmp_path / "own" / "placed.jpg").read_bytes() == photo.read_bytes()


def test_tags_from_one_spelling_to_another(jeff: Any, photos: Path) -> None:
    jeff.run("upload", photos, "--tag", "Sea", "--tag", "New  York")
    assert jeff.run("tags", "NEW").out.split() == ["10", "new", "york"]
    assert jeff.run("tags", "--rename", "sea", "Ocean").out == "renamed  sea -> ocean  10 images\n"
    assert "merged" in jeff.run("tags", "--rename", "ocean", "new york").out
    assert jeff.run("tags", "--json").json() == [{"name": "new york", "count": 10}]
    assert "imgrepo tags" in jeff.run("tags", "--rename", "ocean", "sea", code=2).err


def test_somebody_elses_image_among_ones_own_is_named_and_the_rest_go_on(
    jeff: Any, new_home: Any, server: Any, photos: Path
) -> None:
    rita = new_home("rita", server)
    rita.register("rita")
    (hers,) = rita.run("upload", photos / "cat_0.jpg", "--quiet").lines()
    first, last = jeff.run("upload", photos / "cat_1.jpg", photos / "cat_2.jpg", "--quiet").lines()
    done = jeff.run("edit", first, hers, last, "--add-tag", "mine", code=3)
    assert hers in done.err
    assert "belongs to somebody else" in done.err
    assert {*jeff.run("search", "--tag", "mine", "--quiet").lines()} == {first, last}
    assert jeff.run("delete", hers, code=4).out == ""
    # What a key may not do at all is said once.
    (secret,) = jeff.run("keys", "create", "page", "--scope", "read").lines()
    rita.more["IMGREPO_TOKEN"] = secret
    refused = rita.run("delete", first, last, code=4).err
    assert refused.count("scope") == 1


def test_one_format_at_a_time(home: Any) -> None:
    for words in (["--format", "table"], ["-0"]):
        assert "--json" in home.run("list", "--json", *words, code=2).err
    assert home.run("list", "--json", "--format", "json").out == ""
    assert home.run("tags").err.endswith("No tags.\n")
    assert "No tags begin with 'zz'" in home.run("tags", "zz").err


def test_editing_everything_that_a_query_finds(jeff: Any, photos: Path) -> None:
    jeff.run("upload", photos)
    change = ("edit", "--query", "sea", "--add-tag", "Beach")
    assert "--yes" in jeff.run(*change, code=2).err  # nobody is there to ask
    assert jeff.run("tags").out == ""
    assert len(jeff.run(*change, "--yes", "--quiet").lines()) == 4
    assert jeff.run("tags", "--json").json() == [{"name": "beach", "count": 4}]
    # What an edit takes out of the query's result does not make it leave others out.
    undo = ("edit", "--query", "tag:beach", "--remove-tag", "beach", "--yes", "--json")
    assert len(jeff.run(*undo).json()) == 4
    assert "No images of yours match" in jeff.run(*undo).err
    empty = jeff.run("edit", "--query", " ", "--private", "--yes", code=2)
    assert "every image" in empty.err
    refused = jeff.run("edit", "--query", "sea (", "--private", "--yes", code=2)
    assert "^" in refused.err


def test_a_person_is_shown_what_would_be_changed_and_asked(jeff: Any, photos: Path) -> None:
    jeff.run("upload", photos)
    for answer, count in (("n", 0), ("y", 6)):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [BIN / "imgrepo", "edit", "--query", "cat", "--private", "--quiet"],
            env=jeff.environment(), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        os.close(theirs)
        time.sleep(0.1)
        os.write(ours, f"{answer}\n".encode())
        out, err = process.communicate(timeout=60)
        os.close(ours)
        shown = {f"cat_{number}.jpg" for number in range(6) if f"cat_{number}.jpg" in err}
        assert len(shown) == 5  # whichever came last: they are uploaded side by side
        assert "  …\n" in err
        assert "Change 6 images?" in err
        assert (len(out.splitlines()), process.returncode) == (count, 0)
    assert len(jeff.run("search", "is:private", "--quiet").lines()) == 6


def test_tags_and_ids_at_the_tab_key(jeff: Any, photos: Path) -> None:
    first = jeff.run("upload", photos / "cat_1.jpg", "--tag", "new york", "--quiet").lines()[0]

    def offered(*words: str) -> list[str]:
        asked = {"_IMGREPO_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words)}
        done = subprocess.run(
            [BIN / "imgrepo"],
            env=jeff.environment() | asked | {"COMP_CWORD": str(len(words) - 1)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return [line for line in done.stdout.splitlines() if line]

    assert offered("imgrepo", "search", "--tag", "N") == ["plain,new\\\\ york"]
    for begun in ('"n', "'new", '"New y'):  # in quotes a backslash would stay in the tag
        assert offered("imgrepo", "search", "--tag", begun) == ["plain,new york"]
    assert offered("imgrepo", "show", first[:6]) == [f"plain,{first}"]
    assert offered("imgrepo", "edit", "") == [f"plain,{first}"]
    assert offered("imgrepo", "list", "--user", "j") == ["plain,jeff"]
    for name in ("nightly", "camera"):
        jeff.run("keys", "create", name, "--scope", "read")
    assert offered("imgrepo", "keys", "revoke", "c") == ["plain,camera"]
    assert offered("imgrepo", "restore", "") == []
    jeff.run("delete", first)
    assert offered("imgrepo", "restore", "") == [f"plain,{first}"]
    assert offered("imgrepo", "search", "--image", "ca") == ["file,ca"]

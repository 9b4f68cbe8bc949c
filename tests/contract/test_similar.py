"""Search by image, why, duplicates and --on-similar as a person types them."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps


def saved(path: Path, picture: Image.Image, quality: int = 85) -> Path:
    picture.save(path, "JPEG", quality=quality)
    return path


@pytest.fixture
def original(photos: Path) -> Image.Image:
    with Image.open(photos / "cat_3.jpg") as picture:
        return picture.convert("RGB").resize((320, 240))


@pytest.fixture
def filled(jeff: Any, tmp_path: Path, original: Image.Image) -> Any:
    """Somebody who has one picture three times: large, coarse, small."""
    saved(tmp_path / "large.jpg", original, 95)
    saved(tmp_path / "coarse.jpg", original, 40)
    saved(tmp_path / "small.jpg", original.resize((160, 120)))
    jeff.run(
        "upload",
        "--on-similar",
        "store",
        *(tmp_path / f"{n}.jpg" for n in ("large", "coarse", "small")),
    )
    return jeff


def ids(person: Any) -> dict[str, str]:
    return {image["title"]: image["id"] for image in person.run("list", "--json").json()}


def test_a_table_tells_why_each_image_was_found(
    filled: Any, tmp_path: Path, original: Image.Image
) -> None:
    query = saved(tmp_path / "query.jpg", ImageOps.expand(ImageOps.mirror(original), 40, "white"))
    found = filled.run("search", "--image", query)
    assert len(found.lines()) == 4
    assert all("mirrored, without its border" in line for line in found.lines()[1:])
    piped = filled.run("search", "--image", "-", "--limit", "1", stdin=query.read_bytes())
    assert len(piped.lines()) == 2
    assert "--limit N or --all shows more" in piped.err
    every = filled.run("search", "--image", query, "--all", "--json").json()
    assert {match["reason"] for match in every} == {"mirrored, without its border"}
    large = ids(filled)["large.jpg"]
    like = filled.run("search", "title:small", "--image", large, "--json").json()
    assert [match["title"] for match in like] == ["small.jpg"]


def test_why_explains_either_way_round(filled: Any, tmp_path: Path, original: Image.Image) -> None:
    large, small = ids(filled)["large.jpg"], ids(filled)["small.jpg"]
    turned = saved(tmp_path / "turned.jpg", original.rotate(90, expand=True))
    for words in ((large, turned), (turned, large)):
        told = filled.run("why", *words)
        assert "turned by 90°" in told.out
        assert "near begins above 12" in told.out
    (why,) = filled.run("why", large, small, "--json").json()
    assert why["match"] == "same"
    assert set(why["hashes"]) == {"phash64", "dhash64", "phash256"}
    assert "Name at least one by its id" in filled.run("why", turned, turned, code=2).err
    filled.run("why", "00000000-0000-7000-8000-000000000000", turned, code=6)


def test_duplicates_propose_the_best_and_delete_the_others_after_asking(filled: Any) -> None:
    by_title = ids(filled)
    (group,) = filled.run("duplicates", "--json").json()
    assert group["best"]["id"] == by_title["large.jpg"]
    shown = filled.run("duplicates")
    assert shown.lines()[0].startswith("keep")
    assert "Groups: 1. --delete-others puts 2 images (" in shown.err
    assert "--yes" in filled.run("duplicates", "--delete-others", code=2).err
    assert len(ids(filled)) == 3
    filled.run("duplicates", "--delete-others", "--yes")
    assert ids(filled).keys() == {"large.jpg"}
    assert "No duplicates." in filled.run("duplicates").err
    filled.run("restore", by_title["coarse.jpg"])
    filled.run("duplicates", "--not", by_title["large.jpg"], by_title["coarse.jpg"])
    assert "No duplicates." in filled.run("duplicates").err
    filled.run("duplicates", "--not", by_title["large.jpg"], "no-id", code=6)


def test_an_upload_tells_of_what_looks_the_same(
    filled: Any, tmp_path: Path, original: Image.Image
) -> None:
    again = saved(tmp_path / "again.jpg", original, 60)
    line, summary = filled.run("upload", again, "--json").json()
    assert line["status"] == "stored"
    assert line["similar"].keys() == {"id", "distance", "match", "title"}
    assert summary["stored"] == 1
    other = saved(tmp_path / "other.jpg", original, 50)
    line, summary = filled.run("upload", other, "--on-similar", "skip", "--json").json()
    assert (line["status"], line["id"]) == ("skipped", None)
    assert line["similar"]["match"] == "same"
    assert (summary["stored"], summary["skipped"]) == (0, 1)
    assert "1 left out (like another)" in filled.run("upload", other, "--on-similar", "skip").err
    kept = filled.run("upload", other, "--on-similar", "store", "--json").json()[0]
    assert kept["status"] == "stored"
    assert "similar" not in kept


def test_a_flat_picture_finds_nothing_and_says_so(jeff: Any, tmp_path: Path) -> None:
    paths = [
        saved(tmp_path / f"{tone}.jpg", Image.new("RGB", (64, 48), (tone,) * 3))
        for tone in (50, 90)
    ]
    jeff.run("upload", paths[0])
    found = jeff.run("search", "--image", paths[1])
    assert found.out == ""
    assert "--flat" in found.err
    assert len(jeff.run("search", "--image", paths[1], "--flat").lines()) == 2


def test_what_is_no_image_is_refused(jeff: Any, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no image")
    jeff.run("search", "--image", tmp_path / "text.jpg", code=3)
    jeff.run("search", "--image", tmp_path / "missing.jpg", code=2)

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.captions import Captions, read_captions
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits
from PIL import Image
from PIL.PngImagePlugin import PngInfo

Scene = Callable[..., Image.Image]

PACKET = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">
  <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Die Möwe</rdf:li></rdf:Alt></dc:title>
  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">Am Meer</rdf:li></rdf:Alt></dc:description>
  <dc:subject><rdf:Bag><rdf:li>bird</rdf:li><rdf:li> sea </rdf:li><rdf:li/></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def with_xmp(packet: object) -> Captions:
    picture = Image.new("RGB", (1, 1))
    picture.info["xmp"] = packet
    return read_captions(picture)


def test_words_in_xmp_are_read() -> None:
    assert with_xmp(PACKET) == Captions("Die Möwe", "Am Meer", ("bird", "sea"))
    assert with_xmp(PACKET + b"\0" * 20).title == "Die Möwe"


def test_a_location_among_the_keywords_is_none() -> None:
    packet = PACKET.replace(b">bird<", b">Geo:Lat=43.46<").replace(b"> sea <", b">geotagged<")
    assert with_xmp(packet).keywords == ()
    assert with_xmp(PACKET.replace(b">bird<", b">geology<")).keywords == ("geology", "sea")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_in_every_format(form: str, tmp_path: Path, limits: DecodeLimits, scene: Scene) -> None:
    if form == "PNG":
        words = PngInfo()
        words.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        scene(64, 48).save(tmp_path / "picture", form, pnginfo=words)
    elif form == "TIFF":
        scene(64, 48).save(tmp_path / "picture", form, tiffinfo={700: PACKET})
    else:
        scene(64, 48).save(tmp_path / "picture", form, xmp=PACKET)
    seen = examine(tmp_path / "picture", None, limits)
    assert seen.exif["title"] == "Die Möwe"
    assert seen.exif["keywords"] == ["bird", "sea"]


def test_a_document_type_is_refused_since_it_could_expand_without_bound() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "haha">]>' + PACKET
    for encoding in ("utf-8", "utf-16", "utf-16-be"):
        assert with_xmp(bomb.decode().encode(encoding)) == Captions()


@pytest.mark.parametrize(
    "packet", [b"", b"\0", b"<x", b"<a/>" * 2, b"\xff\xfe", "text", None, 7, b" " * (1 << 21)]
)
def test_damaged_packets_say_nothing(packet: object) -> None:
    assert with_xmp(packet) == Captions()


@given(st.binary(max_size=300))
def test_any_bytes_do_no_harm(packet: bytes) -> None:
    with_xmp(packet)
    with_xmp(PACKET[:200] + packet)


def iptc(*records: tuple[int, bytes]) -> bytes:
    return b"".join(
        b"\x1c\x02" + bytes([dataset]) + len(value).to_bytes(2, "big") + value
        for dataset, value in records
    )


def test_words_in_iptc_are_read(tmp_path: Path, limits: DecodeLimits, scene: Scene) -> None:
    words = iptc((5, b"The gull"), (25, b"bird"), (25, b"sea"), (120, b"By the sea"))
    scene(64, 48).save(tmp_path / "picture.tif", tiffinfo={33723: words})
    seen = examine(tmp_path / "picture.tif", None, limits)
    assert seen.exif["title"] == "The gull"
    assert seen.exif["description"] == "By the sea"
    assert seen.exif["keywords"] == ["bird", "sea"]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_damaged_iptc_says_less(
    cut: int, tmp_path: Path, limits: DecodeLimits, scene: Scene
) -> None:
    words = iptc((5, b"The gull"), (25, b"bird"), (120, b"By the sea"))
    scene(64, 48).save(tmp_path / "picture.tif", tiffinfo={33723: words[:-cut] + b"\xff\x80\xff"})
    examine(tmp_path / "picture.tif", None, limits)

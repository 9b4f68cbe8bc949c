"""Draws the sample pictures: ``python sample_images/generate.py [--to DIR]``.

Every picture is drawn by code in ``scenes/`` with fixed seeds, so that the same version of Pillow
writes the same bytes again. The EXIF data are make-believe, there for searches by camera, by date
and by place to find something; only the ``Software`` tag tells the truth.
"""

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance
from PIL.ExifTags import GPS, IFD, Base

# Started as a script, Python searches this file's folder only, not the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sample_images.scenes.aurora import winter_cabin_aurora
from sample_images.scenes.balloons import balloons_valley
from sample_images.scenes.bridge import bridge_golden_gate
from sample_images.scenes.city import city_skyline_dusk
from sample_images.scenes.comet import night_comet
from sample_images.scenes.forest import forest_fog
from sample_images.scenes.lighthouse import lighthouse_storm
from sample_images.scenes.mountains import mountain_lake
from sample_images.scenes.nap import cat_asleep_cushion
from sample_images.scenes.rooftops import cat_night_rooftop
from sample_images.scenes.sailing import beach_sailing_boat
from sample_images.scenes.sunset import beach_sunset
from sample_images.scenes.table import still_life_lemons
from sample_images.scenes.windowsill import cat_windowsill

HERE = Path(__file__).resolve().parent
Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Shot:
    """What a camera would have noted.

    ``taken`` is local time as EXIF writes it, ``offset`` its distance from UTC, ``place`` latitude
    and longitude in degrees. ``turned`` stores the pixels lying on their side, as cameras held
    upright do, with the orientation tag that says so.
    """

    make: str
    model: str
    taken: str
    offset: str
    place: tuple[float, float] | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is drawn: its file, its longer side in pixels, what its camera noted."""

    name: str
    draw: Callable[[], Image.Image]
    shot: Shot | None = None
    longest: int = 800


@dataclass(frozen=True, slots=True)
class Copy:
    """A near-duplicate: the file of another picture, opened, changed and saved as a JPEG."""

    name: str
    original: str
    change: Change
    quality: int = 78


PICTURES = (
    Picture(
        "cat_windowsill.jpg",
        cat_windowsill,
        Shot("Canon", "Canon EOS R6", "2023:11:04 15:20:31", "+01:00"),
    ),
    Picture("cat_asleep_cushion.webp", cat_asleep_cushion),
    Picture("cat_night_rooftop.png", cat_night_rooftop, longest=680),
    Picture(
        "beach_sunset.jpg",
        beach_sunset,
        Shot("NIKON CORPORATION", "NIKON Z 6_2", "2021:07:18 20:41:09", "+02:00"),
    ),
    Picture(
        "beach_sailing_boat.jpg",
        beach_sailing_boat,
        Shot("FUJIFILM", "X-T4", "2022:08:02 11:05:44", "+02:00"),
    ),
    Picture("mountain_lake.jpg", mountain_lake),
    Picture("city_skyline_dusk.webp", city_skyline_dusk),
    Picture("forest_fog.jpg", forest_fog),
    Picture("balloons_valley.jpg", balloons_valley),
    Picture(
        "lighthouse_storm.jpg",
        lighthouse_storm,
        Shot("SONY", "ILCE-7M4", "2022:10:29 17:02:50", "+01:00", turned=True),
    ),
    Picture("still_life_lemons.jpg", still_life_lemons),
    Picture("night_comet.png", night_comet, longest=680),
    Picture(
        "winter_cabin_aurora.webp",
        winter_cabin_aurora,
        Shot("SONY", "ILCE-7M4", "2024:02:11 23:38:02", "+01:00"),
    ),
    Picture(
        "bridge_golden_gate.jpg",
        bridge_golden_gate,
        Shot("Apple", "iPhone 14 Pro", "2023:04:12 08:30:00", "-07:00", (37.8199, -122.4783)),
    ),
)

COPIES = (
    Copy("cat_windowsill_small.jpg", "cat_windowsill.jpg", lambda image: image.reduce(2)),
    Copy("beach_sunset_recompressed.jpg", "beach_sunset.jpg", lambda image: image, quality=30),
    Copy("mountain_lake_cropped.jpg", "mountain_lake.jpg", lambda image: _trimmed(image, 0.02)),
    Copy(
        "forest_fog_brighter.jpg",
        "forest_fog.jpg",
        lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    ),
)


def files() -> Iterator[tuple[str, bytes]]:
    """Every sample as its file's name and content, the drawn ones first."""
    drawn = {}
    for picture in PICTURES:
        drawn[picture.name] = _developed(picture)
        yield picture.name, drawn[picture.name]
    for copy in COPIES:
        with Image.open(io.BytesIO(drawn[copy.original])) as original:
            changed = copy.change(original.convert("RGB"))
        # Without EXIF data, as such copies usually come.
        changed.info.clear()
        yield copy.name, _encoded(changed, ".jpg", Image.Exif(), copy.quality)


def _developed(picture: Picture) -> bytes:
    """The picture's file."""
    image = picture.draw()
    image.thumbnail((picture.longest, picture.longest), Image.Resampling.LANCZOS)
    exif = Image.Exif()
    if picture.shot:
        exif = _exif(picture.shot)
        if picture.shot.turned:
            image = image.transpose(Image.Transpose.ROTATE_90)
    return _encoded(image, Path(picture.name).suffix, exif, 80)


def _encoded(image: Image.Image, suffix: str, exif: Image.Exif, quality: int) -> bytes:
    content = io.BytesIO()
    if suffix == ".jpg":
        image.save(content, "JPEG", exif=exif, quality=quality, optimize=True, progressive=True)
    elif suffix == ".webp":
        image.save(content, "WEBP", exif=exif, quality=quality, method=6)
    else:
        _with_palette(image).save(content, "PNG", exif=exif, optimize=True)
    return content.getvalue()


def _exif(shot: Shot) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make] = shot.make
    exif[Base.Model] = shot.model
    exif[Base.Software] = "imgrepo sample_images/generate.py"
    # 6: whoever shows the picture turns it a quarter clockwise.
    exif[Base.Orientation] = 6 if shot.turned else 1
    exif[IFD.Exif] = {
        Base.DateTimeOriginal: shot.taken,
        Base.OffsetTimeOriginal: shot.offset,
    }
    if shot.place:
        latitude, longitude = shot.place
        exif[IFD.GPSInfo] = {
            GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
            GPS.GPSLatitude: _sexagesimal(latitude),
            GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
            GPS.GPSLongitude: _sexagesimal(longitude),
        }
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds, without the sign."""
    whole, rest = divmod(abs(degrees), 1)
    minutes, rest = divmod(rest * 60, 1)
    return whole, minutes, round(rest * 60, 2)


def _with_palette(image: Image.Image) -> Image.Image:
    """The picture in 256 dithered colours: a third of the size of the PNG with all of them."""
    # This method keeps colours that are rare and matter: a black cat's yellow eyes.
    palette = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _trimmed(image: Image.Image, share: float) -> Image.Image:
    """The picture without a margin of so much of its width and height."""
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


def main() -> None:
    """Writes every sample into a folder and says how large it became."""
    parser = argparse.ArgumentParser(description="Draws the sample pictures.")
    parser.add_argument(
        "--to",
        type=Path,
        default=HERE,
        metavar="DIR",
        help="folder to write to (default: %(default)s)",
    )
    folder: Path = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, content in files():
        (folder / name).write_bytes(content)
        total += len(content)
        print(f"{len(content) / 1000:7.1f} kB  {name}")
    print(f"{total / 1000:7.1f} kB  in all")


if __name__ == "__main__":
    main()

"""Draws the sample images: ``python sample_images/generate.py [--to DIR]``.

The same bytes each time, for one version of Pillow: everything random is seeded.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageEnhance

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run as a script, from anywhere

from sample_images.scenes import (
    aurora,
    balloons,
    bridge,
    city,
    comet,
    forest,
    lighthouse,
    mountains,
    nap,
    rooftops,
    sailing,
    sunset,
    table,
    windowsill,
)

LONG_SIDE = 800
TURNED_CLOCKWISE = 6
"""EXIF's orientation of a picture that has to be turned by 90 degrees clockwise to be seen."""


@dataclass(frozen=True)
class Camera:
    """What the file says of how it came about."""

    make: str
    model: str
    taken: str
    offset: str = "+00:00"
    orientation: int | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sample:
    """A file: its name, its picture, how it is compressed."""

    name: str
    draw: Callable[[], Image.Image]
    quality: int = 82
    camera: Camera | None = None


def resized(draw: Callable[[], Image.Image], share: float) -> Callable[[], Image.Image]:
    """A picture at a share of its size."""

    def drawn() -> Image.Image:
        picture = draw()
        size = (round(picture.width * share), round(picture.height * share))
        return picture.resize(size, Image.Resampling.LANCZOS)

    return drawn


def cropped(draw: Callable[[], Image.Image], share: float) -> Callable[[], Image.Image]:
    """A picture without this share of each side."""

    def drawn() -> Image.Image:
        picture = draw()
        x, y = round(picture.width * share), round(picture.height * share)
        return picture.crop((x, y, picture.width - x, picture.height - y))

    return drawn


def brighter(draw: Callable[[], Image.Image], factor: float) -> Callable[[], Image.Image]:
    """A picture in more light."""
    return lambda: ImageEnhance.Brightness(draw()).enhance(factor)


SAMPLES = (
    Sample(
        "cat_windowsill.jpg",
        windowsill.cat_windowsill,
        camera=Camera("Canon", "Canon EOS R6", "2023:11:04 15:20:31", "+01:00"),
    ),
    Sample("cat_windowsill_small.jpg", resized(windowsill.cat_windowsill, 0.5)),
    Sample("cat_asleep_cushion.webp", nap.cat_asleep_cushion, 80),
    Sample("cat_night_rooftop.png", resized(rooftops.cat_night_rooftop, 0.5)),
    Sample(
        "beach_sunset.jpg",
        sunset.beach_sunset,
        camera=Camera("NIKON CORPORATION", "NIKON Z 6_2", "2021:07:18 20:41:09", "+02:00"),
    ),
    Sample("beach_sunset_recompressed.jpg", sunset.beach_sunset, 35),
    Sample(
        "beach_sailing_boat.jpg",
        sailing.beach_sailing_boat,
        camera=Camera("FUJIFILM", "X-T4", "2022:08:02 11:05:44", "+02:00"),
    ),
    Sample("mountain_lake.jpg", mountains.mountain_lake),
    Sample("mountain_lake_cropped.jpg", cropped(mountains.mountain_lake, 0.025)),
    Sample("city_skyline_dusk.webp", city.city_skyline_dusk, 80),
    Sample("forest_fog.jpg", forest.forest_fog),
    Sample("forest_fog_brighter.jpg", brighter(forest.forest_fog, 1.12)),
    Sample("balloons_valley.jpg", balloons.balloons_valley),
    Sample(
        "lighthouse_storm.jpg",
        lighthouse.lighthouse_storm,
        camera=Camera(
            "SONY",
            "ILCE-7M4",
            "2022:10:29 17:02:50",
            "+01:00",
            orientation=TURNED_CLOCKWISE,
        ),
    ),
    Sample("still_life_lemons.jpg", table.still_life_lemons),
    Sample("night_comet.png", resized(comet.night_comet, 0.5)),
    Sample("winter_cabin_aurora.webp", aurora.winter_cabin_aurora, 80),
    Sample(
        "bridge_golden_gate.jpg",
        bridge.bridge_golden_gate,
        camera=Camera(
            "Apple", "iPhone 14 Pro", "2023:04:12 08:30:00", "-07:00", place=(37.8199, -122.4783)
        ),
    ),
)


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="folder to draw to")
    folder = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        save(sample, folder / sample.name)


def save(sample: Sample, path: Path) -> None:
    """Draw one and write it in the format that its name says."""
    picture = sample.draw()
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    camera = sample.camera
    exif = Image.Exif() if camera is None else exif_of(camera)
    if camera is not None and camera.orientation == TURNED_CLOCKWISE:
        picture = picture.transpose(Image.Transpose.ROTATE_90)  # as the sensor saw it
    if path.suffix == ".png":
        picture.quantize(128, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    elif path.suffix == ".webp":
        picture.save(path, quality=sample.quality, method=6)
    else:
        picture.save(path, quality=sample.quality, optimize=True, exif=exif)


def exif_of(camera: Camera) -> Image.Exif:
    """EXIF as a camera writes it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = camera.make
    exif[ExifTags.Base.Model] = camera.model
    if camera.orientation is not None:
        exif[ExifTags.Base.Orientation] = camera.orientation
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: camera.taken,
            ExifTags.Base.OffsetTimeOriginal: camera.offset,
        }
    )
    if camera.place is not None:
        latitude, longitude = camera.place
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
                ExifTags.GPS.GPSLatitude: _sexagesimal(abs(latitude)),
                ExifTags.GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
                ExifTags.GPS.GPSLongitude: _sexagesimal(abs(longitude)),
            }
        )
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return float(whole), float(minutes), round((degrees - whole - minutes / 60) * 3600, 2)


if __name__ == "__main__":
    main()

"""What people and programs do to pictures, as functions from one to the altered one.

Groups are those that the goals of ``benchmarks.similarity`` are set for.
"""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Alter = Callable[[Image.Image, random.Random], Image.Image]
Encode = Callable[[Image.Image], bytes]


@dataclass(frozen=True, slots=True)
class Alteration:
    """One way to alter a picture; ``goal`` is the recall at rank 1 to reach, None for no goal."""

    group: str
    goal: float | None
    alter: Alter
    encode: Encode


def jpeg(quality: int) -> Encode:
    """As JPEG of that quality."""
    return lambda picture: _encoded(picture.convert("RGB"), "JPEG", quality=quality)


def _encoded(picture: Image.Image, format_: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_, **how)
    return out.getvalue()


def _turned_by_exif(picture: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise: so the pixels are turned back
    stored = picture.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    return _encoded(stored, "JPEG", quality=85, exif=exif)


def _scaled(factor: float) -> Alter:
    def alter(picture: Image.Image, _: random.Random) -> Image.Image:
        size = (max(1, round(side * factor)) for side in picture.size)
        return picture.resize(tuple(size), Image.Resampling.LANCZOS)  # type: ignore[arg-type] # a pair

    return alter


def _cropped(share: float) -> Alter:
    """Cut away so much of each side's length, at random places of the edge."""

    def alter(picture: Image.Image, chance: random.Random) -> Image.Image:
        width, height = (round(side * (1 - share)) for side in picture.size)
        left = chance.randint(0, picture.width - width)
        top = chance.randint(0, picture.height - height)
        return picture.crop((left, top, left + width, top + height))

    return alter


def _cut(left: float, top: float, right: float, bottom: float) -> Alter:
    """Cut away such shares of the sides' lengths."""
    return lambda picture, _: picture.crop(
        (
            round(picture.width * left),
            round(picture.height * top),
            round(picture.width * (1 - right)),
            round(picture.height * (1 - bottom)),
        )
    )


def _bordered(share: float, color: str) -> Alter:
    return lambda picture, _: ImageOps.expand(picture, round(max(picture.size) * share), color)


def _rotated(degrees: float) -> Alter:
    """Turned, with black corners."""
    return lambda picture, _: picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def _noisy(picture: Image.Image, _: random.Random) -> Image.Image:
    grain = Image.effect_noise(picture.size, 40).convert("RGB")
    return Image.blend(picture, grain, 0.15)


def _watermarked(picture: Image.Image, _: random.Random) -> Image.Image:
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for y in range(0, picture.height, max(40, picture.height // 6)):
        pen.text((y % 90, y), "(c) example.org   " * 12, fill=(255, 255, 255, 110), font_size=22)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _with_badge(share: float) -> Alter:
    """A badge over so much of the picture's area, in a corner."""

    def alter(picture: Image.Image, _: random.Random) -> Image.Image:
        copy = picture.copy()
        width, height = (round(side * share**0.5) for side in picture.size)
        box = (picture.width - width, picture.height - height, picture.width, picture.height)
        pen = ImageDraw.Draw(copy)
        pen.rectangle(box, fill=(200, 30, 40))
        pen.text((box[0] + 10, box[1] + height // 2), "NEW", fill="white", font_size=height // 4)
        return copy

    return alter


def _captioned(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A white bar with two lines of text above the picture, as memes have it."""
    bar = max(40, round(picture.height * 0.22))
    copy = Image.new("RGB", (picture.width, picture.height + bar), "white")
    copy.paste(picture, (0, bar))
    pen = ImageDraw.Draw(copy)
    for line in range(2):
        words = " ".join(
            chance.choice(("when", "you", "see", "the", "cat", "again")) for _ in range(6)
        )
        pen.text((12, bar * (0.1 + 0.45 * line)), words, fill="black", font_size=round(bar * 0.32))
    return copy


def _screenshot(dark: bool) -> Alter:
    """Letterboxed on a phone of 1080x2160, with a status bar and a row of buttons."""

    def alter(picture: Image.Image, _: random.Random) -> Image.Image:
        ground, ink = ("black", "white") if dark else ("white", "black")
        screen = Image.new("RGB", (1080, 2160), ground)
        shown = ImageOps.contain(picture, (1080, 1700), Image.Resampling.LANCZOS)
        screen.paste(shown, ((1080 - shown.width) // 2, (2160 - shown.height) // 2))
        pen = ImageDraw.Draw(screen)
        pen.text((40, 24), "12:34", fill=ink, font_size=40)
        pen.rectangle((960, 30, 1030, 60), outline=ink, width=4)
        for x in range(120, 1000, 240):
            pen.ellipse((x, 2040, x + 60, 2100), outline=ink, width=6)
        return screen

    return alter


def _gray(picture: Image.Image, _: random.Random) -> Image.Image:
    return ImageOps.grayscale(picture).convert("RGB")


def _brightness(factor: float) -> Alter:
    return lambda picture, _: ImageEnhance.Brightness(picture).enhance(factor)


def _mirrored(picture: Image.Image, _: random.Random) -> Image.Image:
    return ImageOps.mirror(picture)


def _same(picture: Image.Image, _: random.Random) -> Image.Image:
    return picture


def _then(*steps: Alter) -> Alter:
    def alter(picture: Image.Image, chance: random.Random) -> Image.Image:
        for step in steps:
            picture = step(picture, chance)
        return picture

    return alter


def _quarter(turn: Image.Transpose) -> Alter:
    return lambda picture, _: picture.transpose(turn)


def _entries() -> dict[str, Alteration]:
    usual = jpeg(85)

    def png(picture: Image.Image) -> bytes:
        return _encoded(picture, "PNG")

    def webp(picture: Image.Image) -> bytes:
        return _encoded(picture, "WEBP", quality=70)

    def gif(picture: Image.Image) -> bytes:
        return _encoded(picture.convert("P", palette=Image.Palette.ADAPTIVE), "GIF")

    easy, border, screen = 0.99, 0.90, 0.85
    quarter = Image.Transpose
    # One a line, and long: this is a table for people.
    # fmt: off
    return {
        "recompressed, quality 60": Alteration("recompress", easy, _same, jpeg(60)),
        "recompressed, quality 20": Alteration("recompress", easy, _same, jpeg(20)),
        "resized to 50 %": Alteration("resize", easy, _scaled(0.5), usual),
        "resized to 25 %": Alteration("resize", easy, _scaled(0.25), usual),
        "enlarged to 200 %": Alteration("resize", easy, _scaled(2.0), usual),
        "as PNG": Alteration("recompress", easy, _same, png),
        "as WebP": Alteration("recompress", easy, _same, webp),
        "as GIF, 256 colours": Alteration("recompress", easy, _same, gif),
        "gray": Alteration(
            "filter", easy, _gray, usual
        ),
        "brighter by 30 %": Alteration(
            "filter", easy, _brightness(1.3), usual
        ),
        "darker by 30 %": Alteration(
            "filter", easy, _brightness(0.7), usual
        ),
        "more contrast": Alteration(
            "filter", easy, lambda p, _: ImageEnhance.Contrast(p).enhance(1.4), usual
        ),
        "colours washed out": Alteration(
            "filter", easy, lambda p, _: ImageEnhance.Color(p).enhance(0.4), usual
        ),
        "blurred": Alteration(
            "filter", easy, lambda p, _: p.filter(ImageFilter.GaussianBlur(3)), usual
        ),
        "sharpened": Alteration(
            "filter", easy, lambda p, _: p.filter(ImageFilter.UnsharpMask(3, 150)), usual
        ),
        "noise": Alteration("filter", easy, _noisy, usual),
        "watermark all over": Alteration("overlay", easy, _watermarked, usual),
        "badge over 5 %": Alteration("overlay", easy, _with_badge(0.05), usual),
        "badge over 10 %": Alteration("overlay", easy, _with_badge(0.10), usual),
        "badge over 20 %": Alteration("overlay", easy, _with_badge(0.20), usual),
        "border of 3 %, white": Alteration("border", border, _bordered(0.03, "white"), usual),
        "border of 10 %, black": Alteration("border", border, _bordered(0.10, "black"), usual),
        "border of 10 %, white": Alteration("border", border, _bordered(0.10, "white"), usual),
        "border of 20 %, coloured": Alteration("border", border, _bordered(0.20, "#284878"), usual),
        "caption bar": Alteration("caption", border, _captioned, usual),
        "phone screenshot, dark": Alteration("screenshot", screen, _screenshot(dark=True), usual),
        "phone screenshot, light": Alteration("screenshot", screen, _screenshot(dark=False), usual),
        "crop of 5 %": Alteration("crop 5 %", 0.98, _cropped(0.05), usual),
        "crop of 10 %": Alteration("crop 10 %", 0.75, _cropped(0.10), usual),
        "crop of 10 %, centred": Alteration("crop 10 %", 0.75, _cut(0.05, 0.05, 0.05, 0.05), usual),
        "crop of 10 %, a corner left": Alteration("crop 10 %", 0.75, _cut(0.1, 0.1, 0, 0), usual),
        "crop of 10 %, one side": Alteration("crop 10 %", 0.75, _cut(0, 0, 0.1, 0), usual),
        "crop of 20 %": Alteration("crop 20 %", None, _cropped(0.20), usual),
        "turned by 2 degrees": Alteration("turn 2", None, _rotated(2), usual),
        "turned by 5 degrees": Alteration("turn 5", None, _rotated(5), usual),
        "turned by 10 degrees": Alteration("turn 10", None, _rotated(10), usual),
        "turned by 90 degrees": Alteration(
            "quarter turn", easy, _quarter(quarter.ROTATE_90), usual
        ),
        "turned by 180 degrees": Alteration(
            "quarter turn", easy, _quarter(quarter.ROTATE_180), usual
        ),
        "turned by 270 degrees": Alteration(
            "quarter turn", easy, _quarter(quarter.ROTATE_270), usual
        ),
        "mirrored": Alteration("mirror", easy, _mirrored, usual),
        "upside down": Alteration("mirror", easy, _quarter(quarter.FLIP_TOP_BOTTOM), usual),
        "turned by EXIF only": Alteration("quarter turn", easy, _same, _turned_by_exif),
        "mirrored, border, quality 50": Alteration(
            "combined", None, _then(_mirrored, _bordered(0.08, "white")), jpeg(50)
        ),
        "resized, gray, watermark": Alteration(
            "combined",
            None,
            _then(_scaled(0.5), _watermarked, _gray),
            jpeg(60),
        ),
        "crop of 5 %, then border": Alteration(
            "combined", None, _then(_cropped(0.05), _bordered(0.10, "black")), usual
        ),
        "screenshot, turned by 90": Alteration(
            "combined", None, _then(_screenshot(dark=True), _quarter(quarter.ROTATE_90)), jpeg(70)
        ),
    }
    # fmt: on


ALTERATIONS: Mapping[str, Alteration] = MappingProxyType(_entries())

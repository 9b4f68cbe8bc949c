"""A made-up album of any size: titles, descriptions, tags, owners and times like people's.

Words are drawn by Zipf's law from real ones and, in the long tail where names of places stand, from
made-up ones. The same number always gives the same album.
"""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

OWNERS, TAGS, WORDS = 1000, 2000, 30_000
FIRST_TAKEN = datetime(2012, 1, 1, tzinfo=UTC)
FIRST_ADDED = datetime(2020, 1, 1, tzinfo=UTC)
TAKEN_DAYS, ADDED_DAYS = 5000, 2000

_REAL = """
abandoned after afternoon airport all amsterdam ancient another apple aunt aurora autumn balcony
barcelona barn bay beach beautiful bed before behind berlin between bicycle big bird birthday
black blue boat book boston bread brick bridge broken brother brussels budapest bus busy butterfly
cairo cake camera canyon car castle cat cathedral cave chair cheese cherry chicago children
christmas church city cliff climb closeup cloud coast coffee cold comet concrete cook cow crowded
dance dark dawn day desert detail dinner dog door drink dry dublin dusk easter eat edinburgh empty
evening every family famous far farm father fence field first fish five florence flower fog foggy
football for forest forgotten found four fox friends from front fruit garden glacier glass golden
grandfather grandmother green hall hamburg harbour harvest havana helsinki hidden hill holiday
home horse hot hotel house ice inside iron island istanbul journey jump kitchen kyoto lake lamp
landscape large last laugh leaf left lemon letter light lighthouse lima lisbon little london lost
lovely lunch macro madrid market meadow melbourne miami milan misty modern moon morning mother
motorcycle mountain munich museum naples near new night north old olive orange osaka oslo other
outside painted panorama paper paris park party path pepper phone picnic picture plane playing
porto portrait prague queue quiet rain rainbow red reflection restored river road rock roof rome
room rose ruins running sail salad sand school sea seattle second secret seoul seville shadow
sheep ship shore sister sky sleeping small smile snow soup south spider spring square station
statue stockholm stone storm strange strawberry street summer sun sunday sunny sunrise sunset
swimming sydney table tame tea temple terrace third three tokyo tomato tower town traffic train
tree trip tulip two uncle under valley vancouver venice vienna view village volcano walk wall warm
warsaw water waterfall wave wedding wet white wild window windy wine winter with wooden yard
yellow young zebra zurich
""".split()  # noqa: SIM905 -- for people to read
_SYLLABLES = """
ba be bi bo bra bu ca ce co cro da de di do du el en fa fe fi fo gra ga go gu ha he hi ho in ja jo
ka ke ki ko kra la le li lo lu ma me mi mo mu na ne ni no nu or pa pe pi po pra ra re ri ro ru sa
se si so sta su ta te ti to tra tu un va ve vi vo wa we wi za zo
""".split()  # noqa: SIM905 -- for people to read
_ENDINGS = ("", "n", "s", "r", "th", "ng", "ck", "st", "burg", "ville", "ton", "ia")


@dataclass(frozen=True)
class Photo:
    """What somebody says of a picture, and what its file says."""

    owner: int
    title: str
    description: str
    tags: tuple[str, ...]
    public: bool
    taken_at: datetime | None
    added_at: datetime
    size: int
    width: int
    height: int
    format: str
    camera: tuple[str, str] | None


class Album:
    """So many photos, and the words that they were described with, most used first."""

    def __init__(self, photos: int):
        self.photos = photos
        chance = random.Random(4)
        self.words = _words(chance, WORDS)
        self.tags = self.words[:TAGS]
        self.owners = _distinct(OWNERS, lambda: ".".join(_name(chance) for _ in range(2)))
        self._weights = _zipf(WORDS)

    def __iter__(self) -> Iterator[Photo]:
        chance = random.Random(5)
        for number in range(self.photos):
            yield self._photo(chance, number)

    def some_words(self, chance: random.Random, count: int) -> list[str]:
        """Words as people use them."""
        return chance.choices(self.words, cum_weights=self._weights, k=count)

    def _photo(self, chance: random.Random, number: int) -> Photo:
        if chance.random() < 0.2:
            title = f"IMG_{chance.randrange(10_000):04}.jpg"
        else:
            title = " ".join(self.some_words(chance, chance.randint(2, 4))).capitalize()
        added_at = FIRST_ADDED + timedelta(days=ADDED_DAYS * number / self.photos)
        taken_at = FIRST_TAKEN + timedelta(days=TAKEN_DAYS * chance.random())
        wide = chance.random() < 0.7
        long_side = chance.choice((1280, 1920, 3000, 4000, 4000, 6000))
        short_side = long_side * 3 // 4
        return Photo(
            owner=chance.randrange(OWNERS),
            title=title,
            description=" ".join(self.some_words(chance, 8)),
            tags=tuple(sorted(set(self._some_tags(chance)))),
            public=chance.random() < 2 / 3,
            taken_at=None if chance.random() < 0.1 else taken_at,
            added_at=added_at,
            size=int(chance.lognormvariate(14, 0.8)),
            width=long_side if wide else short_side,
            height=short_side if wide else long_side,
            format="jpeg" if chance.random() < 0.95 else "png",
            camera=None if chance.random() < 0.2 else chance.choice(_CAMERAS),
        )

    def _some_tags(self, chance: random.Random) -> list[str]:
        return chance.choices(self.tags, cum_weights=self._weights[:TAGS], k=3)


_CAMERAS = (
    ("Apple", "iPhone 12"),
    ("Apple", "iPhone 8"),
    ("Canon", "Canon EOS 80D"),
    ("FUJIFILM", "X-T4"),
    ("NIKON CORPORATION", "NIKON Z 6"),
    ("samsung", "SM-G991B"),
    ("SONY", "ILCE-7M3"),
)


def _zipf(count: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 3) for rank in range(count)))


def _words(chance: random.Random, count: int) -> list[str]:
    real = list(_REAL)
    chance.shuffle(real)
    made_up = _distinct(count - len(real), lambda: _name(chance), but=real)
    return [*real, *made_up]


def _distinct(count: int, make: Callable[[], str], but: Iterable[str] = ()) -> list[str]:
    seen = set(but)
    found: list[str] = []
    while len(found) < count:
        name = make()
        if name not in seen:
            seen.add(name)
            found.append(name)
    return found


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))) + chance.choice(_ENDINGS)

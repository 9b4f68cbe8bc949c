"""How common grams are, estimated from the newest images: which ones of a word to look up.

At a million images the lists of a word's three rarest grams are read in a third of the time that
five of its grams take, at the median; in a fifth at the 95th percentile.
"""

from collections import Counter
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import images
from imgrepo_server.db.terms import grams_of

_SAMPLE = 1000
_NEWEST = sa.select(sa.func.max(images.c.seq))
# Everybody's images, private ones too: the estimate decides how long a search takes, by
# microseconds, and never what it finds.
_TEXTS = sa.select(images.c.search_text).order_by(images.c.seq.desc()).limit(_SAMPLE)


class GramFrequencies:
    """A cache that is filled at the first use, and anew whenever the repository has doubled."""

    def __init__(self) -> None:
        self._sampled_at = 0
        self._counts: Mapping[str, int] = {}

    def of(self, connection: Connection) -> Callable[[str], int]:
        """The measure of a gram: in how many of the sampled images it is."""
        newest: int = connection.execute(_NEWEST).scalar() or 0
        if newest > 2 * self._sampled_at:
            texts = connection.execute(_TEXTS).scalars()
            self._counts = Counter(gram for text in texts for gram in grams_of(text))
            self._sampled_at = newest
        counts = self._counts
        return lambda gram: counts.get(gram, 0)

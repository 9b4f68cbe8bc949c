"""What a search by image finds, and why."""

from imgrepo_server.api.replies import Reply
from imgrepo_server.api.replies.images import ImageBody, image_fields
from imgrepo_server.imaging.explanation import Explanation, Neighbour, reason
from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.imaging.query import Orientation, Region
from imgrepo_server.models import Viewer
from imgrepo_server.services.similar import SimilarImage


class ViewsBody(Reply):
    """Which parts were compared: the whole picture, or the box inside of its border.

    ``wider``: the whole query, continued a little at its edges, as if it had been cropped.
    """

    query: Region
    found: Region


class MatchBody(ImageBody):
    """An image like the query: ``distance`` 0 to 192, ``similarity`` from 1 down to 0.

    ``orientation`` is how the query had to be turned, ``reason`` the same in words for people.
    """

    distance: float
    similarity: float
    match: Match
    orientation: Orientation
    views: ViewsBody
    reason: str


class NeighbourBody(Reply):
    """A label next to a match's own: the distance where it begins, and how far away that is."""

    match: Match
    distance: float
    away: float


class HashesBody(Reply):
    """In how many bits each hash differs: of 64, 64 and 256."""

    phash64: int
    dhash64: int
    phash256: int


class ExplanationReply(Reply):
    """The closest pair of views of two images. The distance is phash64 + dhash64 + phash256 / 4."""

    distance: float
    similarity: float
    match: Match
    orientation: Orientation
    views: ViewsBody
    reason: str
    hashes: HashesBody
    closer: NeighbourBody | None
    farther: NeighbourBody | None


class MatchesReply(Reply):
    """Nearest first; ``next_cursor`` is null on the last page.

    ``flat``: the query has hardly any detail, and finds other such pictures only when asked to.
    ``incomplete``: some images cannot be found until ``imgrepo-server reindex`` has come to them.
    """

    matches: tuple[MatchBody, ...]
    next_cursor: str | None
    flat: bool
    incomplete: bool


def match_body(found: SimilarImage, viewer: Viewer) -> MatchBody:
    """An image that was found by another one."""
    return MatchBody(
        **image_fields(found.image, viewer),
        distance=found.distance,
        similarity=round(found.similarity, 4),
        match=found.match,
        orientation=found.orientation,
        views=ViewsBody(query=found.views.query, found=found.views.found),
        reason=found.reason,
    )


def explanation_reply(why: Explanation) -> ExplanationReply:
    """How two images compare."""
    distance = why.distance
    return ExplanationReply(
        distance=distance,
        similarity=round(similarity(distance), 4),
        match=match_of(distance),
        orientation=why.orientation,
        views=ViewsBody(query=why.views.query, found=why.views.found),
        reason=reason(distance, why.orientation, why.views),
        hashes=HashesBody(phash64=why.phash64, dhash64=why.dhash64, phash256=why.phash256),
        closer=_neighbour_body(why.closer),
        farther=_neighbour_body(why.farther),
    )


def _neighbour_body(neighbour: Neighbour | None) -> NeighbourBody | None:
    if neighbour is None:
        return None
    return NeighbourBody(match=neighbour.match, distance=neighbour.distance, away=neighbour.away)

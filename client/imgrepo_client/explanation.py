"""``imgrepo why`` in words: a pure function from the answer to names and values."""

from imgrepo_client.answers import Neighbour, Why

_VIEWS = {
    "whole": "the whole picture",
    "box": "the picture without its plain edges",
    "wider": "the picture, continued a little at its edges,",
}


def explained(why: Why) -> list[tuple[str, str]]:
    """What to tell a person."""
    hashes = why["hashes"]
    views = why["views"]
    pairs = [
        ("match", f"{why['match']}: {why['reason']}"),
        ("similarity", f"{why['similarity']:.1%}"),
        ("distance", f"{why['distance']:g} of 192; strangers are about 96 apart"),
        ("phash64", f"{hashes['phash64']} of 64 bits differ"),
        ("dhash64", f"{hashes['dhash64']} of 64 bits differ"),
        ("phash256", f"{hashes['phash256']} of 256 bits differ, each counts a quarter"),
        ("orientation", why["orientation"].replace("_", " ")),
        ("compared", f"{_view(views['query'])} with {_view(views['found'])}"),
    ]
    if (closer := why["closer"]) is not None:
        pairs.append(("nearer", _edge(closer, "ends at")))
    if (farther := why["farther"]) is not None:
        pairs.append(("farther", _edge(farther, "begins above")))
    return pairs


def _view(name: str) -> str:
    return _VIEWS.get(name, name)  # a newer server may know others


def _edge(neighbour: Neighbour, meets: str) -> str:
    # The distance where two labels meet belongs to the nearer one.
    return f"{neighbour['match']} {meets} {neighbour['distance']:g}, {neighbour['away']:g} away"

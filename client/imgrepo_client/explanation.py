"""``imgrepo why`` in words: a pure function from the answer to names and values."""

from imgrepo_client.answers import Neighbour, Why

_VIEWS = {
    "whole": "the whole picture",
    "box": "the picture without its border",
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
    for neighbour, words in ((why["closer"], "nearer"), (why["farther"], "farther")):
        if neighbour is not None:
            pairs.append((words, _next(neighbour)))
    return pairs


def _view(name: str) -> str:
    return _VIEWS.get(name, name)  # a newer server may know others


def _next(neighbour: Neighbour) -> str:
    return f"{neighbour['match']} begins at {neighbour['distance']:g}, {neighbour['away']:g} away"

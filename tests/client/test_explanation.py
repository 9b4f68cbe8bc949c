"""``imgrepo why`` in words."""

from typing import cast

from imgrepo_client.answers import Why
from imgrepo_client.explanation import explained


def why(distance: float, **edges: object) -> Why:
    known = {
        "match": "same",
        "reason": "the same picture",
        "similarity": 1 - distance / 96,
        "distance": distance,
        "hashes": {"phash64": 4, "dhash64": 4, "phash256": 16},
        "orientation": "upright",
        "views": {"query": "box", "found": "whole"},
        "closer": None,
        "farther": None,
        **edges,
    }
    return cast("Why", known)


def test_the_distance_where_labels_meet_is_the_nearer_ones() -> None:
    at_the_edge = dict(explained(why(12, farther={"match": "near", "distance": 12, "away": 0})))
    assert at_the_edge["match"] == "same: the same picture"
    assert at_the_edge["farther"] == "near begins above 12, 0 away"
    beyond = dict(explained(why(12.25, closer={"match": "same", "distance": 12, "away": 0.25})))
    assert beyond["nearer"] == "same ends at 12, 0.25 away"


def test_what_was_compared_is_named() -> None:
    told = dict(explained(why(12)))
    assert told["compared"] == "the picture without its plain edges with the whole picture"

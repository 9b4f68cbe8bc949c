"""Spans of time as people type them."""

import re
from typing import Any

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


class Duration(click.ParamType[int]):
    """A span of time such as ``90s``, ``30m``, ``1h``, ``7d`` or ``2w``, in seconds.

    ``most`` is the longest, written like that.
    """

    name = "duration"

    def __init__(self, most: str):
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of seconds."""
        seconds = _seconds(str(value))
        if seconds is None:
            self.fail(f"{value!r} is no span of time. Write it like 30m, 1h or 7d.", param, ctx)
        if seconds > (_seconds(self._most) or 0):
            self.fail(f"{value!r} is too long: {self._most} at the most.", param, ctx)
        return seconds


def _seconds(text: str) -> int | None:
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhdw])", text.strip().lower())
    return None if found is None else int(found[1]) * _SECONDS[found[2]]

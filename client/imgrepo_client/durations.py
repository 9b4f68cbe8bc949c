"""Spans of time as people type them."""

import re
from typing import Any

import click

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


class Duration(click.ParamType[int]):
    """A span of time such as ``90s``, ``30m``, ``1h``, ``7d`` or ``2w``, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of seconds."""
        found = re.fullmatch(r"([1-9]\d{0,8})([smhdw])", str(value).strip().lower())
        if found is None:
            self.fail(f"{value!r} is no span of time. Write it like 30m, 1h or 7d.", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]

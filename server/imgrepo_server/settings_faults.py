"""What is wrong with a setting, in a sentence: which one, where it stands, what it has to be."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from imgrepo_server.value_faults import problem_of

_MOST_SHOWN = 60  # characters of a value


def fault_of(
    error: ValidationError,
    model: type[BaseModel],
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    config: Path | None,
) -> str:
    """A sentence on the first fault of settings of this ``model``.

    ``given`` are those that were flags, ``environ`` the environment, ``config`` the file, if any.
    """
    fault = error.errors(include_url=False)[0]
    place = [str(part) for part in fault["loc"]]
    if fault["type"] == "extra_forbidden":
        return _unknown(place, fault["input"], model)
    setting = ".".join(place) + _where(place, given, environ, config)
    return f"The setting {setting} {problem_of(fault)}{_shown(fault['input'])}."


def _shown(value: object) -> str:
    # Of a setting that holds others there would be too much to show.
    if not isinstance(value, str | int | float):
        return ""
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return f", not {text if len(text) <= _MOST_SHOWN else f'{text[:_MOST_SHOWN]}…'}"


def _where(
    place: list[str], given: Mapping[str, Any], environ: Mapping[str, str], config: Path | None
) -> str:
    variable = f"IMGREPO_{place[0]}".upper()
    if place[0] in given:
        return f" (--{place[0].replace('_', '-')})"
    if environ.get(variable):
        return f" ({variable})"
    return f" in {config}" if config is not None else ""


def _unknown(place: list[str], value: object, model: type[BaseModel]) -> str:
    name = ".".join(place)
    known = _known_beside(place, model)
    if near := difflib.get_close_matches(place[-1], known, 1):
        return f"There is no setting {name}; did you mean {'.'.join([*place[:-1], near[0]])}?"
    if len(place) > 1:
        section = ".".join(place[:-1])
        return f"There is no setting {name}; in {section} there are {', '.join(known)}."
    if isinstance(value, dict):
        return f"There is no section {name}: settings stand at the top of the file, without one."
    return f"There is no setting {name}."


def _known_beside(place: list[str], model: type[BaseModel]) -> list[str]:
    """The names that could stand where an unknown one does."""
    for name in place[:-1]:
        inner = model.model_fields[name].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)

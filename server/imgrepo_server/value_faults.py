"""What is wrong with a value, in words for people rather than in pydantic's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic_core import ErrorDetails

# By pydantic's type of the fault; with what its context fills in.
_HAS_TO_BE: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "string_type": "text in quotes",
        "path_type": "a path in quotes",
        "greater_than": "more than {gt:g}",
        "greater_than_equal": "{ge:g} or more",
        "less_than": "less than {lt:g}",
        "less_than_equal": "{le:g} at the most",
        "byte_size": "a number of bytes, or text such as 10MiB",
        "byte_size_unit": "a number of bytes, or text such as 10MiB",
        "ip_any_network": "an address, or a network such as 10.0.0.0/8",
        "tuple_type": "a list",
        "model_type": "a section of settings",
        "dict_type": "a section of settings",
        "uuid_parsing": "an id",
        "uuid_type": "an id",
    }
)
_IS: Mapping[str, str] = MappingProxyType(
    {"missing": "is missing", "extra_forbidden": "is not known here"}
)
_LENGTHS = frozenset({"too_long", "string_too_long", "too_short", "string_too_short"})


def problem_of(fault: ErrorDetails) -> str:
    """What goes on after the name of the value, as in ``has to be 200 at the most``.

    A validator of ours says it in a sentence of its own, and nothing is put before that.
    """
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _HAS_TO_BE:
        return f"has to be {_HAS_TO_BE[kind].format(**context)}"
    if kind in ("enum", "literal_error"):
        return f"has to be {context['expected']}".replace("'", "")
    if kind in _LENGTHS:
        return _length(fault, context)
    return _IS.get(kind) or fault["msg"].removeprefix("Value error, ")


def _length(fault: ErrorDetails, context: Mapping[str, Any]) -> str:
    what = "characters" if isinstance(fault.get("input"), str) else "entries"
    if "max_length" in context:
        return f"may have {context['max_length']:,} {what} at the most"
    return f"has to have {context['min_length']:,} {what} or more"

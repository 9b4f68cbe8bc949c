"""What a server says of a request's fields, in the words of whoever typed options."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "username": "--user: ",
        "email": "--email: ",
        "expires_in": "--expires: ",
        "share_with": "--share-with: ",
        "unshare": "--unshare: ",
        "title": "--title: ",
        "description": "--description: ",
        "user": "--user: ",
        "keyword": "--keyword: ",
        "name": "",  # of a key, typed without an option
        "password": "",  # typed at a prompt
        "new_password": "",
    }
)


def in_options(details: Any) -> str | None:
    """The first of ``details["problems"]``; None where it is about no option."""
    try:
        first = details["problems"][0]
        option = _OPTIONS[str(first["field"]).partition(".")[0]]
        problem = str(first["problem"]).rstrip(".")
    except (KeyError, IndexError, TypeError):
        return None
    return f"{option}{problem}."

"""Sharing in the terminal: options that take several names, and who sees an image, in words."""

import uuid
from collections.abc import Iterable, Sequence

import click

from imgrepo_client.answers import Image
from imgrepo_client.options import Command

_TAKE_NAMES = ("--share-with", "--unshare")


class NamesCommand(Command):
    """A command in which several names may follow ``--share-with`` or ``--unshare``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As any command does, with the option written before each of its names."""
        return super().parse_args(ctx, spread(args, _TAKE_NAMES))


def spread(words: Iterable[str], options: Sequence[str]) -> list[str]:
    """``--share-with rita tom ID`` as ``--share-with rita --share-with tom ID``.

    Names end at the next option, and at what is an image's id.
    """
    written: list[str] = []
    option: str | None = None
    for word in words:
        if word in options:
            option = word
        elif word.startswith("-"):
            option = None
        elif option is not None and written[-1] != option:
            if _is_id(word):
                option = None
            else:
                written.append(option)
        written.append(word)
    return written


def seen_by(image: Image) -> str:
    """Who may see an image, for a line of output."""
    people, tier = image.get("shared_with"), image.get("gallery_tier")
    if people:
        return f"shared with {', '.join(people)}"
    return f"gallery from {tier}" if tier else image["visibility"]


def _is_id(word: str) -> bool:
    try:
        uuid.UUID(word)
    except ValueError:
        return False
    return True

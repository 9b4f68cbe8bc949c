"""What a shell offers at the Tab key: tags, ids and files, quickly and without a word on faults.

Tags and ids are asked for at the repository that the command line so far means. Whatever goes
wrong, nothing is offered: somebody in the middle of a line is not to be told of it.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from imgrepo_client.connect import LocalRepository, choose, open_client, server_url
from imgrepo_client.credentials import load
from imgrepo_client.names import printable
from imgrepo_client.options import given_globally
from imgrepo_client.settings import places

if TYPE_CHECKING:
    from imgrepo_client.api import Client

_SECONDS = 2.0  # longer than that nobody waits for a server's hint
_NEWEST = 200
_OF_IDS = frozenset("0123456789abcdef-")

Items = list["CompletionItem[str]"]
Ask = Callable[["Client", str], Awaitable[Items]]
Completer = Callable[[click.Context, click.Parameter, str], Items]


def asking(ask: Ask) -> Completer:
    """A completer for a parameter: what the repository says to the beginning of a word."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        del parameter
        with suppress(Exception):
            return asyncio.run(_asked(context, ask, incomplete))
        return []

    return complete


async def _asked(context: click.Context, ask: Ask, incomplete: str) -> Items:
    from imgrepo_client.retry import RetryPolicy  # noqa: PLC0415 - options need none of it

    folders = places(os.environ)
    given = given_globally(context)
    repository = choose(
        server=given.get("server"),
        user=given.get("user"),
        environ=os.environ,
        credentials=load(folders.credentials_file),
        home=folders.home,
    )
    if isinstance(repository, LocalRepository) and not (repository.home / "imgrepo.db").is_file():
        return []  # a hint is no occasion to make one
    local = isinstance(repository, LocalRepository)
    async with (
        asyncio.timeout(None if local else _SECONDS),
        open_client(repository, retry=RetryPolicy(0), environ=os.environ) as client,
    ):
        return await ask(client, incomplete)


async def _tags(client: "Client", incomplete: str) -> Items:
    found = await client.tags(incomplete)
    return [CompletionItem(tag["name"], help=f"{tag['count']:,}") for tag in found]


async def _ids(client: "Client", incomplete: str) -> Items:
    return await _newest(client, incomplete, "")


async def _own_ids(client: "Client", incomplete: str) -> Items:
    return await _newest(client, incomplete, "", own=True)


async def _trashed_ids(client: "Client", incomplete: str) -> Items:
    return await _newest(client, incomplete, "is:trashed", own=True)


async def _keys(client: "Client", incomplete: str) -> Items:
    return [
        CompletionItem(key["name"], help=",".join(key["scopes"]))
        for key in await client.keys()
        if key["name"].startswith(incomplete)
    ]


async def _links(client: "Client", incomplete: str) -> Items:
    return [
        CompletionItem(link["id"], help=printable(link["title"]))
        for link in await client.links()
        if link["id"].startswith(incomplete.lower())
    ]


async def _owners(client: "Client", incomplete: str) -> Items:
    page = await client.images(limit=_NEWEST)
    names = sorted({image["owner"] for image in page["images"]})
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


async def _newest(client: "Client", incomplete: str, query: str, *, own: bool = False) -> Items:
    from imgrepo_client.parameters import Filter  # noqa: PLC0415 - as above

    user = (await client.me())["user"]["name"] if own else None
    page = await client.images(Filter(query=query or None, user=user), limit=_NEWEST)
    return [
        CompletionItem(image["id"], help=printable(image["title"]))
        for image in page["images"]
        if image["id"].startswith(incomplete.lower())
    ]


def _files_or(complete: Completer) -> Completer:
    def both(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        # Shells offer one or the other; and most names of files are no beginning of an id.
        begun = incomplete and set(incomplete.lower()) <= _OF_IDS
        found = complete(context, parameter, incomplete) if begun else []
        return found or files(context, parameter, incomplete)

    return both


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Files and folders, as the shell itself finds them."""
    del context, parameter
    return [CompletionItem(incomplete, type="file")]


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Folders, as the shell itself finds them."""
    del context, parameter
    return [CompletionItem(incomplete, type="dir")]


def logins(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Who has a stored login at the server that the command line so far means."""
    del parameter
    with suppress(Exception):
        stored = load(places(os.environ).credentials_file)
        named = given_globally(context).get("server") or os.environ.get("IMGREPO_SERVER")
        address = named or stored.default_server
        names = stored.users(server_url(address)) if address else ()
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


tags = asking(_tags)
"""Tags of images that the person may see."""
ids = asking(_ids)
"""The newest images that the person may see."""
own_ids = asking(_own_ids)
"""The person's newest images."""
trashed_ids = asking(_trashed_ids)
"""The person's images in the trash."""
keys = asking(_keys)
"""Names of the person's API keys."""
links = asking(_links)
"""Ids of the person's links."""
owners = asking(_owners)
"""Whose the newest images are that the person may see."""
files_or_ids = _files_or(ids)
"""Files, or ids where one was begun."""


def commands(names: Iterable[tuple[str, str]], incomplete: str) -> Items:
    """Names of commands, each with its line of help."""
    return [CompletionItem(name, help=text) for name, text in names if name.startswith(incomplete)]


class QuotingBash(BashComplete):
    """Bash puts what is offered into the line as it is; a tag of two words has to stay one."""

    def format_completion(self, item: "CompletionItem[str]") -> str:
        """As click does, with blanks and the like escaped."""
        # Inside quotes blanks need nothing, and a backslash would stay.
        if item.type != "plain" or _inside_quotes(os.environ.get("COMP_WORDS", "")):
            return super().format_completion(item)
        # Twice: the script reads it with "read", which takes one backslash away.
        escaped = (c if c.isalnum() or c in "-_./:@%+,=" else f"\\\\{c}" for c in item.value)
        return f"{item.type},{''.join(escaped)}"


def _inside_quotes(line: str) -> bool:
    """Whether a quotation mark of the shell is still open at the end of a line."""
    plain = re.sub(r"\\.", "", line, flags=re.DOTALL)
    return re.fullmatch(r"""(?:[^"']|"[^"]*"|'[^']*')*""", plain) is None


def prepare() -> None:
    """Have click complete for Bash in our way; for a process that was started to complete."""
    add_completion_class(QuotingBash)

"""``download`` and ``open``."""

import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from operator import itemgetter
from pathlib import Path

import click

from imgrepo_client import completion
from imgrepo_client.answers import Image
from imgrepo_client.api import Client
from imgrepo_client.download import Download, download, fetch, save_as
from imgrepo_client.errors import ExitCode, LocalFileError, worst_exit_code
from imgrepo_client.items import for_each, for_each_id, image_id
from imgrepo_client.options import Invocation, command
from imgrepo_client.parameters import Filter
from imgrepo_client.retry import RetryPolicy
from imgrepo_client.running import run

_STDOUT = "-"
_WORKERS = 4


@command("download", short_help="Download originals.")
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=completion.ids)
@click.option("--query", metavar="Q", help="All images that match the query.")
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Into this folder, made if need be; else into the present one.",
)
@click.option(
    "--strip-metadata",
    "strip",
    is_flag=True,
    help="Without EXIF, XMP, IPTC and comments, and so without location; same pixels.",
)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE|-",
    shell_complete=completion.files,
    help="One image, as this file.",
)
def download_command(
    invocation: Invocation,
    ids: Sequence[str],
    *,
    query: str | None,
    folder: Path,
    strip: bool,
    target: str | None,
) -> ExitCode:
    """Download originals, byte for byte as they were uploaded unless --strip-metadata is given.

    A file is never replaced by another: the second of a name is called "name (2)".
    """
    if not ids and query is None:
        raise click.UsageError("Name images by their ids, or give --query.")
    if target is not None and (len(ids) != 1 or query is not None):
        raise click.UsageError("-o takes one image.")
    if target == _STDOUT and sys.stdout.isatty():
        raise click.UsageError(
            "An image on a terminal helps nobody; send -o - into a pipe or file."
        )
    job = _Job(invocation, RetryPolicy(invocation.preferences().retries), strip=strip)
    if target is not None:
        return run(job.one(ids[0], target))
    return run(job.several(ids, query, folder))


@command("open", short_help="Open an image in this system's viewer.")
@click.argument("image", metavar="ID", shell_complete=completion.ids)
def open_command(invocation: Invocation, image: str) -> ExitCode:
    """Open an image in this system's viewer."""
    # Stays for the viewer, which goes on after this command; the system clears its own folder.
    folder = Path(tempfile.mkdtemp(prefix="imgrepo-"))

    async def fetched() -> Path:
        async with invocation.client(invocation.repository()) as client:
            found = await client.image(image_id(image))
            saved = await download(client, found, folder, retry=RetryPolicy())
            return saved.path

    path = run(fetched())
    if click.launch(str(path)) != 0:
        raise LocalFileError(f"No viewer was found for images. The image is in {path}.")
    if invocation.output.style.json:
        invocation.output.json_line({"path": str(path)})
    return ExitCode.DONE


class _Job:
    def __init__(self, invocation: Invocation, retry: RetryPolicy, *, strip: bool):
        self._invocation = invocation
        self._output = invocation.output
        self._retry = retry
        self._strip = strip

    async def one(self, text: str, target: str) -> ExitCode:
        """One image as a file, or to stdout."""
        async with self._invocation.client(self._invocation.repository()) as client:
            image = await client.image(image_id(text))
            if target == _STDOUT:
                await self._to_stdout(client, image)
            else:
                self._say(
                    image,
                    await save_as(
                        client, image, Path(target), retry=self._retry, strip=self._strip
                    ),
                )
        return ExitCode.DONE

    async def several(self, ids: Sequence[str], query: str | None, folder: Path) -> ExitCode:
        """Images by their ids, then those of the query."""
        codes: list[ExitCode] = []
        async with self._invocation.client(self._invocation.repository()) as client:

            async def save(image: Image) -> None:
                self._say(
                    image,
                    await download(client, image, folder, retry=self._retry, strip=self._strip),
                )

            async def save_by_id(one: str) -> None:
                await save(await client.image(one))

            if ids:
                codes.append(await for_each_id(ids, save_by_id, self._output, workers=_WORKERS))
            if query is not None:
                found = _every_image(client, Filter(query=query))
                codes.append(
                    await for_each(found, save, itemgetter("id"), self._output, workers=_WORKERS)
                )
        failures = [code for code in codes if code is not ExitCode.DONE]
        return worst_exit_code(failures, succeeded=len(failures) < len(codes))

    async def _to_stdout(self, client: Client, image: Image) -> None:
        # By way of a file: nothing that is not the image shall ever reach the pipe.
        with tempfile.TemporaryFile(prefix="imgrepo-") as copy:
            await fetch(client, image, copy, retry=self._retry, strip=self._strip)
            copy.seek(0)
            self._output.content(copy)

    def _say(self, image: Image, saved: Download) -> None:
        if self._output.style.json:
            line = {"id": image["id"], "path": str(saved.path), "status": saved.fetched}
            stripped = {"stripped": True} if saved.stripped else {}
            self._output.json_line({**line, "sha256": image["sha256"], **stripped})
        elif self._output.style.quiet:
            self._output.ids([image["id"]])
        else:
            without = "  (without metadata)" if saved.stripped else ""
            self._output.line(f"{saved.fetched:<7}  {image['id']}  {saved.path}{without}")


async def _every_image(client: Client, wanted: Filter) -> AsyncIterator[Image]:
    async for page in client.pages(wanted):
        for image in page["images"]:
            yield image

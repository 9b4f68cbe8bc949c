"""``upload``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import click

from imgrepo_client import completion, manifest
from imgrepo_client.errors import ExitCode, InvalidInputError
from imgrepo_client.fields import Fields
from imgrepo_client.options import Invocation, command
from imgrepo_client.parameters import OnSimilar
from imgrepo_client.settings import Preferences, Visibility
from imgrepo_client.sources import Sources
from imgrepo_client.upload_job import UploadJob, perform
from imgrepo_client.walk import WalkRules, exclude_rules


@command("upload", short_help="Upload files and folders.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, shell_complete=completion.files)
@click.option(
    "--file",
    "files",
    metavar="F",
    multiple=True,
    shell_complete=completion.files,
    help="A file; repeatable.",
)
@click.option(
    "--dir",
    "folders",
    metavar="D",
    multiple=True,
    shell_complete=completion.folders,
    help="A folder; repeatable.",
)
@click.option(
    "--private/--public",
    default=None,
    help="Who may see the images: you, or anybody (the default).",
)
@click.option("--title", metavar="T", help="Title of each; else the file's name.")
@click.option("--description", metavar="D", help="Description of each.")
@click.option(
    "--tag",
    "tags",
    metavar="T",
    multiple=True,
    shell_complete=completion.tags,
    help="A tag for each; repeatable.",
)
@click.option("--tags-from-path", is_flag=True, help="Names of the folders below D as tags.")
@click.option("--exif-tags", is_flag=True, help="Camera and year of each as tags.")
@click.option("--concurrency", metavar="N", type=click.IntRange(1, 1000), help="How many at once.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="Leave out (rules of gitignore).")
@click.option("--hidden", is_flag=True, help="Take files and folders that begin with a dot.")
@click.option("--follow-symlinks", is_flag=True, help="Follow symbolic links in folders.")
@click.option(
    "--files0-from",
    metavar="FILE|-",
    shell_complete=completion.files,
    help="File names, each ended by NUL.",
)
@click.option(
    "--manifest",
    "manifest_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="CSV or JSON lines: path and any of title, description, tags, visibility.",
)
@click.option(
    "--on-similar",
    type=click.Choice(("store", "skip", "report")),
    default="report",
    show_default=True,
    help="What to do about a picture that looks like one already there, as they stand: neither "
    "turned nor mirrored.",
)
@click.option(
    "--distance",
    metavar="N",
    type=click.FloatRange(0, 192),
    help="How unlike two such pictures may be, from 0 to 192.  [default: 28]",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--recheck", is_flag=True, help="Ask the repository about every file again.")
@click.option("--retries", metavar="N", type=click.IntRange(0, 1000), help="After network faults.")
@click.option(
    "--receipt",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append a JSON line for each file that the repository has; see imgrepo verify.",
)
@click.option(
    "--delete-source",
    is_flag=True,
    help="Remove each file here once the repository has read its copy again.",
)
def upload_command(invocation: Invocation, **given: Any) -> ExitCode:
    """Upload any mix of files and folders, folders with all that is below.

    Running the same command again is safe and sends only what is missing. Images that are there
    already keep their title, tags and visibility.
    """
    preferences = invocation.preferences()
    sources = _sources(given)
    if not sources:
        raise click.UsageError(
            "Nothing to upload. Name files or folders, as in: imgrepo upload photos holiday.jpg"
        )
    if sources.manifest is not None:
        manifest.check(sources.manifest)
    return perform(_job(sources, preferences, given), invocation)


def _job(sources: Sources, preferences: Preferences, given: dict[str, Any]) -> UploadJob:
    rules = WalkRules(
        excluded=exclude_rules((*preferences.exclude, *given["exclude"])),
        hidden=given["hidden"],
        follow_symlinks=given["follow_symlinks"],
        tags_from_path=given["tags_from_path"],
    )
    fields = Fields(
        title=given["title"],
        description=given["description"],
        tags=given["tags"],
        visibility=_visibility(given["private"], preferences),
        exif_tags=given["exif_tags"],
    )
    return UploadJob(
        sources=sources,
        rules=rules,
        fields=fields,
        concurrency=_affordable(given["concurrency"] or preferences.concurrency),
        retries=preferences.retries if given["retries"] is None else given["retries"],
        dry_run=given["dry_run"],
        recheck=given["recheck"],
        receipt=given["receipt"],
        delete_source=given["delete_source"],
        on_similar=_on_similar(given["on_similar"], given["distance"]),
    )


def _on_similar(action: str, distance: float | None) -> OnSimilar | None:
    if action == "store":
        return None
    return OnSimilar("skip" if action == "skip" else "report", distance)


def _visibility(private: bool | None, preferences: Preferences) -> Visibility:
    if private is None:
        return preferences.visibility
    return "private" if private else "public"


def _sources(given: dict[str, Any]) -> Sources:
    sources = Sources(
        paths=given["paths"],
        files=given["files"],
        folders=given["folders"],
        manifest=given["manifest_file"],
    )
    listed = given["files0_from"]
    if listed is None:
        return sources
    if listed == "-":
        return replace(sources, open_list=lambda: sys.stdin.buffer, countable=False)
    path = Path(listed)
    try:
        path.open("rb").close()
    except OSError as error:
        raise InvalidInputError(f"--files0-from: cannot read {path}: {error.strerror}.") from error

    def open_list() -> BinaryIO:
        return path.open("rb")

    return replace(sources, open_list=open_list, countable=path.is_file())


def _affordable(concurrency: int) -> int:
    """No more at once than the limit of open files allows, at four files for each."""
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return concurrency
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return concurrency
    return max(1, min(concurrency, (soft - 64) // 4))

"""Printing images that were found: as a table, as ids, as places, or as JSON lines."""

import shlex
from collections.abc import Callable, Sequence
from enum import StrEnum

from imgrepo_client.answers import Image, MatchPage, Page
from imgrepo_client.connect import LocalRepository, Repository
from imgrepo_client.output import Output

Locator = Callable[[Image], str]


class ResultFormat(StrEnum):
    """How to print what was found. ``paths`` says where each original is."""

    TABLE = "table"
    PATHS = "paths"
    IDS = "ids"
    JSON = "json"
    NUL = "nul"


def locator(repository: Repository) -> Locator:
    """Where an image's original is: a file of a local repository, else its address."""
    if isinstance(repository, LocalRepository):
        from imgrepo_client.local import stored_original  # noqa: PLC0415 - local only

        where = stored_original(repository.home)
        return lambda image: where(image["sha256"])
    url = repository.url
    return lambda image: url + image["links"]["file"]


def _reindex(repository: Repository) -> str:
    if isinstance(repository, LocalRepository):
        return shlex.join(["imgrepo-server", "reindex", "--data-dir", str(repository.home)])
    return "imgrepo-server reindex (who runs the server)"


class Results:
    """Prints page after page in one format."""

    def __init__(self, output: Output, chosen: ResultFormat, repository: Repository):
        self._output = output
        self._format = chosen
        self._locate = locator(repository)
        self._shown = 0
        self._more = False
        self._flat = False
        self._incomplete = False
        self._reindex = _reindex(repository)

    @property
    def reader_gone(self) -> bool:
        """Whether nobody reads the results any more."""
        return self._output.reader_gone

    def page(self, page: Page) -> None:
        """Some more images."""
        images = page["images"]
        if self._format is ResultFormat.TABLE:
            self._output.images(images, first=self._shown == 0)
        else:
            self._print(images)
        self._shown += len(images)
        self._more = page.get("next_cursor") is not None

    def matches(self, page: MatchPage) -> None:
        """Some more of what a search by image found."""
        matches = page["matches"]
        if self._format is ResultFormat.TABLE:
            self._output.matches(matches, first=self._shown == 0)
        else:
            self._print(matches)
        self._shown += len(matches)
        self._more = page.get("next_cursor") is not None
        self._flat = page.get("flat", False)
        self._incomplete = page.get("incomplete", False)

    def end(self) -> None:
        """Tell a person what the results cannot."""
        if self._incomplete:
            self._output.note(
                "Not all images take part: some fingerprints are of an older version. To compute "
                f"them anew: {self._reindex}"
            )
        if self._format is not ResultFormat.TABLE:
            return
        if self._shown == 0 and self._flat:
            self._output.note(
                "No images found. This picture has hardly any detail, and would look like any "
                "other such: --flat lets those take part."
            )
        elif self._shown == 0:
            self._output.note("No images found.")
        elif self._more:
            self._output.note(f"The first {self._shown}; --limit N or --all shows more.")

    def _print(self, images: Sequence[Image]) -> None:
        match self._format:
            case ResultFormat.JSON:
                for image in images:
                    self._output.json_line(image)
            case ResultFormat.PATHS:
                for image in images:
                    self._output.line(self._locate(image))
            case ResultFormat.NUL:
                self._output.ids([image["id"] for image in images], end="\0")
            case _:
                self._output.ids([image["id"] for image in images])

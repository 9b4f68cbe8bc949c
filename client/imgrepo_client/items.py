"""Commands over several images: each is tried, each failure is named, the exit code sums up."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from imgrepo_client.errors import (
    ClientError,
    ErrorCode,
    ExitCode,
    ImageNotFoundError,
    ServerError,
    worst_exit_code,
)
from imgrepo_client.output import Output

_HOPELESS = (ExitCode.UNREACHABLE, ExitCode.NOT_ALLOWED)  # true of every other image as well

T = TypeVar("T")


def image_id(text: str) -> str:
    """An image's id in its usual form. Raises ImageNotFoundError for what cannot be one."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise ImageNotFoundError(
            f"There is no image {text!r}. Ids look like 0198c0de-0000-7000-8000-000000000000; "
            "imgrepo list shows them."
        ) from error


async def for_each_id(
    ids: Sequence[str],
    action: Callable[[str], Awaitable[None]],
    output: Output,
    *,
    workers: int = 1,
) -> ExitCode:
    """Do something to each image.

    With a single image its fault is raised. With several, each failure is printed and the rest go
    on, except where the server is gone or the login is: that is raised at once.
    """
    if len(ids) == 1:
        await action(image_id(ids[0]))
        return ExitCode.DONE

    async def checked(text: str) -> None:
        await action(image_id(text))

    return await for_each(one_by_one(dict.fromkeys(ids)), checked, str, output, workers=workers)


async def for_each(
    items: AsyncIterator[T],
    action: Callable[[T], Awaitable[None]],
    name: Callable[[T], str],
    output: Output,
    *,
    workers: int = 1,
) -> ExitCode:
    """Do something to each item, ``workers`` at a time; failures as in ``for_each_id``."""
    failures: list[ExitCode] = []
    tried = 0
    taking = asyncio.Lock()

    async def work() -> None:
        nonlocal tried
        while True:
            async with taking:  # an async iterator serves one taker at a time
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
                tried += 1
            try:
                await action(item)
            except ClientError as error:
                if error.exit_code in _HOPELESS and not _of_this_image(error):
                    raise
                output.failure(name(item), str(error))
                failures.append(error.exit_code)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    except* ClientError as faults:
        raise faults.exceptions[0] from None
    return worst_exit_code(failures, succeeded=len(failures) < tried)


def _of_this_image(error: ClientError) -> bool:
    """Whether an account may do something, but not to this image."""
    if not isinstance(error, ServerError):
        return False
    if error.error_code is ErrorCode.FORBIDDEN:
        return "scope" not in error.details  # that is what a key may not do to any
    return error.error_code is ErrorCode.TIER_TOO_LOW


async def one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    """Items that are there already, for ``for_each``."""
    for item in items:
        yield item

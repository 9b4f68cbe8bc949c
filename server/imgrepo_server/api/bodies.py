"""Query parameters and JSON bodies as models; and the pace that every body has to keep."""

import asyncio
import time
from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from imgrepo_server.api.context import BodyLimits
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.value_faults import problem_of

_MOST_PROBLEMS = 20  # told of one request: whoever sends thousands gets no megabytes back

Model = TypeVar("Model", bound=BaseModel)

# What aiohttp raises for a body that is cut off or badly encoded.
BROKEN_BODY = (ValueError, HttpProcessingError, web.RequestPayloadError)


async def read_json(request: web.Request, model: type[Model], limits: BodyLimits) -> Model:
    """The body as a model. Raises INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT."""
    if _media_type(request) != "application/json":
        raise ImgrepoError(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE, "This route takes a body of type application/json."
        )
    try:
        async with asyncio.timeout(limits.stall):
            text = await request.read()
    except TimeoutError:
        raise _too_slow() from None
    except BROKEN_BODY as error:
        raise ImgrepoError(ErrorCode.INVALID_REQUEST, "The body was cut off.") from error
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise invalid(error) from None


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query parameters as a model; those of tuple fields may be repeated."""
    values: dict[str, Any] = {}
    for name in request.query:
        given = request.query.getall(name)
        field = model.model_fields.get(name)
        several = field is not None and isinstance(field.default, tuple)
        if len(given) > 1 and not several:
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                f"{name}: give this parameter once.",
                {"field": name},
            )
        values[name] = given if several else given[0]
    return validated(model, values)


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Values as a model. Raises INVALID_REQUEST."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> ImgrepoError:
    """What is wrong with which field, without repeating what was sent: it may be a password."""
    problems = [
        {
            "field": ".".join(map(str, problem["loc"])),
            "problem": problem_of(problem),
        }
        for problem in islice(error.errors(include_url=False), _MOST_PROBLEMS)
    ]
    first = problems[0]
    where = f"{first['field']}: " if first["field"] else ""
    return ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The request is not valid. {where}{first['problem']}.".replace("..", "."),
        {"problems": problems},
    )


class Pace:
    """Cuts off a body that stalls, or that trickles in to hold its place for ``longest``."""

    def __init__(self, limits: BodyLimits, longest: float):
        self._limits = limits
        self._longest = longest
        self._started = time.monotonic()
        self._received = 0

    async def wait_for(self, piece: Any) -> Any:
        """Await the next piece. Raises REQUEST_TIMEOUT."""
        allowed = self._limits.stall + self._received / self._limits.slowest
        left = self._started + min(allowed, self._longest) - time.monotonic()
        try:
            async with asyncio.timeout(min(self._limits.stall, left)):
                got = await piece
        except TimeoutError:
            raise _too_slow() from None
        if isinstance(got, bytes | bytearray):
            self._received += len(got)
        return got


def _media_type(request: web.Request) -> str:
    # request.content_type goes through email.headerregistry: 0.4 ms, a tenth of an upload.
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _too_slow() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.REQUEST_TIMEOUT, "The request's body came too slowly. Send it again."
    )

"""Request bodies: JSON held whole within a small limit, images streamed to the staging folder."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from imgrepo_server.api.context import BodyLimits, Call
from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.errors import ErrorCode, ImgrepoError

Model = TypeVar("Model", bound=BaseModel)

PIECE = 256 * 1024
MAX_FIELD = 100_000
MAX_FIELDS = 300
# What aiohttp raises for a missing boundary, broken part headers, a body that is cut off.
_BROKEN = (ValueError, AssertionError, RuntimeError, HttpProcessingError, web.RequestPayloadError)
_REPEATABLE = frozenset({"tags"})


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
    except _BROKEN as error:
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
        {"field": ".".join(map(str, problem["loc"])), "problem": problem["msg"]}
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    first = problems[0]
    where = f"{first['field']}: " if first["field"] else ""
    return ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The request is not valid. {where}{first['problem']}.".replace("..", "."),
        {"problems": problems},
    )


async def receive_image(call: Call, file: IncomingFile, model: type[Model]) -> tuple[Model, str]:
    """Stream the part ``file`` of a multipart form into ``file``.

    Returns the other fields, and the file's name as the client gave it.
    Never holds more of the image than a buffer. Raises INVALID_REQUEST, FILE_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT.
    """
    pace = _Pace(call.limits)
    values: dict[str, Any] = {}
    filename: str | None = None
    async for part in _parts(call.request, pace):
        name = part.name or ""
        if name == "file" and filename is None:
            filename = part.filename or ""
            while piece := await pace.wait_for(part.read_chunk(PIECE)):
                await file.write(piece)
        elif name in _REPEATABLE:
            values.setdefault(name, []).append(await _field(part, pace))
        elif name in values or name == "file":
            raise _bad_form(f"{name}: give this field once.")
        else:
            values[name] = await _field(part, pace)
    if filename is None:
        raise _bad_form("file: the form has no such field; it carries the image.")
    return validated(model, values), filename


class _Pace:
    """Cuts off a body that stalls, or that trickles in to hold its place."""

    def __init__(self, limits: BodyLimits):
        self._limits = limits
        self._started = time.monotonic()
        self._received = 0

    async def wait_for(self, piece: Any) -> Any:
        """Await the next piece. Raises REQUEST_TIMEOUT, INVALID_REQUEST for a broken form."""
        allowed = self._limits.stall + self._received / self._limits.slowest
        left = self._started + allowed - time.monotonic()
        try:
            async with asyncio.timeout(min(self._limits.stall, left)):
                got = await piece
        except TimeoutError:
            raise _too_slow() from None
        except _BROKEN as error:
            raise _bad_form("The body is not a well-formed multipart/form-data form.") from error
        if isinstance(got, bytes | bytearray):
            self._received += len(got)
        return got


async def _parts(request: web.Request, pace: _Pace) -> AsyncIterator[BodyPartReader]:
    if _media_type(request) != "multipart/form-data":
        raise ImgrepoError(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "This route takes a form of type multipart/form-data with the image in its field file.",
        )
    reader = await pace.wait_for(request.multipart())
    for _ in range(MAX_FIELDS):
        part = await pace.wait_for(reader.next())
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise _bad_form("The form has a form inside; send one form.")
        yield part
    raise _bad_form(f"The form has more than {MAX_FIELDS} fields.")


async def _field(part: BodyPartReader, pace: _Pace) -> str:
    value = bytearray()
    while piece := await pace.wait_for(part.read_chunk()):
        value += piece
        if len(value) > MAX_FIELD:
            raise _bad_form(f"{part.name}: this field is too long.")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _bad_form(f"{part.name}: this field is not UTF-8 text.") from None


def _media_type(request: web.Request) -> str:
    # request.content_type goes through email.headerregistry: 0.4 ms, a tenth of an upload.
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _bad_form(message: str) -> ImgrepoError:
    return ImgrepoError(ErrorCode.INVALID_REQUEST, message)


def _too_slow() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.REQUEST_TIMEOUT, "The request's body came too slowly. Send it again."
    )

"""Multipart forms: small fields, and one image that is streamed to the staging folder.

Parsed by the ``multipart`` package: aiohttp's own reader takes four times as long over a
photograph, and longer over a small file's headers than over its bytes.
"""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from aiohttp import web
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)
from pydantic import BaseModel

from imgrepo_server.api.bodies import BROKEN_BODY, Pace, validated
from imgrepo_server.api.context import Call
from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.services.quotas import LONGEST_FORM

Model = TypeVar("Model", bound=BaseModel)

FILE = "file"
MAX_FIELD = 100_000
MAX_FIELDS = 300
_REPEATABLE = frozenset({"tags"})
# RFC 5987, which forms must not use (RFC 7578, 4.2), yet the only way to say any name at all.
_EXTENDED_NAME = re.compile(r";\s*filename\*=utf-8''([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


async def receive_image(call: Call, file: IncomingFile, model: type[Model]) -> tuple[Model, str]:
    """Stream the part ``file`` of a multipart form into ``file``.

    Returns the other fields, and the file's name as the client gave it. Never holds more of the
    image than a buffer. Raises INVALID_REQUEST, FILE_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE,
    REQUEST_TIMEOUT.
    """
    form = _Form()
    async for event in events(call, MAX_FIELDS):
        if isinstance(event, MultipartSegment):
            form.begin(event)
        elif event is None:
            form.end()
        elif form.in_file:
            await file.write(event)
        else:
            form.add(event)
    if form.filename is None:
        raise bad_form("file: the form has no such field; it carries the image.")
    return validated(model, form.values), form.filename


class _Form:
    """The fields of a form as they come by."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.filename: str | None = None
        self.in_file = False
        self._name = ""
        self._value = bytearray()
        self._size = 0

    def begin(self, part: MultipartSegment) -> None:
        """A part has begun."""
        self._name = part.name or ""
        self._value.clear()
        self.in_file = self._name == FILE
        if self.in_file and self.filename is None:
            self.filename = given_filename(part)
        elif self.in_file or (self._name in self.values and self._name not in _REPEATABLE):
            raise bad_form(f"{self._name}: give this field once.")

    def add(self, piece: bytes) -> None:
        """A piece of a part that is not the file."""
        self._value += piece
        if len(self._value) > MAX_FIELD:
            raise bad_form(f"{self._name}: this field is too long.")
        self._size += len(piece)
        if self._size > LONGEST_FORM:
            raise bad_form("The fields beside the file are too long in all.")

    def end(self) -> None:
        """The part is complete."""
        if self.in_file:
            return
        try:
            text = self._value.decode()
        except UnicodeDecodeError:
            raise bad_form(f"{self._name}: this field is not UTF-8 text.") from None
        if self._name in _REPEATABLE:
            self.values.setdefault(self._name, []).append(text)
        else:
            self.values[self._name] = text


async def events(call: Call, most: int) -> AsyncIterator[Any]:
    """What the parser sees: a segment, its pieces, None at its end; and so on, ``most`` times.

    Raises INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT.
    """
    limits = call.limits
    pace = Pace(limits, limits.longest_anonymous if call.viewer.user is None else limits.longest)
    try:
        with PushMultipartParser(_boundary(call.request), max_segment_count=most) as parser:
            read: Callable[[], Any] = call.request.content.readany
            while not parser.closed:
                for event in parser.parse(await pace.wait_for(read())):
                    yield event
    except ParserLimitReached as error:
        raise bad_form(f"The form has more than {most} fields, or long headers.") from error
    except (MultipartError, *BROKEN_BODY) as error:
        raise bad_form("The body is not a well-formed multipart/form-data form.") from error


def _boundary(request: web.Request) -> str:
    media_type, options = parse_options_header(request.headers.get("Content-Type", ""))
    if media_type != "multipart/form-data":
        raise ImgrepoError(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "This route takes a form of type multipart/form-data with the image in its field file.",
        )
    return str(options.get("boundary", ""))


def given_filename(part: MultipartSegment) -> str:
    """The name of a part's file, as the client gave it."""
    # What a plain name says about itself, inside its quotes, is no extended one.
    parameters = _QUOTED.sub('""', part.header("Content-Disposition", "") or "")
    extended = _EXTENDED_NAME.search(parameters)
    return unquote(extended[1]) if extended else part.filename or ""


def bad_form(message: str) -> ImgrepoError:
    """The refusal of a form as a whole."""
    return ImgrepoError(ErrorCode.INVALID_REQUEST, message)

"""Multipart forms with several images: for each a part ``fields``, if any, and a part ``file``."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from os import fsdecode

from multipart import MultipartSegment
from pydantic import ValidationError

from imgrepo_server.api.bodies import invalid
from imgrepo_server.api.context import Call
from imgrepo_server.api.forms import FILE, bad_form, events, given_filename
from imgrepo_server.api.requests.uploads import UploadFields
from imgrepo_server.blobs.incoming import IncomingFile, finish_all
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.services.quotas import LONGEST_FORM

FIELDS, PATH = "fields", "path"
MOST_IMAGES = 64
MOST_BYTES = 16 << 20
_MOST_FIELDS = 2 << 20  # bytes of all that is said, which is in memory until the form's end
_MOST_NAMES = 32
_BUFFERED = 1 << 20  # bytes in memory, until those received so far are written


@dataclass(slots=True)
class Received:
    """An image of the form. ``error`` is why it cannot be kept, if that is known already."""

    file: IncomingFile
    fields: UploadFields
    filename: str
    error: ImgrepoError | None = None


async def receive_images(call: Call, files: Callable[[], IncomingFile]) -> list[Received]:
    """Stream the images of a form into files made by ``files``.

    What is wrong with one image is in its ``error``. Raises, for the form as a whole,
    INVALID_REQUEST, FILE_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, REQUEST_TIMEOUT.
    """
    form = _Form(files, local=call.local)
    async for event in events(call, 2 * MOST_IMAGES):
        if isinstance(event, MultipartSegment):
            form.begin(event)
        elif event is None:
            form.end()
            if form.buffered >= _BUFFERED or form.has_open_files:
                await form.write()
        else:
            await form.add(event)
    return form.complete()


class _Form:
    """The images of a form as they come by."""

    def __init__(self, files: Callable[[], IncomingFile], *, local: bool):
        self.buffered = 0
        self._files = files
        self._local = local
        self._images: list[Received] = []
        self._size = 0
        self._said = 0
        self._part = ""
        self._value = bytearray()
        self._fields: UploadFields | ImgrepoError | None = None

    def begin(self, part: MultipartSegment) -> None:
        """A part has begun."""
        self._part = part.name or ""
        self._value.clear()
        if self._part == FILE:
            self._add_image(given_filename(part))
        elif self._part == FIELDS and self._fields is None:
            return
        elif self._part != PATH or not self._local:
            raise bad_form(
                "The form has, for each image, one part fields (or none) and then one part file."
            )

    async def add(self, piece: bytes) -> None:
        """A piece of the part."""
        if self._part != FILE:
            self._value += piece
            self._said += len(piece)
            if len(self._value) > LONGEST_FORM or self._said > _MOST_FIELDS:
                raise bad_form(f"{self._part}: this field is too long.")
            return
        self._size += len(piece)
        if self._size > MOST_BYTES:
            raise ImgrepoError(
                ErrorCode.FILE_TOO_LARGE,
                f"Several images in one request may have {MOST_BYTES:,} bytes. "
                "Send fewer at a time.",
                {"limit": MOST_BYTES},
            )
        image = self._images[-1]
        if image.error is None:
            try:
                await image.file.write(piece)
            except ImgrepoError as error:
                image.error = error

    def end(self) -> None:
        """The part is complete."""
        if self._part == FIELDS:
            self._fields = _parsed(bytes(self._value))
        elif self._part == PATH:
            path = bytes(self._value)
            self._add_image(path.rpartition(b"/")[2].decode("utf-8", "replace"))
            self._images[-1].file.copy_of(fsdecode(path))
        else:
            self.buffered += self._images[-1].file.buffered

    @property
    def has_open_files(self) -> bool:
        """Whether a file that is complete is still open: one of many may not have so many."""
        return bool(self._images) and self._images[-1].file.is_open

    async def write(self) -> None:
        """Bring what was received so far from memory to the staging folder."""
        received = [image for image in self._images if image.file.buffered or image.file.is_open]
        for image, error in zip(
            received, await finish_all([image.file for image in received]), strict=True
        ):
            if isinstance(error, ImgrepoError):
                image.error = image.error or error
            elif error is not None:
                raise error
        self.buffered = 0

    def complete(self) -> list[Received]:
        """All images, at the form's end."""
        if self._fields is not None:
            raise bad_form("fields: no file follows.")
        return self._images

    def _add_image(self, filename: str) -> None:
        if len(self._images) == MOST_IMAGES:
            raise bad_form(f"The form has more than {MOST_IMAGES} images.")
        fields, self._fields = self._fields, None
        if isinstance(fields, ImgrepoError):
            image = Received(self._files(), UploadFields(), filename, fields)
        else:
            image = Received(self._files(), fields or UploadFields(), filename)
        self._images.append(image)


def _parsed(text: bytes) -> UploadFields | ImgrepoError:
    try:
        said = json.loads(text)
        # Counted first: each name that nobody knows would be a problem to tell of.
        if not isinstance(said, dict) or len(said) > _MOST_NAMES:
            return bad_form("fields: this has to be a JSON object of an upload's fields.")
        return UploadFields.model_validate_json(text)
    except ValidationError as error:
        return invalid(error)
    except (ValueError, RecursionError):
        return bad_form("fields: this is no JSON.")
    except ImgrepoError as error:
        return error

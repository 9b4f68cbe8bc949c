"""The routes that files are sent to. Methods raise ClientError, as those of ``Client``."""

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from imgrepo_client.answers import Image, Uploaded
from imgrepo_client.errors import ClientError, ErrorCode, LocalFileError, NoAnswerInTimeError
from imgrepo_client.fields import Fields
from imgrepo_client.multipart import WHOLE, MultipartFile, MultipartParts, Part, read_whole
from imgrepo_client.parameters import OnSimilar, as_form, as_json, upload_fields
from imgrepo_client.retry import may_pass
from imgrepo_client.shaping import Routes
from imgrepo_client.transport import Transport

_BATCH = "/images/batch"
# What is answered once for a whole batch may take longer than what is answered for one file.
_SECONDS_EACH = 5.0
_COPIED_EACH_SECOND = 1 << 20  # bytes, from the slowest network drive


class FileToSend(NamedTuple):
    """A file of ``size`` bytes, and what is said about it; see ``UploadRoutes.upload``."""

    path: str
    size: int
    fields: Fields
    sha256: str | None = None


Result = Uploaded | ClientError


class Together(NamedTuple):
    """Which files may go in one request, in bytes: the largest, and how large all may be."""

    largest: int
    total: int


# Held in memory. With what is said about them still below the mebibyte that proxies take where
# nobody set more.
SENT_TOGETHER = Together(WHOLE, 1_000_000)
# Only named, so a request costs no memory: photographs too are a twentieth faster in fours.
NAMED_TOGETHER = Together(8 << 20, 8 << 20)


class Uploading(Protocol):
    """Where files can be sent; see ``UploadRoutes``."""

    async def upload(  # noqa: D102 - see there
        self,
        path: str,
        size: int,
        fields: Fields,
        sha256: str | None = None,
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> Uploaded: ...

    async def upload_batch(  # noqa: D102 - see there
        self,
        files: Sequence[FileToSend],
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> list[Result]: ...


class UploadRoutes(Routes):
    """Sending files.

    ``local``: the repository is served on this computer to its user alone. It then is told where
    files are and copies them itself, instead of being sent what is in them.
    """

    def __init__(self, transport: Transport, *, local: bool = False):
        super().__init__(transport)
        self._local = local

    @property
    def together(self) -> Together:
        """What ``upload_batch`` is for."""
        return NAMED_TOGETHER if self._local else SENT_TOGETHER

    async def upload(
        self,
        path: str,
        size: int,
        fields: Fields,
        sha256: str | None = None,
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> Uploaded:
        """Send a file of ``size`` bytes; with ``sha256`` (hex) the server checks what arrives.

        Sending the same bytes again is safe. ``on_similar`` asks about pictures like this one.
        Raises LocalFileError where the fault is the file's.
        """
        if self._local:
            return await self._name(FileToSend(path, size, fields, sha256), on_similar)
        form = as_form(upload_fields(fields, sha256, on_similar))

        def made() -> MultipartFile:
            name = os.path.basename(path)  # noqa: PTH119 - names that are not UTF-8
            return MultipartFile(path, size, filename=name, fields=form, on_sent=on_sent)

        return await self._transport.send("/images", made, read=self._uploaded)

    async def upload_batch(
        self,
        files: Sequence[FileToSend],
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> list[Result]:
        """Send files that may go ``together`` in one request.

        For each, in their order, what ``upload`` would answer, or the ClientError that it would
        raise: a file's own fault is not the others'. Raises what concerns all. Not sent again as
        it is where no answer comes in time: perhaps the files are too much work together.
        ``on_sent`` hears how many bytes are sent, once for each attempt.
        """
        parts, faults = self._parts(files, on_similar)
        sent = sum(file.size for file, fault in zip(files, faults, strict=True) if fault is None)
        results: list[Result] = []
        if parts:
            results = await self._transport.send(
                _BATCH,
                lambda: MultipartParts(parts, on_sent and (lambda: on_sent(sent))),
                read=lambda answer: self._results(answer, faults.count(None)),
                repeat=_may_pass_together,
                patience=self._patience(files),
            )
        answered = iter(results)
        return [next(answered) if fault is None else fault for fault in faults]

    async def _name(self, file: FileToSend, on_similar: OnSimilar | None) -> Uploaded:
        parts, _ = self._parts([file], on_similar)

        def read(answer: Any) -> Uploaded:
            (result,) = self._results(answer, 1)
            if isinstance(result, ClientError):
                raise result
            return result

        return await self._transport.send(
            _BATCH, lambda: MultipartParts(parts), read=read, patience=self._patience([file])
        )

    def _parts(
        self, files: Sequence[FileToSend], on_similar: OnSimilar | None
    ) -> tuple[list[Part], list[LocalFileError | None]]:
        parts: list[Part] = []
        faults: list[LocalFileError | None] = []
        for path, size, fields, sha256 in files:
            try:
                content = self._file(path, size)
            except LocalFileError as error:
                faults.append(error)
                continue
            faults.append(None)
            parts.append(Part("fields", as_json(upload_fields(fields, sha256, on_similar))))
            parts.append(content)
        return parts, faults

    def _file(self, path: str, size: int) -> Part:
        if self._local:
            return Part("path", os.fsencode(os.path.abspath(path)))  # noqa: PTH100 - not UTF-8
        name = os.path.basename(path)  # noqa: PTH119 - names that are not UTF-8
        return Part("file", read_whole(path, size), name)

    def _patience(self, files: Sequence[FileToSend]) -> float:
        seconds = _SECONDS_EACH * len(files)
        if self._local:
            seconds += sum(file.size for file in files) / _COPIED_EACH_SECOND
        return seconds

    def _results(self, answer: Any, count: int) -> list[Result]:
        results = self._member(answer, "results")
        if not isinstance(results, list) or len(results) != count:
            raise self._transport.faults.unexpected()
        return [self._result(one) for one in results]

    def _result(self, answer: Any) -> Result:
        error = self._member(answer, "error")
        if error is None:
            return self._uploaded(answer)
        try:
            refused = self._transport.faults.refused(int(answer["status"]), error)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._transport.faults.unexpected() from None
        if refused.code == ErrorCode.UNREADABLE_FILE:
            return LocalFileError(refused.message)
        return refused

    def _uploaded(self, answer: Any) -> Uploaded:
        uploaded = self._shaped(Uploaded, answer)
        if uploaded["image"] is not None or not uploaded.get("similar"):
            self._shaped(Image, answer, "image")
        return uploaded


def _may_pass_together(error: BaseException) -> bool:
    return may_pass(error) and not isinstance(error, NoAnswerInTimeError)

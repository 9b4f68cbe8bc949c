"""Every fault that the client foresees, what the person can do next, and the exit code of each.

The exit codes are a promise to scripts; ``ErrorCode`` repeats the server's closed list.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any


class ExitCode(IntEnum):
    """What the process answers to the shell."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    SOME_FAILED = 3
    NOT_ALLOWED = 4
    UNREACHABLE = 5
    NO_SUCH_IMAGE = 6
    INTERRUPTED = 130


class ErrorCode(StrEnum):
    """The codes in ``error.code`` of a server's answer; the same list as the server's own."""

    INVALID_REQUEST = "invalid_request"
    UNAUTHENTICATED = "unauthenticated"
    INVALID_CREDENTIALS = "invalid_credentials"
    FORBIDDEN = "forbidden"
    ROUTE_NOT_FOUND = "route_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    REQUEST_TIMEOUT = "request_timeout"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    USERNAME_TAKEN = "username_taken"
    USER_NOT_FOUND = "user_not_found"
    REGISTRATION_CLOSED = "registration_closed"
    INVITATION_REQUIRED = "invitation_required"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    QUOTA_EXCEEDED = "quota_exceeded"
    KEY_NOT_FOUND = "key_not_found"
    KEY_NAME_TAKEN = "key_name_taken"
    IMAGE_NOT_FOUND = "image_not_found"
    TAG_NOT_FOUND = "tag_not_found"
    TIER_TOO_LOW = "tier_too_low"
    LINK_NOT_FOUND = "link_not_found"
    LINK_ENDED = "link_ended"
    UNREADABLE_FILE = "unreadable_file"
    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED_IMAGE = "truncated_image"
    CORRUPT_IMAGE = "corrupt_image"
    TOO_MANY_PIXELS = "too_many_pixels"
    IMAGE_TOO_EXPENSIVE = "image_too_expensive"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    METADATA_NOT_REMOVABLE = "metadata_not_removable"
    STORAGE_FULL = "storage_full"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"


_EXIT_CODES: Mapping[ErrorCode, ExitCode] = MappingProxyType(
    {
        ErrorCode.INVALID_REQUEST: ExitCode.USAGE,
        ErrorCode.UNAUTHENTICATED: ExitCode.NOT_ALLOWED,
        ErrorCode.INVALID_CREDENTIALS: ExitCode.NOT_ALLOWED,
        ErrorCode.FORBIDDEN: ExitCode.NOT_ALLOWED,
        ErrorCode.REGISTRATION_CLOSED: ExitCode.NOT_ALLOWED,
        ErrorCode.INVITATION_REQUIRED: ExitCode.NOT_ALLOWED,
        ErrorCode.TOO_MANY_ATTEMPTS: ExitCode.NOT_ALLOWED,
        ErrorCode.USERNAME_TAKEN: ExitCode.NOT_ALLOWED,
        ErrorCode.IMAGE_NOT_FOUND: ExitCode.NO_SUCH_IMAGE,
        ErrorCode.TAG_NOT_FOUND: ExitCode.USAGE,
        ErrorCode.TIER_TOO_LOW: ExitCode.NOT_ALLOWED,
    }
)
# Not spelled out for the rest: what is wrong with one file, or with the server, fails that item.

# What there is to know stands in the sentence: no log knows more.
_TOLD_IN_FULL = frozenset({ErrorCode.STORAGE_FULL, ErrorCode.OVERLOADED})

RETRYABLE_STATUSES = frozenset({408, 429, 502, 503, 504})


class ClientError(Exception):
    """A foreseen fault: a sentence that says what to do next, and the exit code that goes with it.

    ``code`` is the machine-readable name that ``--json`` prints. ``pointer`` are lines that show
    the place of the fault in what was typed.
    """

    exit_code = ExitCode.UNEXPECTED
    code = "client_error"
    retryable = False
    retry_after: float | None = None
    pointer: tuple[str, ...] = ()

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class InvalidInputError(ClientError):
    """The person asked for something that cannot be: a bad option, file or setting."""

    exit_code = ExitCode.USAGE
    code = "invalid_input"


class NotLoggedInError(ClientError):
    """The repository wants to know who is asking, and no login is stored for it."""

    exit_code = ExitCode.NOT_ALLOWED
    code = "not_logged_in"


class UnreachableError(ClientError):
    """No answer: connection refused, broken or timed out.

    ``retryable`` is false where asking again cannot help, such as a certificate that is not
    trusted.
    """

    exit_code = ExitCode.UNREACHABLE
    code = "unreachable"

    def __init__(self, message: str, *, retryable: bool = True):
        super().__init__(message)
        self.retryable = retryable


class NoAnswerInTimeError(UnreachableError):
    """There is a server, and it took longer than it may."""


class UnexpectedAnswerError(ClientError):
    """Something answered, but not as an imgrepo server does."""

    code = "unexpected_answer"


class ImageNotFoundError(ClientError):
    """There is no such image, or this account may not see it."""

    exit_code = ExitCode.NO_SUCH_IMAGE
    code = ErrorCode.IMAGE_NOT_FOUND


class LocalFileError(ClientError):
    """A file on this computer cannot be read or written."""

    exit_code = ExitCode.SOME_FAILED
    code = "local_file"


class DamagedDownloadError(ClientError):
    """The bytes that arrived are not those that the repository says it holds."""

    exit_code = ExitCode.SOME_FAILED
    code = "damaged_download"
    retryable = True


class ServerError(ClientError):
    """The server refused, with a code of its closed list.

    ``error_code`` is None for a code this client does not know (a newer server); ``code`` is then
    the server's own word. ``retry_after`` is in seconds, from the header of that name. ``log`` is
    where the server's log is, if it is on this computer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        log: str | None = None,
    ):
        super().__init__(message)
        self.status = status
        self.log = log
        self.code = code
        self.error_code = ErrorCode(code) if code in ErrorCode.__members__.values() else None
        self.details = dict(details or {})
        self.request_id = request_id
        self.retry_after = retry_after
        # To wait and guess again is nothing that a program should do by itself.
        waits = self.error_code is not ErrorCode.TOO_MANY_ATTEMPTS
        self.retryable = status in RETRYABLE_STATUSES and waits
        lines = self.details.get("pointer")
        self.pointer = tuple(map(str, lines)) if isinstance(lines, list) else ()
        self.exit_code = self._exit_code()

    def _exit_code(self) -> ExitCode:
        if self.error_code is None:
            return ExitCode.NOT_ALLOWED if self.status in (401, 403) else ExitCode.UNEXPECTED
        if self.error_code in _EXIT_CODES:
            return _EXIT_CODES[self.error_code]
        return ExitCode.UNEXPECTED if self.status >= 500 else ExitCode.SOME_FAILED

    def __str__(self) -> str:
        # The id lets the server's administrator find the log entry of a fault of the server.
        if self.status >= 500 and self.request_id and self.error_code not in _TOLD_IN_FULL:
            place = f"{self.log}, request" if self.log else "request"
            return f"{self.message} ({place} {self.request_id})"
        return self.message


def worst_exit_code(failures: Sequence[ExitCode], *, succeeded: bool) -> ExitCode:
    """The exit code of a command over several items.

    One shared reason for everything keeps its own code; a mixture, or some success beside the
    failures, is "some items failed".
    """
    if not failures:
        return ExitCode.DONE
    if not succeeded and len(set(failures)) == 1:
        return failures[0]
    return ExitCode.SOME_FAILED

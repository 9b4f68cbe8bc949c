"""Every fault that the server foresees: a closed list of codes, and the one exception class.

A code is a promise to clients and scripts: add codes, never rename one.
"""

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """What went wrong, as clients see it in ``error.code``."""

    # The request
    INVALID_REQUEST = "invalid_request"
    UNAUTHENTICATED = "unauthenticated"
    INVALID_CREDENTIALS = "invalid_credentials"
    FORBIDDEN = "forbidden"
    ROUTE_NOT_FOUND = "route_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    REQUEST_TIMEOUT = "request_timeout"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    # Accounts
    USERNAME_TAKEN = "username_taken"
    USER_NOT_FOUND = "user_not_found"
    REGISTRATION_CLOSED = "registration_closed"
    INVITATION_REQUIRED = "invitation_required"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    QUOTA_EXCEEDED = "quota_exceeded"
    KEY_NOT_FOUND = "key_not_found"
    KEY_NAME_TAKEN = "key_name_taken"
    # Images
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
    # The server
    STORAGE_FULL = "storage_full"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"


class ImgrepoError(Exception):
    """A foreseen fault: a code, a sentence that says what to do next, and optional facts.

    Crosses process boundaries (workers raise it), hence the explicit ``args``.
    """

    def __init__(self, code: ErrorCode, message: str, details: dict[str, Any] | None = None):
        super().__init__(code, message, details)
        self.code = code
        self.message = message
        self.details = details or {}

    def __str__(self) -> str:
        return self.message

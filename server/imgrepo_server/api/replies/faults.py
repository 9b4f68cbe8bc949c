"""What every fault looks like."""

from typing import Any

from imgrepo_server.api.replies import Reply
from imgrepo_server.errors import ErrorCode


class ErrorFacts(Reply):
    """A fault: a code of the closed list, a sentence, and facts that differ by code."""

    code: ErrorCode
    message: str
    details: dict[str, Any]
    request_id: str


class ErrorBody(Reply):
    """The body of every fault."""

    error: ErrorFacts

"""Every fault becomes the same JSON: ``{"error": {code, message, details, request_id}}``."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from types import MappingProxyType

from aiohttp import web

from imgrepo_server.api.replies.faults import ErrorBody, ErrorFacts
from imgrepo_server.errors import ErrorCode, ImgrepoError

log = logging.getLogger("imgrepo.server")

UNKEPT = MappingProxyType({"Cache-Control": "no-store"})
"""Headers of whatever JSON goes out: it is one caller's own, and may hold a token."""

STATUS = {
    ErrorCode.INVALID_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.INVALID_CREDENTIALS: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.REGISTRATION_CLOSED: 403,
    ErrorCode.INVITATION_REQUIRED: 403,
    ErrorCode.QUOTA_EXCEEDED: 403,
    ErrorCode.ROUTE_NOT_FOUND: 404,
    ErrorCode.IMAGE_NOT_FOUND: 404,
    ErrorCode.TAG_NOT_FOUND: 404,
    ErrorCode.TIER_TOO_LOW: 403,
    ErrorCode.LINK_NOT_FOUND: 404,
    ErrorCode.LINK_ENDED: 404,
    ErrorCode.KEY_NOT_FOUND: 404,
    ErrorCode.USER_NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.REQUEST_TIMEOUT: 408,
    ErrorCode.USERNAME_TAKEN: 409,
    ErrorCode.KEY_NAME_TAKEN: 409,
    ErrorCode.FILE_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.RANGE_NOT_SATISFIABLE: 416,
    ErrorCode.UNREADABLE_FILE: 422,
    ErrorCode.EMPTY_FILE: 422,
    ErrorCode.NOT_AN_IMAGE: 422,
    ErrorCode.UNSUPPORTED_FORMAT: 422,
    ErrorCode.TRUNCATED_IMAGE: 422,
    ErrorCode.CORRUPT_IMAGE: 422,
    ErrorCode.TOO_MANY_PIXELS: 422,
    ErrorCode.IMAGE_TOO_EXPENSIVE: 422,
    ErrorCode.CHECKSUM_MISMATCH: 422,
    ErrorCode.METADATA_NOT_REMOVABLE: 422,
    ErrorCode.TOO_MANY_ATTEMPTS: 429,
    ErrorCode.INTERNAL: 500,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.STORAGE_FULL: 507,
}

_HTTP_FAULTS = {
    404: (ErrorCode.ROUTE_NOT_FOUND, "There is nothing at this address. See /api/v1/openapi.json."),
    405: (ErrorCode.METHOD_NOT_ALLOWED, "This address does not take that method."),
    413: (ErrorCode.FILE_TOO_LARGE, "The request's body is too large."),
    415: (ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The body's content type is not one this route takes."),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def report_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware: no fault leaves in any other shape."""
    request_id = secrets.token_hex(8)
    try:
        response = await handler(request)
    except ImgrepoError as error:
        response = _response(error, request_id)
    except web.HTTPException as error:
        response = _response(_from_http(error), request_id)
        response.headers.update({k: v for k, v in error.headers.items() if k == "Allow"})
    except Exception as error:
        if isinstance(error, ConnectionError) and _is_gone(request):
            # Answered all the same, unheard: what is raised here aiohttp logs with its traceback.
            return web.Response(status=400)
        log.exception("request %s failed: %s %s", request_id, request.method, _place(request))
        if request.writer.output_size:
            # A part of the reply is out. Whatever followed now would pass for the rest of it.
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionAbortedError from error
        response = _response(
            ImgrepoError(
                ErrorCode.INTERNAL,
                "The server failed. Its log tells why, under this request's id.",
            ),
            request_id,
        )
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    return response


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _place(request: web.Request) -> str:
    """Where a request went, for the log: as the route has it, for a link's path is a secret."""
    resource = request.match_info.route.resource
    return request.path if resource is None else resource.canonical


def _response(error: ImgrepoError, request_id: str) -> web.Response:
    body = ErrorBody(
        error=ErrorFacts(
            code=error.code,
            message=error.message,
            details=error.details,
            request_id=request_id,
        )
    )
    response = web.Response(
        status=STATUS[error.code],
        body=body.model_dump_json().encode(),
        content_type="application/json",
        headers=UNKEPT,
    )
    if error.code is ErrorCode.OVERLOADED:
        response.headers["Retry-After"] = "1"
    if error.code is ErrorCode.TOO_MANY_ATTEMPTS:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    if error.code is ErrorCode.RANGE_NOT_SATISFIABLE:
        response.headers["Content-Range"] = f"bytes */{error.details['size']}"
    if response.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _from_http(error: web.HTTPException) -> ImgrepoError:
    code, message = _HTTP_FAULTS.get(
        error.status, (ErrorCode.INVALID_REQUEST, f"The request is not valid: {error.reason}.")
    )
    return ImgrepoError(code, message)

"""What a server's refusal, or its silence, is called for a person."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from imgrepo_client.errors import (
    ErrorCode,
    NoAnswerInTimeError,
    ServerError,
    UnexpectedAnswerError,
    UnreachableError,
)
from imgrepo_client.retry import retry_after
from imgrepo_client.wording import in_options


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of one server.

    ``name`` is how sentences call it, ``log`` where its log is, if that can be reached,
    ``refused_token`` what to say where it does not take the token.
    """

    name: str
    log: str | None = None
    refused_token: str | None = None

    def unexpected(self) -> UnexpectedAnswerError:
        """What to raise for an answer that makes no sense."""
        return UnexpectedAnswerError(
            f"{self.name} does not answer like an imgrepo server. Check the address."
        )

    def refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        """What to raise for an answer that is no success."""
        if 300 <= response.status < 400:
            return UnexpectedAnswerError(
                f"{self.name} sends on to {response.headers.get('Location', 'somewhere else')!r}. "
                "If you trust that address, use it instead."
            )
        wait = retry_after(response.headers, datetime.now(UTC))
        try:
            return self.refused(response.status, json.loads(content)["error"], wait)
        except (ValueError, TypeError, KeyError, AttributeError):
            if response.status == 404:
                return self.unexpected()
            message = f"{self.name} answered {response.status} {response.reason} without a reason."
            return ServerError(
                response.status, f"http_{response.status}", message, retry_after=wait
            )

    def refused(self, status: int, error: Any, wait: float | None = None) -> ServerError:
        """What to raise for the ``error`` of an answer.

        Raises ValueError, TypeError, KeyError or AttributeError where it has not its shape.
        """
        code, message = str(error["code"]), str(error["message"])
        if code == ErrorCode.UNAUTHENTICATED and self.refused_token is not None:
            message = self.refused_token  # the server does not know where the token came from
        details = error.get("details") or {}
        if code == ErrorCode.INVALID_REQUEST:
            message = in_options(details) or message
        return ServerError(
            status,
            code,
            message,
            details=details,
            request_id=error.get("request_id"),
            retry_after=wait,
            log=self.log,
        )

    def unreachable(self, error: Exception) -> UnreachableError:
        """What to raise where no answer came."""
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return UnreachableError(
                    f"The certificate of {self.name} is not trusted: "
                    f"{error.certificate_error}. For one of your own, set SSL_CERT_FILE to it.",
                    retryable=False,
                )
            case aiohttp.ClientSSLError():
                return UnreachableError(
                    f"No encrypted connection to {self.name}: {error.os_error.strerror}. "
                    "Does the server want http:// instead?",
                    retryable=False,
                )
            case aiohttp.ClientConnectorDNSError():
                why = "its name is not known here. Check the address and the network."
            case aiohttp.ClientProxyConnectionError():
                why = (
                    f"no proxy answers at {error.host}:{error.port}. Check http_proxy and the like."
                )
            case aiohttp.ClientHttpProxyError():
                why = f"the proxy refused: {error.status} {error.message}."
            case aiohttp.ClientConnectorError():
                # Only the number is the same with every event loop.
                number = error.os_error.errno
                why = f"{os.strerror(number) if number else error}. Is the server running?"
            case TimeoutError():
                return NoAnswerInTimeError(
                    f"Cannot reach {self.name}: no answer in time. Try again later."
                )
            case _:
                why = "the connection broke. Try again later."
        return UnreachableError(f"Cannot reach {self.name}: {why}")

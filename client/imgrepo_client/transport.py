"""HTTP with one server: requests, retries, time limits, and every fault as a ``ClientError``."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import aiohttp

from imgrepo_client.errors import (
    ErrorCode,
    InvalidInputError,
    NoAnswerInTimeError,
    ServerError,
    UnexpectedAnswerError,
    UnreachableError,
)
from imgrepo_client.multipart import Form
from imgrepo_client.names import sayable
from imgrepo_client.retry import RetryPolicy, may_pass, retry_after
from imgrepo_client.wording import in_options

API = "/api/v1"
_READERS = 8  # threads that read large files, started as they are needed
Params = Sequence[tuple[str, str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """In seconds. ``stall`` is how long nothing may move in either direction."""

    connect: float = 10.0
    stall: float = 120.0


class Body:
    """A body in pieces. ``stripped`` where the server took an original's metadata out of it."""

    def __init__(self, response: aiohttp.ClientResponse):
        self.stripped = response.headers.get("Imgrepo-Metadata") == "removed"
        self._pieces = response.content.iter_chunked(1 << 18)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._pieces)


class Transport:
    """One server, reached through one session.

    ``name`` is how sentences call the server, ``log`` where its log is, if that can be reached,
    ``refused`` what to say where it does not take the token.
    Redirects are not followed: a token goes to the server it was made for and nowhere else.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        name: str,
        token: str | None = None,
        retry: RetryPolicy | None = None,
        limits: TimeLimits | None = None,
        log: str | None = None,
        refused: str | None = None,
    ):
        self._session = session
        self._base = base_url.rstrip("/") + API
        self._name = name
        self._log = log
        self._refused = refused
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._retry = retry or RetryPolicy()
        self._limits = limits or TimeLimits()
        self._readers = ThreadPoolExecutor(_READERS, "read")

    def close(self) -> None:
        """Let go of the threads; the session is its opener's to close."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: object = None,
        idempotent: bool = True,
    ) -> Any:
        """Send JSON, or nothing; the JSON of the answer, None where it has no content.

        Only what is ``idempotent`` is asked again after a fault. Raises ClientError.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data is not None else {}

        async def once() -> Any:
            return await self._once(method, path, params, headers, data)

        return await self._repeatedly(once) if idempotent else await once()

    async def send(
        self,
        path: str,
        form: Callable[[], Form],
        params: Params = (),
        *,
        read: Callable[[Any], T],
        repeat: Callable[[BaseException], bool] = may_pass,
        patience: float = 0.0,
    ) -> T:
        """POST a form, made anew for each attempt; what ``read`` makes of the answer's JSON.

        What ``read`` raises counts as the server's own fault would. ``repeat`` says after which
        faults to ask again; ``patience`` are seconds that the answer may take beyond the usual.
        Raises ClientError; LocalFileError where the fault is the file's.
        """

        async def once() -> T:
            made = form()
            try:
                answer = await self._once(
                    "POST", path, params, made.headers, made, patience=patience
                )
            except UnreachableError:
                if made.fault is not None:  # aiohttp reports it as a broken connection
                    raise made.fault from None
                raise
            return read(answer)

        return cast("T", await self._repeatedly(once, repeat))

    @contextlib.asynccontextmanager
    async def stream(self, path: str, params: Params = ()) -> AsyncIterator[Body]:
        """GET a body of any length in pieces; one attempt. Raises ClientError."""
        async with self._response("GET", path, params, {}, None) as response:
            if response.status != 200:
                raise self._refusal(response, await response.read())
            yield Body(response)

    async def _repeatedly(
        self, once: Callable[[], Any], repeat: Callable[[BaseException], bool] = may_pass
    ) -> Any:
        async for attempt in self._retry.attempts(repeat):
            with attempt:
                return await once()
        raise AssertionError("tenacity returns or raises")

    async def _once(
        self,
        method: str,
        path: str,
        params: Params,
        headers: Mapping[str, str],
        data: bytes | Form | None,
        *,
        patience: float = 0.0,
    ) -> Any:
        async with self._response(
            method, path, params, headers, data, patience=patience
        ) as response:
            content = await response.read()
        if response.status >= 300:
            raise self._refusal(response, content)
        if not content:
            return None
        try:
            return json.loads(content)
        except ValueError as error:
            raise self.unexpected() from error

    @contextlib.asynccontextmanager
    async def _response(
        self,
        method: str,
        path: str,
        params: Params,
        headers: Mapping[str, str],
        data: bytes | Form | None,
        *,
        patience: float = 0.0,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        stall = self._limits.stall + patience
        try:
            async with (
                asyncio.timeout(None) as watch,
                self._session.request(
                    method,
                    self._base + path,
                    params=[(name, sayable(value)) for name, value in params] or None,
                    headers={**self._headers, **headers},
                    data=self._watched(data, watch, stall),
                    timeout=aiohttp.ClientTimeout(
                        total=None, sock_connect=self._limits.connect, sock_read=stall
                    ),
                    allow_redirects=False,
                ) as response,
            ):
                watch.reschedule(None)  # from here on ``sock_read`` watches
                yield response
        except aiohttp.InvalidURL as error:
            raise InvalidInputError(f"{self._name} is not a server's address.") from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise self._unreachable(error) from error

    def _watched(
        self, data: bytes | Form | None, watch: asyncio.Timeout, stall: float
    ) -> bytes | AsyncIterator[bytes] | None:
        # aiohttp's time limits do not cover the sending of a body: a server that stops reading
        # would hold the upload for ever.
        loop = asyncio.get_running_loop()

        def moved() -> None:
            watch.reschedule(loop.time() + stall)

        if data is None:
            return None
        moved()
        return data if isinstance(data, bytes) else data.body(self._readers, moved)

    def unexpected(self) -> UnexpectedAnswerError:
        """What to raise for an answer that makes no sense."""
        return UnexpectedAnswerError(
            f"{self._name} does not answer like an imgrepo server. Check the address."
        )

    def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        if 300 <= response.status < 400:
            return UnexpectedAnswerError(
                f"{self._name} sends on to {response.headers.get('Location', 'somewhere else')!r}. "
                "If you trust that address, use it instead."
            )
        wait = retry_after(response.headers, datetime.now(UTC))
        try:
            return self.refused(response.status, json.loads(content)["error"], wait)
        except (ValueError, TypeError, KeyError, AttributeError):
            if response.status == 404:
                return self.unexpected()
            message = f"{self._name} answered {response.status} {response.reason} without a reason."
            return ServerError(
                response.status, f"http_{response.status}", message, retry_after=wait
            )

    def refused(self, status: int, error: Any, wait: float | None = None) -> ServerError:
        """What to raise for the ``error`` of an answer.

        Raises ValueError, TypeError, KeyError or AttributeError where it has not its shape.
        """
        code, message = str(error["code"]), str(error["message"])
        if code == ErrorCode.UNAUTHENTICATED and self._refused is not None:
            message = self._refused  # the server does not know where the token came from
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
            log=self._log,
        )

    def _unreachable(self, error: Exception) -> UnreachableError:
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return UnreachableError(
                    f"The certificate of {self._name} is not trusted: "
                    f"{error.certificate_error}. For one of your own, set SSL_CERT_FILE to it.",
                    retryable=False,
                )
            case aiohttp.ClientSSLError():
                return UnreachableError(
                    f"No encrypted connection to {self._name}: {error.os_error.strerror}. "
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
                    f"Cannot reach {self._name}: no answer in time. Try again later."
                )
            case _:
                why = "the connection broke. Try again later."
        return UnreachableError(f"Cannot reach {self._name}: {why}")

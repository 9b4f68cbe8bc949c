"""HTTP with one server: requests, retries, time limits, and every fault as a ``ClientError``."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import aiohttp

from imgrepo_client.errors import (
    InvalidInputError,
    UnreachableError,
)
from imgrepo_client.faults import Faults
from imgrepo_client.multipart import Form
from imgrepo_client.names import sayable
from imgrepo_client.retry import RetryPolicy, may_pass

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

    Redirects are not followed: a token goes to the server it was made for and nowhere else.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        faults: Faults,
        token: str | None = None,
        retry: RetryPolicy | None = None,
        limits: TimeLimits | None = None,
    ):
        self.faults = faults
        self._session = session
        self._base = base_url.rstrip("/") + API
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
                raise self.faults.refusal(response, await response.read())
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
            raise self.faults.refusal(response, content)
        if not content:
            return None
        try:
            return json.loads(content)
        except ValueError as error:
            raise self.faults.unexpected() from error

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
            raise InvalidInputError(f"{self.faults.name} is not a server's address.") from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise self.faults.unreachable(error) from error

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

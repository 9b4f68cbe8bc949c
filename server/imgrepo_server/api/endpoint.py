"""Turns a handler into an aiohttp one: validates what it is given, serialises what it returns.

A handler says what it takes and returns by its annotations: ``query`` and ``body`` are pydantic
models; the result is a model, an ``Answer`` with one, None for "no content", or an aiohttp
response. The OpenAPI description reads the same annotations.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from aiohttp import web
from pydantic import BaseModel

from imgrepo_server.api.authentication import Authentication, set_cookie
from imgrepo_server.api.bodies import read_json, read_query
from imgrepo_server.api.context import BodyLimits, Call, Services
from imgrepo_server.api.faults import UNKEPT
from imgrepo_server.api.proxies import Proxies
from imgrepo_server.api.requests import NoQuery
from imgrepo_server.models import Scope
from imgrepo_server.services.accounts import Login

Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Answer(Generic[Model]):
    """A reply with a status of its own, or one that starts a browser's login."""

    body: Model
    status: int
    login: Login | None = None


class Auth(Enum):
    """What a route asks of its caller."""

    NOBODY = "works for anybody, even where everything else needs a login"
    ANYBODY = "works without a login for what is public"
    LOGIN = "needs a login"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the route table.

    ``scope`` is what an API key has to be for, None where any will do. ``statuses`` are those of
    success, ``form`` names the fields of a multipart form beside ``file``, ``media`` is the
    content type of a reply that is no JSON.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    scope: Scope | None
    auth: Auth = Auth.ANYBODY
    statuses: tuple[int, ...] = (200,)
    form: type[BaseModel] | None = None
    media: str | None = None

    def takes(self, name: str) -> type[BaseModel] | None:
        """The model that the handler takes under this name."""
        return _model(get_type_hints(self.handler).get(name))

    @property
    def returns(self) -> type[BaseModel] | None:
        """The model of the reply, None for a reply without JSON."""
        hint = get_type_hints(self.handler).get("return")
        return _model(get_args(hint)[0] if get_origin(hint) is Answer else hint)


def endpoint(
    route: Route,
    services: Services,
    authentication: Authentication,
    proxies: Proxies,
    limits: BodyLimits,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route."""
    query_model = route.takes("query")
    body_model = route.takes("body")

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await authentication.caller(request)
        caller.require(route.scope)
        call = Call(
            request,
            services,
            caller.viewer,
            limits,
            caller.token,
            caller.key,
            proxies.address(request),
            f"{'https' if proxies.is_secure(request) else 'http'}://{request.host}",
            authentication.is_local,
        )
        if route.auth is Auth.LOGIN or (
            route.auth is Auth.ANYBODY and authentication.require_login
        ):
            call.require_login()
        given: dict[str, BaseModel] = {}
        query = read_query(request, query_model or NoQuery)
        if query_model is not None:
            given["query"] = query
        if body_model is not None:
            given["body"] = await read_json(request, body_model, limits)
        result = await route.handler(call, **given)
        return _response(result, route.statuses[0], secure=proxies.is_secure(request))

    return handle


def _model(hint: object) -> type[BaseModel] | None:
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _response(result: object, status: int, *, secure: bool) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if isinstance(result, BaseModel):
        return _json(result, status)
    if isinstance(result, Answer):
        response = _json(result.body, result.status)
        if result.login is not None:
            set_cookie(response, result.login, secure=secure)
        return response
    return web.Response(status=204)


def _json(body: BaseModel, status: int) -> web.Response:
    return web.Response(
        status=status,
        body=body.model_dump_json().encode(),
        content_type="application/json",
        headers=UNKEPT,
    )

"""Who is asking: a login's token, an API key, the cookie that ``login`` sets, or nobody."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from imgrepo_server.api.context import LocalAccess
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import ANONYMOUS, ApiKey, Scope, Viewer
from imgrepo_server.services.accounts import Accounts, Login
from imgrepo_server.services.api_keys import PREFIX, ApiKeys

COOKIE = "imgrepo_login"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and with what: a login's ``token``, an API ``key``, or neither."""

    viewer: Viewer
    token: str | None = None
    key: ApiKey | None = None

    def require(self, scope: Scope | None) -> None:
        """Raise FORBIDDEN for a key that is not for this; None is for every key."""
        if self.key is None or self.viewer.user is None or scope is None:
            return
        if not self.key.allows(scope, self.viewer.user.role):
            raise ImgrepoError(
                ErrorCode.FORBIDDEN,
                f"The API key {self.key.name} is not for this: that takes the scope {scope}. "
                "Make one that has it, or log in.",
                {"scope": scope},
            )


class Authentication:
    """Resolves a request to a caller.

    ``local`` is set for a local repository; with ``require_login``, anonymous callers see nothing.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        api_keys: ApiKeys,
        local: LocalAccess | None,
        require_login: bool,
    ):
        self._accounts = accounts
        self._api_keys = api_keys
        self._local = local
        self.is_local = local is not None
        self.require_login = require_login

    async def caller(self, request: web.Request) -> Caller:
        """Who asks.

        Raises UNAUTHENTICATED for a token or key that is not valid, FORBIDDEN for a cookie that
        another site makes a browser send.
        """
        token = _bearer_token(request)
        if self._local is not None:
            return Caller(await self._local_owner(self._local, token))
        if token is not None and token.startswith(PREFIX):
            user, key = await self._api_keys.owner(token)
            return Caller(Viewer(user, key.name), key=key)
        if token is not None:
            return Caller(await self._accounts.viewer(token), token)
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return Caller(ANONYMOUS)
        _require_same_origin(request)
        try:
            return Caller(await self._accounts.viewer(cookie), cookie)
        except ImgrepoError:
            # An old cookie must not lock a browser out of public images.
            return Caller(ANONYMOUS)

    async def _local_owner(self, local: LocalAccess, token: str | None) -> Viewer:
        if not local.admits(token):
            raise ImgrepoError(ErrorCode.UNAUTHENTICATED, "This repository is somebody's own.")
        return await self._accounts.ensure_local_owner(local.owner)


def _bearer_token(request: web.Request) -> str | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ImgrepoError(
            ErrorCode.UNAUTHENTICATED, "The Authorization header has to be: Bearer TOKEN."
        )
    return token.strip()


def _require_same_origin(request: web.Request) -> None:
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site in {None, "same-origin", "none"} and (origin is None or _host(origin) == request.host):
        return
    raise ImgrepoError(
        ErrorCode.FORBIDDEN, "A page of another site sent this request. Nothing was changed."
    )


def _host(origin: str) -> str | None:
    """Host and port of an Origin header, None for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def set_cookie(response: web.StreamResponse, login: Login, *, secure: bool) -> None:
    """Let a browser send the login along, but for HTTPS only where that is what it speaks.

    Scripts in its pages cannot read it.
    """
    response.set_cookie(
        COOKIE,
        login.token,
        expires=login.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def delete_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Make a browser forget its login, if it sent one along.

    To a page of another site a browser lends no cookie, and such a page must not end the login.
    """
    if COOKIE in request.cookies:
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax")

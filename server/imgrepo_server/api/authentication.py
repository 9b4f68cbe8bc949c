"""Who is asking: a bearer token, the cookie that ``login`` sets, or nobody."""

from urllib.parse import urlsplit

from aiohttp import web

from imgrepo_server.api.context import LocalAccess
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import ANONYMOUS, Viewer
from imgrepo_server.services.accounts import Accounts, Login

COOKIE = "imgrepo_login"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authentication:
    """Resolves a request to a viewer.

    ``local`` is set for a local repository; with ``require_login``, anonymous callers see nothing.
    """

    def __init__(self, *, accounts: Accounts, local: LocalAccess | None, require_login: bool):
        self._accounts = accounts
        self._local = local
        self.require_login = require_login

    async def viewer(self, request: web.Request) -> tuple[Viewer, str | None]:
        """The viewer, and the login token if there is one.

        Raises UNAUTHENTICATED for a token that is not valid, FORBIDDEN for a cookie that another
        site makes a browser send.
        """
        token = _bearer_token(request)
        if self._local is not None:
            return await self._local_owner(self._local, token), None
        if token is not None:
            return await self._accounts.viewer(token), token
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return ANONYMOUS, None
        _require_same_origin(request)
        try:
            return await self._accounts.viewer(cookie), cookie
        except ImgrepoError:
            return ANONYMOUS, None  # an old cookie must not lock a browser out of public images

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
    if site in {None, "same-origin", "none"} and (
        origin is None or urlsplit(origin).netloc == request.host
    ):
        return
    raise ImgrepoError(
        ErrorCode.FORBIDDEN, "A page of another site sent this request. Nothing was changed."
    )


def set_cookie(request: web.Request, response: web.StreamResponse, login: Login) -> None:
    """Let a browser send the login along; scripts in its pages cannot read it."""
    response.set_cookie(
        COOKIE,
        login.token,
        expires=login.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.secure,
    )


def delete_cookie(response: web.StreamResponse) -> None:
    """Make a browser forget its login."""
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax")

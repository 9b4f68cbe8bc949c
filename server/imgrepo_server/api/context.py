"""What a handler is given: the services, the request, and who is asking."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import ApiKey, Role, Scope, User, Viewer
from imgrepo_server.services.accounts import Accounts
from imgrepo_server.services.api_keys import ApiKeys, key_not_found
from imgrepo_server.services.catalog import Catalog, image_not_found
from imgrepo_server.services.cursors import Cursors
from imgrepo_server.services.duplicates import Duplicates
from imgrepo_server.services.ingest import Ingest
from imgrepo_server.services.links import Links, link_not_found
from imgrepo_server.services.originals import Originals
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.reception import Reception
from imgrepo_server.services.retagging import Retagging
from imgrepo_server.services.similar import SimilarSearch
from imgrepo_server.services.verification import Verification


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that handlers call."""

    accounts: Accounts
    api_keys: ApiKeys
    catalog: Catalog
    cursors: Cursors
    duplicates: Duplicates
    ingest: Ingest
    links: Links
    originals: Originals
    quotas: Quotas
    reception: Reception
    retagging: Retagging
    similar: SimilarSearch
    verification: Verification


@dataclass(frozen=True, slots=True)
class LocalAccess:
    """A local repository: whoever gets through to it is its owner.

    On a Unix socket, its folder's permissions decide who gets through (``token`` is None); on a
    TCP port, the one-time ``token``, sent as a bearer token.
    """

    owner: str
    token: str | None

    def admits(self, token: str | None) -> bool:
        """Whether a request with this bearer token comes from the owner."""
        if self.token is None:
            return True
        given = (token or "").encode("utf-8", "surrogateescape")  # a header may hold any bytes
        return hmac.compare_digest(self.token.encode(), given)


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How long a client may take over a body.

    ``stall`` seconds for any next piece, and for the whole no longer than ``stall`` plus its
    bytes at ``slowest`` bytes a second. However much it is: no longer than ``longest`` seconds,
    or ``longest_anonymous`` without a login.
    """

    stall: float
    slowest: int
    longest: float
    longest_anonymous: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and who makes it with what; see ``authentication.Caller``.

    ``address`` is where it comes from, ``origin`` the server's own address as the caller knows it.
    ``local``: to a local repository, by its owner.
    """

    request: web.Request
    services: Services
    viewer: Viewer
    limits: BodyLimits
    token: str | None = None
    key: ApiKey | None = None
    address: str | None = None
    origin: str = ""
    local: bool = False

    def require_login(self) -> None:
        """Raise UNAUTHENTICATED where nobody is logged in."""
        _ = self.user

    @property
    def user(self) -> User:
        """Who is logged in. Raises UNAUTHENTICATED where nobody is."""
        if self.viewer.user is None:
            raise ImgrepoError(
                ErrorCode.UNAUTHENTICATED, "This needs a login. Log in or register first."
            )
        return self.viewer.user

    def may(self, scope: Scope) -> bool:
        """Whether what the caller came with is for this: a login is for everything."""
        user = self.viewer.user
        return self.key is None or user is None or self.key.allows(scope, user.role)

    @property
    def is_admin(self) -> bool:
        """Whether an administrator asks, with a login or a key that is for administration."""
        user = self.viewer.user
        if user is None or user.role is not Role.ADMIN:
            return False
        return self.key is None or self.key.allows(Scope.ADMIN, user.role)

    def require_admin(self) -> None:
        """Raise FORBIDDEN unless an administrator asks."""
        if not self.is_admin:
            raise ImgrepoError(
                ErrorCode.FORBIDDEN, "Only an administrator can publish in the gallery."
            )

    @property
    def image_id(self) -> UUID:
        """The id in the path. Raises IMAGE_NOT_FOUND for what cannot be one."""
        text = self.request.match_info["id"]
        try:
            return UUID(text)
        except ValueError:
            raise image_not_found(text) from None

    @property
    def link_id(self) -> UUID:
        """The id in the path. Raises LINK_NOT_FOUND for what cannot be one."""
        text = self.request.match_info["link_id"]
        try:
            return UUID(text)
        except ValueError:
            raise link_not_found(text) from None

    @property
    def key_id(self) -> UUID:
        """The id in the path. Raises KEY_NOT_FOUND for what cannot be one."""
        text = self.request.match_info["key_id"]
        try:
            return UUID(text)
        except ValueError:
            raise key_not_found(text) from None

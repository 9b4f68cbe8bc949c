"""API keys, and what each may be used for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from imgrepo_server.models.accounts import Role


class Scope(StrEnum):
    """What an API key may be used for. A login may do everything that its account may."""

    UPLOAD = "upload"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


_INCLUDED = MappingProxyType(
    {
        Scope.UPLOAD: frozenset({Scope.UPLOAD}),
        Scope.READ: frozenset({Scope.READ}),
        Scope.WRITE: frozenset({Scope.UPLOAD, Scope.READ, Scope.WRITE}),
        Scope.ADMIN: frozenset(Scope),
    }
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an account, without its secret. ``last_used_at`` is no newer than to the hour."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    def allows(self, scope: Scope, role: Role) -> bool:
        """Whether the key may be used for that, given its account's role."""
        if scope is Scope.ADMIN and role is not Role.ADMIN:
            return False
        return any(scope in _INCLUDED[own] for own in self.scopes)

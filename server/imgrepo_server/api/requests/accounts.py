"""What is asked of accounts and of their keys."""

from typing import Annotated

from pydantic import Field

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import Email, KeyName, Password, UserName
from imgrepo_server.models import Scope

MOST_SECONDS = 100 * 365 * 86400


class Registration(Request):
    """A new account; ``invitation`` is a code where only invited people may have one."""

    username: UserName
    password: Password
    email: Email | None = None
    invitation: Annotated[str, Field(max_length=100)] | None = None


class Credentials(Request):
    """Who logs in."""

    username: Annotated[str, Field(max_length=400)]
    password: Annotated[str, Field(max_length=1024)]


class PasswordChange(Request):
    """A new password, and the current one as proof."""

    current_password: Annotated[str, Field(max_length=1024)]
    new_password: Password


class KeyCreation(Request):
    """A new API key, for ``expires_in`` seconds or until it is revoked."""

    name: KeyName
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    expires_in: Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None = None


class LogoutQuery(Request):
    """``everywhere``: every login of the account."""

    everywhere: bool = False

"""Accounts, logins and API keys: the part of the async client that has to do with them."""

from collections.abc import Sequence

from imgrepo_client.answers import Key, Me, NewKey, Session, Usage, User
from imgrepo_client.errors import ErrorCode, ServerError
from imgrepo_client.shaping import Routes


class AccountRoutes(Routes):
    """Registers, logs in and out, and handles keys."""

    async def answers(self) -> None:
        """Return where an imgrepo server answers; one attempt. Raises ClientError.

        /healthz would not do: it is not below the API, which is all that a proxy may pass on.
        """
        try:
            await self._transport.ask("GET", "/me", idempotent=False)
        except ServerError as error:
            if error.error_code is not ErrorCode.UNAUTHENTICATED:
                raise

    async def register(
        self,
        name: str,
        password: str,
        email: str | None = None,
        *,
        invitation: str | None = None,
    ) -> Session:
        """Create an account and log in; ``invitation`` is a code where one is required."""
        body = {"username": name, "password": password}
        if email is not None:
            body["email"] = email
        if invitation is not None:
            body["invitation"] = invitation
        answer = await self._transport.ask("POST", "/register", body=body, idempotent=False)
        return self._session(answer)

    async def login(self, name: str, password: str) -> Session:
        """Log in."""
        body = {"username": name, "password": password}
        answer = await self._transport.ask("POST", "/login", body=body)
        return self._session(answer)

    async def logout(self, *, everywhere: bool = False) -> None:
        """Revoke the token in use, or every login of its account."""
        params = [("everywhere", "true")] if everywhere else []
        await self._transport.ask("POST", "/logout", params=params, idempotent=False)

    async def change_password(self, current: str, new: str) -> Session:
        """Set a new password; revokes every login and answers with a new one."""
        body = {"current_password": current, "new_password": new}
        answer = await self._transport.ask("POST", "/me/password", body=body, idempotent=False)
        return self._session(answer)

    async def me(self) -> Me:
        """The account in use, what it holds and may hold."""
        answer = await self._transport.ask("GET", "/me")
        self._shaped(User, answer, "user")
        self._shaped(Usage, answer, "usage")
        return self._shaped(Me, answer)

    async def create_key(
        self, name: str, scopes: Sequence[str], *, expires_in: int | None = None
    ) -> NewKey:
        """Make an API key for so many seconds; None is until it is revoked."""
        body: dict[str, object] = {"name": name, "scopes": list(scopes)}
        if expires_in is not None:
            body["expires_in"] = expires_in
        answer = await self._transport.ask("POST", "/keys", body=body, idempotent=False)
        self._shaped(Key, answer, "key")
        return self._shaped(NewKey, answer)

    async def keys(self) -> list[Key]:
        """The account's API keys, oldest first."""
        answer = await self._transport.ask("GET", "/keys")
        return self._all_shaped(Key, answer, "keys")

    async def revoke_key(self, key_id: str) -> None:
        """Take an API key back."""
        # Not repeated: a second answer would say that there is no such key.
        await self._transport.ask("DELETE", f"/keys/{key_id}", idempotent=False)

    def _session(self, answer: object) -> Session:
        self._shaped(User, answer, "user")
        return self._shaped(Session, answer)

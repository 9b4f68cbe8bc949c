"""Accounts and logins over HTTP."""

from aiohttp import web

from imgrepo_server.api.authentication import delete_cookie
from imgrepo_server.api.context import Call
from imgrepo_server.api.endpoint import Answer
from imgrepo_server.api.replies.accounts import (
    LoginBody,
    MeBody,
    QuotaBody,
    UsageBody,
    login_body,
    user_body,
)
from imgrepo_server.api.requests.accounts import (
    Credentials,
    LogoutQuery,
    PasswordChange,
    Registration,
)
from imgrepo_server.errors import ErrorCode, ImgrepoError


async def register(call: Call, body: Registration) -> Answer[LoginBody]:
    """Create an account and log in."""
    login = await call.services.accounts.register(
        body.username,
        body.password,
        body.email,
        invitation=body.invitation,
        address=call.address,
    )
    return Answer(login_body(login), 201, login)


async def log_in(call: Call, body: Credentials) -> Answer[LoginBody]:
    """Log in."""
    login = await call.services.accounts.log_in(body.username, body.password, call.address)
    return Answer(login_body(login), 200, login)


async def log_out(call: Call, query: LogoutQuery) -> web.Response:
    """Revoke the login that the request was made with, or all of the account's."""
    if query.everywhere:
        await call.services.accounts.log_out_everywhere(call.user, key=call.viewer.key)
    elif call.viewer.user is not None and call.token is not None:
        await call.services.accounts.log_out(call.viewer.user, call.token)
    elif call.key is not None:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST, "An API key is no login. Revoke it: imgrepo keys revoke."
        )
    response = web.Response(status=204)
    delete_cookie(call.request, response)
    return response


async def me(call: Call) -> MeBody:
    """The caller's account and use."""
    limits = call.services.quotas.limits(call.user)
    usage = await call.services.accounts.usage(call.user)
    return MeBody(
        user=user_body(call.user),
        usage=UsageBody(images=usage.images, bytes=usage.bytes),
        tier=call.user.tier,
        quota=None
        if limits is None
        else QuotaBody(
            bytes_per_image=limits.bytes_per_image, images=limits.images, bytes=limits.bytes
        ),
    )


async def change_password(call: Call, body: PasswordChange) -> Answer[LoginBody]:
    """Set a new password; every other login ends."""
    login = await call.services.accounts.change_password(
        call.user,
        body.current_password,
        body.new_password,
        call.address,
        key=call.viewer.key,
    )
    return Answer(login_body(login), 200, login)

"""Whether the server is well."""

from imgrepo_server.api.context import Call
from imgrepo_server.api.replies import Reply


class HealthReply(Reply):
    """The server can read its database."""

    status: str


async def health(call: Call) -> HealthReply:
    """Answers once the database has answered."""
    await call.services.accounts.ping()
    return HealthReply(status="ok")

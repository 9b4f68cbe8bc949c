"""Accounts, how they come in, what they hold, and what was done."""

import sqlalchemy as sa

from imgrepo_server.db.tables.schema import Key, metadata
from imgrepo_server.db.types import UtcDateTime

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    # The folded name: nobody can register "Jeff" or "jéff" beside "jeff".
    sa.Column("name_key", sa.String(256), nullable=False, unique=True),
    sa.Column("email", sa.String(254), unique=True),
    # NULL for the owner of a local repository, who has no password until one is set.
    sa.Column("password_hash", sa.String(100)),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    # NULL: nothing is limited.
    sa.Column("tier", sa.String(16)),
    # Of a deleted account nothing may go to whoever comes next: requests know people by number.
    sqlite_autoincrement=True,
)

# A login token is valid while its row is here: logging out deletes it.
logins = sa.Table(
    "logins",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Index(None, "user_id"),
)

# Keys for scripts. A secret has 256 random bits, so that its plain SHA-256 cannot be reversed.
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    # Names of scopes with a blank between them.
    sa.Column("scopes", sa.String(100), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    # No newer than to the hour: a write a request would cost more than the request.
    sa.Column("last_used_at", UtcDateTime),
    sa.UniqueConstraint("user_id", "name"),
)

# Registration codes that have not been used; hashed like the secrets of keys.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("code_sha256", sa.String(64), primary_key=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

# What the images of each account with a tier amount to, the trash included; adding them up for
# each upload would take longer the more there are. Accounts without a tier have no row.
holdings = sa.Table(
    "holdings",
    metadata,
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("images", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
)

# Who did what to which object. Names rather than keys: an entry outlives what it is about.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Key, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    # NULL: somebody unknown, or whoever runs imgrepo-server.
    sa.Column("actor", sa.String(64)),
    sa.Column("action", sa.String(32), nullable=False),
    # An image's id, an account's name, a key's name.
    sa.Column("object", sa.String(100)),
    sa.Column("address", sa.String(64)),
    sa.Column("details", sa.JSON(none_as_null=True)),
    # The name of the API key that the actor used; NULL: a login, or not known.
    sa.Column("key", sa.String(100)),
    sqlite_autoincrement=True,
)

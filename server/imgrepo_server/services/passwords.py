"""Passwords: bcrypt, on threads of their own, for any length."""

import asyncio
import base64
import hashlib
import hmac
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import bcrypt

from imgrepo_server.errors import ErrorCode, ImgrepoError

# Names the purpose, so that hashes of other programs' leaks cannot be tried on ours unbroken.
_DOMAIN = b"imgrepo password, version 1"
_DIGEST = 31

MOST_WAITING = 32
"""New passwords that are being hashed or wait for it: about seven seconds' work."""


class Passwords:
    """Hashes and checks passwords; ``rounds`` is bcrypt's cost (12: about 0.2 s of one core).

    bcrypt reads no more than 72 bytes and stops at a NUL, so it is given the base64 of an
    HMAC-SHA256 of the password, as OWASP's Password Storage Cheat Sheet advises.
    """

    def __init__(self, rounds: int = 12):
        self._rounds = rounds
        # Two threads: a flood of logins waits in line instead of taking the server's cores. And
        # one of its own for new passwords, so that no login waits behind a flood of registrations.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="bcrypt")
        self._thread_for_new = ThreadPoolExecutor(1, thread_name_prefix="bcrypt-new")
        self._waiting = 0
        # Looks like a hash, of no known password; checking it takes as long as checking any.
        self._nobody = bcrypt.gensalt(rounds) + b"." * _DIGEST

    async def hash(self, password: str) -> str:
        """The text to store; 60 characters. Raises OVERLOADED where too many others wait."""
        if self._waiting >= MOST_WAITING:
            raise ImgrepoError(
                ErrorCode.OVERLOADED,
                "The server is busy with other new passwords. Try again in a minute.",
            )
        self._waiting += 1
        work = asyncio.get_running_loop().run_in_executor(
            self._thread_for_new, self._hash, password
        )
        work.add_done_callback(self._hashed)
        return await work

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether ``password`` is the stored one. None (no such account) takes as long."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._matches, password, stored
        )

    def is_current(self, stored: str) -> bool:
        """Whether a hash was made with the rounds that new ones are made with."""
        return stored.startswith(f"$2b${self._rounds:02}$")

    def close(self) -> None:
        """Release the threads."""
        self._threads.shutdown()
        self._thread_for_new.shutdown()

    def _hashed(self, _: object) -> None:
        self._waiting -= 1

    def _hash(self, password: str) -> str:
        return bcrypt.hashpw(_prepared(password), bcrypt.gensalt(self._rounds)).decode()

    def _matches(self, password: str, stored: str | None) -> bool:
        if stored is None:
            bcrypt.checkpw(_prepared(password), self._nobody)
            return False
        return bcrypt.checkpw(_prepared(password), stored.encode())


def _prepared(password: str) -> bytes:
    # The same password typed on two systems may come composed or decomposed.
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(_DOMAIN, text, hashlib.sha256))

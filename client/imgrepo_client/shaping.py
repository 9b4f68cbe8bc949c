"""Asking, and making sure that what comes back has the shape of an answer."""

from typing import TypeVar, cast
from urllib.parse import quote

from imgrepo_client.transport import Transport

T = TypeVar("T")


class Routes:
    """Some routes of a server: what they share is how answers are checked."""

    def __init__(self, transport: Transport):
        self._transport = transport

    def _shaped(self, shape: type[T], answer: object, member: str | None = None) -> T:
        """The answer, or a member of it, once it is known to have what the shape requires."""
        value = answer if member is None else self._member(answer, member)
        required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
        if isinstance(value, dict) and required <= value.keys():
            return cast("T", value)
        raise self._transport.faults.unexpected()

    def _all_shaped(self, shape: type[T], answer: object, member: str) -> list[T]:
        values = self._member(answer, member)
        if not isinstance(values, list):
            raise self._transport.faults.unexpected()
        return [self._shaped(shape, value) for value in values]

    def _member(self, answer: object, name: str) -> object:
        if isinstance(answer, dict) and name in answer:
            return answer[name]
        raise self._transport.faults.unexpected()


def image_path(image_id: str) -> str:
    """The path of an image's routes."""
    return f"/images/{quote(image_id, safe='')}"

"""What is told of tags."""

from imgrepo_server.api.replies import Reply


class TagBody(Reply):
    """A tag, and how many images the caller can see with it."""

    name: str
    count: int


class TagsReply(Reply):
    """Most used first."""

    tags: tuple[TagBody, ...]


class RenamedReply(Reply):
    """How many images carry ``tag`` now; ``merged`` where some had it already.

    Not ``complete`` where there are more: the same request again goes on.
    """

    tag: str
    images: int
    merged: bool
    complete: bool

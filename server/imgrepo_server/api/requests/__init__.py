"""What requests look like, a module for each noun. The OpenAPI description is made from these."""

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """What a client sends: an unknown field is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoFields(Request):
    """A form that has nothing beside ``file``."""


class NoQuery(Request):
    """A route without query parameters."""

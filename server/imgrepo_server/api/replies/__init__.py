"""What replies look like, a module for each noun, and how the domain's values become them."""

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """What a client gets: fields may be added."""

    model_config = ConfigDict(frozen=True)

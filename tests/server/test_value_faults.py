"""What is wrong with a value is said in words for people."""

from typing import Annotated, Any, Literal

import pytest
from imgrepo_server.value_faults import problem_of
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


def refuse(text: str) -> str:
    if text == "odd":
        raise ValueError("Write it like even.")
    return text


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=200)] = 20
    title: Annotated[str, AfterValidator(refuse), Field(min_length=2, max_length=5000)] = "AA"
    ids: Annotated[tuple[str, ...], Field(max_length=1)] = ()
    sort: Literal["added", "title"] = "added"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"limit": 201}, "has to be 200 at the most"),
        ({"limit": 0}, "has to be 1 or more"),
        ({"limit": "x"}, "has to be a whole number"),
        ({"title": "x" * 5001}, "may have 5,000 characters at the most"),
        ({"title": "x"}, "has to have 2 characters or more"),
        ({"title": "odd"}, "Write it like even."),
        ({"ids": ["a", "b"]}, "may have 1 entries at the most"),
        ({"sort": "size"}, "has to be added or title"),
        ({"other": 1}, "is not known here"),
    ],
)
def test_problems(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Asked(**given)
    assert [problem_of(fault) for fault in caught.value.errors()] == [problem]

from typing import Any

import pytest
from imgrepo_client.wording import in_options


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("username", "--user: No."),
        ("password", "No."),
        ("share_with.0", "--share-with: No."),
        ("elsewhere", None),
    ],
)
def test_a_field_is_called_as_its_option(field: str, told: str | None) -> None:
    assert in_options({"problems": [{"field": field, "problem": "No."}]}) == told


@pytest.mark.parametrize("details", [None, {}, {"problems": []}, {"problems": [3]}, []])
def test_other_details_say_nothing_of_options(details: Any) -> None:
    assert in_options(details) is None

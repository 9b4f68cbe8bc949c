"""Settings: each documented, and what cannot be is refused by its name."""

from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.models import RegistrationPolicy, Tier, TierLimits
from imgrepo_server.settings import Settings, load
from pydantic import ValidationError

DOCUMENT = Path(__file__).parents[2] / "docs" / "server.md"


def test_every_setting_is_documented() -> None:
    text = DOCUMENT.read_text()
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize(
    ("given", "policy"),
    [("invited", "invited"), (True, "anybody"), ("false", "nobody"), ("0", "nobody")],
)
def test_registration_was_a_boolean_once(given: Any, policy: str) -> None:
    assert Settings(registration=given).registration is RegistrationPolicy(policy)


def test_who_names_one_limit_of_a_tier_keeps_the_others(tmp_path: Path) -> None:
    config = tmp_path / "imgrepo.toml"
    config.write_text(
        'default_tier = "free"\n[tiers.free]\nimages = 5\n[tiers.business]\nbytes = "unlimited"\n'
    )
    settings = load({}, config)
    limits = settings.tiers.limits()
    assert settings.default_tier is Tier.FREE
    assert limits[Tier.FREE] == TierLimits(10 << 20, 5, 2 << 30)
    assert limits[Tier.BUSINESS] == TierLimits(200 << 20, 500_000, None)
    assert Settings(default_tier="unlimited").default_tier is None  # type: ignore[arg-type] # as in a file


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"registration": "friends"}, ("registration",)),
        ({"login_failures": "often"}, ("login_failures",)),
        ({"trusted_proxies": ["nonsense"]}, ("trusted_proxies", 0)),
        ({"default_tier": "gold"}, ("default_tier",)),
        ({"tiers": {"gold": {}}}, ("tiers", "gold")),
        ({"tiers": {"free": {"images": -1}}}, ("tiers", "free", "images")),
        ({"tiers": {"free": {"bytes": "much"}}}, ("tiers", "free", "bytes")),
        ({"login_days": 1e9}, ("login_days",)),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(given: Any, place: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**given)
    assert [error["loc"] for error in caught.value.errors()] == [place]

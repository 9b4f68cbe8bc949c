"""What is wrong with a setting is said in a sentence, never in the words of a library."""

from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.settings import load

A_LIMIT = "a list of limits such as 5/minute;30/hour, not 'often'."


def refused(given: dict[str, Any], config: Path | None) -> str:
    with pytest.raises(ImgrepoError) as caught:
        load(given, config)
    return caught.value.message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("port = 99999", "The setting port in FILE has to be 65535 at the most, not 99999."),
        ('port = "x"', "The setting port in FILE has to be a whole number, not 'x'."),
        ("workers = 2.5", "The setting workers in FILE has to be a whole number, not 2.5."),
        ("workers = 0", "The setting workers in FILE has to be 1 or more, not 0."),
        ("login_days = 0", "The setting login_days in FILE has to be more than 0, not 0."),
        ("host = 3", "The setting host in FILE has to be text in quotes, not 3."),
        ("require_login = 9", "The setting require_login in FILE has to be true or false, not 9."),
        ('login_failures = "often"', f"The setting login_failures in FILE has to be {A_LIMIT}"),
        (
            "registration = true\ntiers = 3",
            "The setting tiers in FILE has to be a section of settings, not 3.",
        ),
        (
            'registration = "friends"',
            "The setting registration in FILE has to be anybody, invited or nobody, not 'friends'.",
        ),
        (
            'trusted_proxies = ["10.0.0.1", "x"]',
            (
                "The setting trusted_proxies.1 in FILE has to be an address, or a network such as "
                "10.0.0.0/8, not 'x'."
            ),
        ),
        (
            '[tiers.free]\nbytes = "much"',
            (
                "The setting tiers.free.bytes in FILE has to be a number of bytes, or text such as "
                "10MiB, not 'much'."
            ),
        ),
        ("regsitration = 1", "There is no setting regsitration; did you mean registration?"),
        (
            "[tiers.free]\nimags = 1",
            "There is no setting tiers.free.imags; did you mean tiers.free.images?",
        ),
        (
            "[tiers.gold]",
            "There is no setting tiers.gold; in tiers there are free, premium, business.",
        ),
        (
            "[serve]\nport = 1",
            "There is no section serve: settings stand at the top of the file, without one.",
        ),
        ("zzz = 1", "There is no setting zzz."),
    ],
)
def test_of_a_file(tmp_path: Path, line: str, said: str) -> None:
    config = tmp_path / "server.toml"
    config.write_text(line)
    assert refused({}, config) == said.replace("FILE", str(config))


def test_the_place_is_where_the_value_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGREPO_PORT", "-1")
    assert refused({}, None) == "The setting port (IMGREPO_PORT) has to be 0 or more, not '-1'."
    assert refused({"port": -2}, None) == "The setting port (--port) has to be 0 or more, not -2."
    monkeypatch.setenv("IMGREPO_PORT", "")  # as a compose file leaves it: not set
    assert load({}, None).port == 8080


@pytest.mark.parametrize("value", ["10.0.0.1, 10.2.0.0/16,", '["10.0.0.1", "10.2.0.0/16"]'])
def test_proxies_in_the_environment(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IMGREPO_TRUSTED_PROXIES", value)
    assert [str(one) for one in load({}, None).trusted_proxies] == ["10.0.0.1/32", "10.2.0.0/16"]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("IMGREPO_TIERS", "{", "IMGREPO_TIERS has to be JSON such as"),
        ("IMGREPO_TRUSTED_PROXIES", "[", "addresses or networks, separated by commas, not '['."),
        ("IMGREPO_TRUSTED_PROXIES", "10.0.0.1 x", "such as 10.0.0.0/8, not '10.0.0.1 x'."),
    ],
)
def test_lists_in_the_environment_that_are_none(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert said in refused({}, None)

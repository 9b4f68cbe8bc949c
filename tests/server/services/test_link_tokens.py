"""The signed part of links."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from imgrepo_server.models import Link, Resource
from imgrepo_server.services.link_tokens import LinkClaims, LinkTokens
from imgrepo_server.services.signing_keys import SigningKeys
from imgrepo_server.services.tokens import Tokens

NOW = datetime.now(UTC)
OLD, NEW = "o" * 48, "n" * 48


def link(lifetime: timedelta) -> Link:
    return Link(uuid4(), uuid4(), "A picture", Resource.PREVIEW, NOW, NOW + lifetime)


def test_a_token_says_what_was_signed_until_it_expires() -> None:
    tokens = LinkTokens(SigningKeys("old", {"old": OLD}))
    good, over = link(timedelta(hours=1)), link(timedelta(hours=-1))
    assert tokens.claims(tokens.issue(good)) == LinkClaims(good.id, good.image_id, good.resource)
    assert tokens.claims(tokens.issue(over)) is None


def test_links_outlive_a_new_key_as_long_as_the_old_one_is_kept() -> None:
    token = LinkTokens(SigningKeys("old", {"old": OLD})).issue(link(timedelta(hours=1)))
    assert LinkTokens(SigningKeys("new", {"new": NEW, "old": OLD})).claims(token) is not None
    assert LinkTokens(SigningKeys("new", {"new": NEW})).claims(token) is None
    assert LinkTokens(SigningKeys("old", {"old": NEW})).claims(token) is None


def test_a_login_is_no_link_and_a_link_no_login() -> None:
    keys = SigningKeys("old", {"old": OLD})
    login = Tokens(keys).issue(uuid4(), NOW, NOW + timedelta(hours=1))
    assert LinkTokens(keys).claims(login) is None
    assert Tokens(keys).login_id(LinkTokens(keys).issue(link(timedelta(hours=1)))) is None

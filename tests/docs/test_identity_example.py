"""The example of identity data on the integration page is what the provider really answers."""

import json

from flask import Flask

from idp.house.build import House
from realname.release.evidence import CHECK_METHODS, DOCUMENT_TYPES
from realname.release.identity_claims import IDENTITY_CLAIMS, PROVED_SCOPES
from tests.docs.snippets import ROOT, snippet
from tests.protocol.provider import EMBEDDED, Provider
from tests.support import proofed
from tests.support.frozen_clock import FrozenClock

_PAGE = (ROOT / "docs" / "integration.md").read_text("utf-8")


@EMBEDDED
def test_the_request_gets_the_answer(house: House, app: Flask, clock: FrozenClock) -> None:
    """Both blocks of the page, for a person who compared their face."""
    provider = Provider(house, app, clock)
    person = provider.person()
    proofed.prove(house, person.id, level=3, method="face")
    party = provider.client(scope="openid")
    proofed.approve(house, party.client_id)
    proofed.agree(house, person.id, party.client_id, "real_name", "age_over_18", "verified_claims")
    asked = json.loads(snippet("integration.md", step="verified-request"))
    token = provider.tokens(provider.browser(person), party, scope="openid", claims=json.dumps(asked))["access_token"]
    told = provider.userinfo(token).get_json()
    del told["sub"]
    assert told == json.loads(snippet("integration.md", step="verified-answer"))


def test_everything_that_can_be_told_is_on_the_page() -> None:
    """Each claim, scope, kind of document and check."""
    methods = {each for listed in CHECK_METHODS.values() for each in listed}
    for word in {*IDENTITY_CLAIMS, *PROVED_SCOPES, *DOCUMENT_TYPES.values(), *methods}:
        assert f"`{word}`" in _PAGE, word

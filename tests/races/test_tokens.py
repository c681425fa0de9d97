"""Codes and refresh tokens presented by many at once, on two processes (RFC 6749 §4.1.2, RFC 9700 §4.14.2)."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.config.settings import TokenSettings
from idp.house.build import House
from idp.tokens.models import RefreshToken, TokenGrant
from tests.races.conftest import OVERRIDES, Race, new_code, token_call
from tests.races.house_process import RACERS, Answer
from tests.support.frozen_clock import FrozenClock
from tests.support.relying_party import FormBrowser, RelyingParty

ROUNDS = 10


def is_refused(answer: Answer) -> bool:
    return (answer.status, answer.body.get("error")) == (400, "invalid_grant")


def is_dead(app: Flask, party: RelyingParty, tokens: dict[str, Any]) -> bool:
    """Tell whether neither the access token nor the refresh token opens anything."""
    http = app.test_client()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    refreshed = party.token(http, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    return http.get("/oauth/userinfo", headers=bearer).status_code == 401 and refreshed.status_code == 400


def refresh_call(party: RelyingParty, token: str) -> Any:
    return token_call(party, grant_type="refresh_token", refresh_token=token)


def families_of(house: House, person_id: str) -> list[TokenGrant]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(TokenGrant).where(TokenGrant.person_id == person_id)))


def test_one_code_by_many_gives_at_most_one_answer_and_then_nothing(
    house: House, app: Flask, race: Race, browser: FormBrowser, party: RelyingParty
) -> None:
    """At most one is answered, all others are refused, and what the one got is dead: somebody has a copy."""
    for _ in range(ROUNDS):
        code = new_code(browser, party)
        answers = race(
            token_call(
                party,
                grant_type="authorization_code",
                code=code,
                redirect_uri=party.redirect_uri,
                code_verifier=party.verifier,
            )
        )
        won = [answer.body for answer in answers if answer.status == 200]
        assert len(won) <= 1, answers
        assert sum(map(is_refused, answers)) == RACERS - len(won), answers
        assert all(is_dead(app, party, tokens) for tokens in won)
    with house.ground.database.read() as session:
        rows = session.scalars(sa.select(TokenGrant)).all()
        replays = session.scalar(sa.select(sa.func.count()).where(AuditEvent.event == Event.CODE_REPLAYED))
    assert len(rows) == ROUNDS and all(row.revoked_at for row in rows)
    assert replays == ROUNDS * (RACERS - 1)


def test_one_refresh_token_within_the_grace_has_one_successor(
    house: House, app: Flask, race: Race, browser: FormBrowser, party: RelyingParty
) -> None:
    """Everybody gets the same successor, so there is one live line, and it goes on."""
    http = app.test_client()
    token = party.redeem(http, new_code(browser, party)).get_json()["refresh_token"]
    for _ in range(ROUNDS):
        answers = race(refresh_call(party, token))
        assert {answer.status for answer in answers} == {200}, answers
        successors = {answer.body["refresh_token"] for answer in answers}
        assert len(successors) == 1
        token = successors.pop()
    with house.ground.database.read() as session:
        used = session.scalars(sa.select(RefreshToken.used_at)).all()
    assert len(used) == ROUNDS + 1 and used.count(None) == 1


def test_a_used_refresh_token_outside_the_grace_ends_the_family(
    app: Flask, race: Race, browser: FormBrowser, party: RelyingParty, clock: FrozenClock
) -> None:
    """Replayed by many at once, all are refused and the live successor is dead."""
    http = app.test_client()
    for _ in range(ROUNDS // 2):
        first = party.redeem(http, new_code(browser, party)).get_json()
        second = party.token(http, grant_type="refresh_token", refresh_token=first["refresh_token"]).get_json()
        clock.advance(seconds=11)
        answers = race(refresh_call(party, first["refresh_token"]))
        assert all(map(is_refused, answers)), answers
        assert is_dead(app, party, second)


def test_the_successor_and_its_ancestor_at_once_leave_one_line_or_none(
    app: Flask, house: House, race: Race, browser: FormBrowser, party: RelyingParty
) -> None:
    """A retry that meets the use of its successor is a replay: never are there two live tokens."""
    http = app.test_client()
    for _ in range(ROUNDS // 2):
        first = party.redeem(http, new_code(browser, party)).get_json()["refresh_token"]
        second = party.token(http, grant_type="refresh_token", refresh_token=first).get_json()["refresh_token"]
        answers = race([refresh_call(party, first), refresh_call(party, second)] * (RACERS // 2))
        assert all(answer.status == 200 or is_refused(answer) for answer in answers), answers
        with house.ground.database.read() as session:
            family = session.scalars(sa.select(TokenGrant).order_by(TokenGrant.created_at)).all()
            live = session.scalars(
                sa.select(RefreshToken.token_hash).where(
                    RefreshToken.used_at.is_(None), RefreshToken.code_hash.in_([row.code_hash for row in family])
                )
            ).all()
        assert len(live) <= len(family)


class TestWithoutGrace:
    """The strict setting: no retry at all."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {**OVERRIDES, "tokens": TokenSettings(refresh_grace_seconds=0)}

    def test_one_refresh_token_by_many_ends_the_family(
        self, app: Flask, race: Race, browser: FormBrowser, party: RelyingParty
    ) -> None:
        """One is answered, the others are replays in the same instant, and the family is dead."""
        http = app.test_client()
        for _ in range(ROUNDS // 2):
            first = party.redeem(http, new_code(browser, party)).get_json()
            answers = race(refresh_call(party, first["refresh_token"]))
            won = [answer.body for answer in answers if answer.status == 200]
            assert len(won) == 1 and sum(map(is_refused, answers)) == RACERS - 1, answers
            assert is_dead(app, party, won[0])

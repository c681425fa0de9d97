"""A client assertion presented by many at once, on two processes (RFC 7523 §3, OpenID Connect Core §9)."""

import json

from joserfc.jwk import ECKey
from joserfc.jws import serialize_compact

from clients.presented import ASSERTION_TYPE
from idp.house.build import House
from tests.races.conftest import Race
from tests.races.house_process import RACERS, Call
from tests.support.frozen_clock import FrozenClock
from tests.support.relying_party import make_client

ROUNDS = 10


def test_one_assertion_by_many_lets_one_in(house: House, race: Race, clock: FrozenClock) -> None:
    """The same `jti` in the same instant on two workers: one is let in, all others are refused."""
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    party = make_client(
        house,
        grant_types=["client_credentials"],
        response_types=[],
        redirect_uris=[],
        scope=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
    )
    now = int(clock.now().timestamp())
    for number in range(ROUNDS):
        claims = {"iss": party.client_id, "sub": party.client_id, "aud": house.settings.issuer}
        claims |= {"iat": now, "exp": now + 60, "jti": f"jti-{number}"}  # type: ignore[dict-item]
        assertion = serialize_compact({"alg": "ES256", "kid": "k1"}, json.dumps(claims).encode(), key)
        form = {"grant_type": "client_credentials", "client_assertion": assertion}
        answers = race(Call("/oauth/token", {**form, "client_assertion_type": ASSERTION_TYPE}))
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200] + [401] * (RACERS - 1), answers

"""An approved system before our own API: its tokens, its requests, and what the house wrote about them."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clients.own_api import SCOPES, audience_of
from idp.audit.models import AuditEvent
from idp.house.build import House
from tests.support.relying_party import RelyingParty, make_client

NUMBER, NAME, MOBILE, PURPOSE = "11010519491231002X", "张小明", "+8613800138000", "社会保险登记"
PERSON = {"number": NUMBER, "name": NAME, "mobile": MOBILE, "purpose": PURPOSE}
PATHS = {
    "/api/v1/persons": PERSON,
    "/api/v1/verifications": {"number": NUMBER, "name": NAME, "purpose": PURPOSE},
    "/api/v1/levels": {"sub": "somebody"},
    "/api/v1/mapping/subjects": {"system": "shebao", "subs": ["somebody"]},
    "/api/v1/mapping/accounts": {"system": "shebao", "accounts": ["A1"]},
    "/api/v1/mapping/changes": {"system": "shebao"},
    "/api/v1/mapping/sign-ups": {"system": "shebao", "account": "A1", "id_token": "x"},
}
#: Those of enrolled devices, which no client may call.
DEVICE_PATHS = ("/api/v1/devices", "/api/v1/devices/wanted", "/api/v1/devices/readings")


@dataclass
class System:
    """A client that administration approved."""

    house: House
    http: FlaskClient
    party: RelyingParty
    _keys: "count[int]" = field(default_factory=count)

    @property
    def client_id(self) -> str:
        return self.party.client_id

    def token(self, *scopes: str, resource: str | None = None) -> str:
        """Return an access token of the system itself, for everything that it was approved for or these scopes."""
        answer = self.party.token(
            self.http,
            grant_type="client_credentials",
            resource=resource or audience_of(self.house.settings.issuer),
            scope=" ".join(scopes) or None,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["access_token"])

    def post(self, path: str, document: Any = None, *, token: str | None = None, **options: Any) -> TestResponse:
        """Send a request with a token, and with a new Idempotency-Key unless one is given."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        headers["Idempotency-Key"] = options.pop("key", None) or f"key-{next(self._keys)}"
        body = {"data": options.pop("data")} if "data" in options else {"json": document}
        content_type = options.pop("content_type", "application/json")
        return self.http.post(path, headers=headers, content_type=content_type, **body, **options)

    def prepare(self, **changed: Any) -> TestResponse:
        """Ask for an account."""
        key = changed.pop("key", None)
        return self.post("/api/v1/persons", {**PERSON, **changed}, key=key)

    def verify(self, **changed: Any) -> TestResponse:
        """Ask whether number and name agree."""
        return self.post("/api/v1/verifications", {**PATHS["/api/v1/verifications"], **changed})

    def level(self, sub: str) -> TestResponse:
        """Ask for a person's level."""
        return self.post("/api/v1/levels", {"sub": sub})


def approved(house: House, http: FlaskClient, *scopes: str, **metadata: Any) -> System:
    """Register a client and approve it for these scopes, or for all."""
    metadata.setdefault("client_name", "社保系统")
    party = make_client(house, **metadata)
    house.api.approvals.approve(party.client_id, scopes or SCOPES)
    return System(house, http, party)


def events_of(house: House, *kinds: str) -> list[AuditEvent]:
    """Return the audit rows of these kinds, oldest first."""
    with house.ground.database.read() as session:
        found = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.event.in_(kinds)).order_by(AuditEvent.at, AuditEvent.id)
        )
        return list(found)

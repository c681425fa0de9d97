"""A reader for tests: its key, what it signs, and how it is enrolled."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey
from joserfc.jws import serialize_compact

from connectors.devices.enrolment import DeviceRecord
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.departments import create_department, find_department
from tests.support.cards import CITIZEN, MadeUpCard

OFFICE = "政务大厅三号窗口"
LABEL = "读卡器甲"


def signed(key: ECKey, typ: str, claims: dict[str, Any], **header: Any) -> str:
    """Return a compact JWS."""
    return serialize_compact({"alg": "ES256", "typ": typ, **header}, json.dumps(claims).encode(), key)


@dataclass(frozen=True, slots=True)
class TestReader:
    """A reader and how it signs; `device` is None before it is enrolled."""

    __test__ = False

    issuer: str
    clock: Clock
    device: DeviceRecord | None = None
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key."""
        return dict(self.key.as_dict(private=False))

    def proof(self, code: str, **changed: Any) -> str:
        """Return the proof that this reader has its key, for a code."""
        claims = {"aud": self.issuer, "iat": self.clock.epoch(), "code": code} | changed
        return signed(self.key, "device-enrolment+jwt", claims)

    def token(self, **changed: Any) -> str:
        """Return a token by which the reader authenticates."""
        now = self.clock.epoch()
        claims = {"iss": self._device_id, "aud": self.issuer, "iat": now, "exp": now + 60, "jti": new_id()}
        return signed(self.key, "device+jwt", claims | changed)

    def reading(self, nonce: str, card: MadeUpCard = CITIZEN, /, **changed: Any) -> str:
        """Return the answer to a question."""
        claims = {
            "aud": self.issuer,
            "iat": self.clock.epoch(),
            "nonce": nonce,
            "card": base64url(card.block()),
            "photo": base64url(hashlib.sha256(b"made-up photo").digest()),
            "chip": "0011223344556677",
            "sam": "05.03-20200101-0000000001-0000000001",
        }
        return signed(self.key, "card-reading+jwt", claims | changed)

    @property
    def _device_id(self) -> str:
        assert self.device is not None
        return self.device.id


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def department_of(house: House, code: str = "hall") -> str:
    """Return the id of a department, made where it is missing."""
    with house.ground.database.transaction() as session:
        found = find_department(session, code)
        if found is not None:
            return found.id
        created = create_department(session, code=code, name="政务大厅", at=house.ground.clock.now())
    assert isinstance(created, Ok)
    return created.value


def invitation(house: House, department: str = "hall") -> str:
    """Return a code that enrols a reader."""
    department_id = department_of(house, department)
    with house.ground.database.transaction() as session:
        invited = house.counter.devices.invite(session, department_id, OFFICE, LABEL, None)
    assert isinstance(invited, Ok)
    return invited.value


def unknown_reader(house: House) -> TestReader:
    """Return a reader that is not enrolled."""
    return TestReader(house.settings.issuer, house.ground.clock)


def enrolled_reader(house: House, department: str = "hall") -> TestReader:
    """Return a reader that is enrolled."""
    reader, code = unknown_reader(house), invitation(house, department)
    enrolled = house.counter.devices.enrol(code, reader.jwk, reader.proof(code))
    assert isinstance(enrolled, Ok), enrolled
    return TestReader(reader.issuer, reader.clock, enrolled.value, reader.key)

"""For which identity claims a client is approved, by whom, and what a change of it ends."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clients import consents
from clients.approvals import ClaimApprovals
from clients.changes import ClientChangeRefused
from clients.consents import ConsentedItem
from idp.audit.events import Event
from idp.audit.log import NOWHERE
from idp.audit.models import AuditEvent
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import BOTH_DATABASES, START, WEB, Rooms

pytestmark = BOTH_DATABASES

PURPOSE = "办理住房公积金提取"


@pytest.fixture
def approvals(rooms: Rooms) -> ClaimApprovals:
    rooms.administration.create(WEB, client_id="portal")
    rooms.administration.create(WEB, client_id="other")
    return ClaimApprovals(administration=rooms.administration)


def approved(rooms: Rooms, client_id: str = "portal") -> dict[str, str]:
    found = rooms.registry.find(client_id)
    assert found is not None
    return dict(found.approved_claims)


def details(rooms: Rooms) -> list[dict[str, Any]]:
    with rooms.database.read() as session:
        rows = session.scalars(sa.select(AuditEvent.details).where(AuditEvent.event == Event.CLIENT_UPDATED))
        return sorted((dict(row or {}) for row in rows), key=lambda row: int(row["version"]))


def agree(rooms: Rooms, person_id: str, *names: str, client_id: str = "portal", seconds: int = 0) -> bool:
    items = [ConsentedItem(name, "claim", separate=True, text_digest="d") for name in names]
    at = START + timedelta(seconds=seconds)
    with rooms.database.transaction() as session:
        return consents.grant(session, person_id, client_id, items, locale="zh-CN", at=at, origin=NOWHERE)


def granted(rooms: Rooms, person_id: str, client_id: str = "portal") -> frozenset[str]:
    with rooms.database.read() as session:
        return consents.granted(session, person_id, client_id)


def test_approving_and_taking_back(rooms: Rooms, approvals: ClaimApprovals) -> None:
    """Claims by name or by scope, each with its purpose; another client has nothing of it."""
    assert approved(rooms) == {}
    approvals.approve("portal", ["identity"], f"  {PURPOSE}\n")
    approvals.approve("portal", ["age_over_18", "verified_claims"], "核对是否成年")
    assert approved(rooms) == {
        "real_name": PURPOSE,
        "id_number_masked": PURPOSE,
        "age_over_18": "核对是否成年",
        "verified_claims": "核对是否成年",
    }
    approvals.withdraw("portal", ["identity", "age"])
    assert approved(rooms) == {"verified_claims": "核对是否成年"}
    assert approved(rooms, "other") == {}
    approvals.replace("portal", {})
    assert approved(rooms) == {}


def test_every_change_is_audited_with_its_purposes(rooms: Rooms, approvals: ClaimApprovals) -> None:
    """What was approved, for what, and how many consents that ended; and the version rises."""
    approvals.approve("portal", ["gender"], PURPOSE)
    rooms.clock.advance(1)
    approvals.withdraw("portal", ["gender"])
    assert details(rooms) == [
        {"version": 2, "approved_claims": {"gender": PURPOSE}, "consent_items_ended": 0},
        {"version": 3, "approved_claims": {}, "consent_items_ended": 0},
    ]


@pytest.mark.parametrize("names", [[], ["eye_colour"], ["real_name", "phone"], ["openid"]])
def test_there_are_no_other_claims(rooms: Rooms, approvals: ClaimApprovals, names: list[str]) -> None:
    """A misspelt claim, or a scope of another kind, approves nothing."""
    for change in (lambda: approvals.approve("portal", names, PURPOSE), lambda: approvals.withdraw("portal", names)):
        with pytest.raises(InvalidClientMetadata):
            change()
    assert approved(rooms) == {} and details(rooms) == []


@pytest.mark.parametrize("purpose", ["", "   ", "abc", "用途" * 101, "办理\x07提取业务"])
def test_a_purpose_is_required(rooms: Rooms, approvals: ClaimApprovals, purpose: str) -> None:
    """Without one nobody could agree to it (PIPL art. 17); the shortest that says something passes."""
    with pytest.raises(InvalidClientMetadata):
        approvals.approve("portal", ["gender"], purpose)
    approvals.approve("portal", ["gender"], "核对性别")
    assert approved(rooms) == {"gender": "核对性别"}


def test_an_unknown_client_is_refused(rooms: Rooms, approvals: ClaimApprovals) -> None:
    """One that is not there, or was deleted."""
    rooms.administration.delete("other")
    for client_id in ("nobody", "other"):
        with pytest.raises(ClientChangeRefused):
            approvals.approve(client_id, ["gender"], PURPOSE)


def test_another_purpose_ends_what_was_agreed_to(rooms: Rooms, approvals: ClaimApprovals, person_id: str) -> None:
    """Claim and scope whose words changed are asked anew (PIPL art. 14); others, and other clients', stay."""
    approvals.approve("portal", ["identity", "gender"], PURPOSE)
    agree(rooms, person_id, "identity", "real_name", "gender", "profile")
    agree(rooms, person_id, "identity", client_id="other")
    approvals.approve("portal", ["real_name"], PURPOSE)  # the same again changes nothing
    assert granted(rooms, person_id) == {"identity", "real_name", "gender", "profile"}
    approvals.approve("portal", ["real_name"], "办理社会保险转移")
    assert granted(rooms, person_id) == {"gender", "profile"}
    assert granted(rooms, person_id, "other") == {"identity"}
    assert details(rooms)[-1]["consent_items_ended"] == 2
    approvals.withdraw("portal", ["gender"])
    assert granted(rooms, person_id) == {"profile"}


def test_what_ended_can_be_agreed_to_again(rooms: Rooms, approvals: ClaimApprovals, person_id: str) -> None:
    """With the same words as well, and from then on it stands."""
    approvals.approve("portal", ["gender"], PURPOSE)
    agree(rooms, person_id, "gender")
    approvals.withdraw("portal", ["gender"])
    approvals.approve("portal", ["gender"], PURPOSE)
    assert granted(rooms, person_id) == frozenset()
    assert agree(rooms, person_id, "gender", seconds=5)
    assert granted(rooms, person_id) == {"gender"}
    assert not agree(rooms, person_id, "gender", seconds=6)  # nothing new


def test_an_update_of_the_metadata_keeps_them(rooms: Rooms, approvals: ClaimApprovals) -> None:
    """They are ours, and no member of the registration brings or takes them."""
    approvals.approve("portal", ["gender"], PURPOSE)
    rooms.administration.update("portal", {**WEB, "client_name": "Another", "approved_claims": {"id_number": "x"}})
    assert approved(rooms) == {"gender": PURPOSE}

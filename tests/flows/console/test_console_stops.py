"""An import that a safeguard stopped goes on by an administrator's reason, and still needs the second person."""

from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.config.merging import ImportSettings
from idp.linking.models import ImportBatch
from idp.linking.systems import SystemView
from tests.support.console import Office
from tests.support.console_steps import agree, file_of, send, work
from tests.support.legacy_accounts import proved_person


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"imports": ImportSettings(stop_bad_rows_percent=1)}


def state(office: Office) -> str:
    with office.house.ground.database.read() as session:
        return session.scalars(sa.select(ImportBatch.state)).one()


def test_a_stop_is_accepted_with_a_reason(office: Office, system: SystemView) -> None:
    """Without one nothing moves, and a reviewer cannot; who did, and why, is in the audit."""
    admin, reviewer = office.admin(), office.reviewer()
    person = proved_person(office.house, office.register, 214)
    send(admin, file_of(person, "1099,x", "1098,y"))
    agree(admin)
    work(office.house)
    path = admin.path
    assert state(office) == "stopped"
    admin.open(path)
    admin.submit({"reason": ""}, f"{path}/accept")
    reviewer.open(path)
    reviewer.submit({"reason": "expected"}, f"{path}/accept")
    assert state(office) == "stopped"
    admin.open(path)
    admin.submit({"reason": "expected"}, f"{path}/accept")
    work(office.house)
    assert state(office) == "review"
    with office.house.ground.database.read() as session:
        row = session.scalars(sa.select(AuditEvent).where(AuditEvent.event == "legacy.batch_stop_accepted")).one()
    assert row.actor_person == office.staff["周管理"].id

"""An import at the console, from the upload to its undo: two people sign, and nobody gets access by it."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.config.merging import ImportSettings
from idp.linking import undoing
from idp.linking.link_models import Link
from idp.linking.models import ImportBatch, LegacySystem
from idp.linking.systems import SystemView
from idp.persons.roles import Role
from tests.support.console import Office
from tests.support.console_steps import agree, file_of, send, work
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import proved_person
from tests.support.legacy_world import LegacyWorld
from tests.support.relying_party import FormBrowser

_NEW = "/console/systems/gjj/imports"


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    folder = tmp_path / "offered"
    folder.mkdir()
    return folder


@pytest.fixture
def overrides(offered: Path) -> dict[str, Any]:
    return {"imports": ImportSettings(offered_folder=offered, upload_max_mib=1, stop_bad_rows_percent=100)}


@pytest.fixture
def person(office: Office) -> TestPerson:
    made = proved_person(office.house, office.register, 214)
    with office.house.ground.database.transaction() as session:
        LegacyWorld(office.house).keys.refresh(session, [made.id])
    return made


def multipart(content: bytes) -> dict[str, Any]:
    """Return a request with a file but for its token, already written: the client would park a large one in a file."""
    mark = "a-boundary"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return {"data": body, "content_type": f"multipart/form-data; boundary={mark}"}


def states(office: Office) -> list[str]:
    with office.house.ground.database.read() as session:
        return list(session.scalars(sa.select(ImportBatch.state).order_by(ImportBatch.number)))


def link_states(office: Office) -> list[str]:
    with office.house.ground.database.read() as session:
        return list(session.scalars(sa.select(Link.state)))


def reviewed(office: Office, admin: FormBrowser, person: TestPerson) -> str:
    """Bring a file to its review and return the address of its page."""
    send(admin, file_of(person))
    agree(admin)
    work(office.house)
    return admin.path


def test_two_people_bring_a_file_from_upload_to_undo(office: Office, system: SystemView, person: TestPerson) -> None:
    """Upload, columns, dry run, approval by the other, applied, taken back; each step with its audit row."""
    admin, reviewer = office.admin(), office.reviewer()
    assert send(admin, file_of(person)) == 200
    assert re.fullmatch("/console/imports/[0-9]+", admin.path) and states(office) == ["uploaded"]
    assert "sfzh" in admin.text and person.number not in admin.text and person.name not in admin.text
    agree(admin)
    assert states(office) == ["staging"] and 'http-equiv="refresh"' in admin.text
    work(office.house)
    assert states(office) == ["review"]
    admin.open(admin.path)
    assert 'id="own-batch"' in admin.text and "/approve" not in admin.text
    reviewer.open("/console")
    assert admin.path in reviewer.text  # it waits for them
    reviewer.open(f"{admin.path}?samples=1")
    assert "已匹配" in reviewer.text and person.number not in reviewer.text and person.name not in reviewer.text
    assert link_states(office) == []
    reviewer.submit({}, f"{admin.path}/approve")
    assert states(office) == ["approved"]
    work(office.house)
    assert states(office) == ["done"] and link_states(office) == ["proposed"]
    admin.open(admin.path)
    assert "执行结果" in admin.text
    admin.submit({}, f"{admin.path}/undo")
    work(office.house)
    assert states(office) == ["undone"] and link_states(office) == ["undone"]
    admin.open(admin.path)
    assert "已撤回 1 条关联" in admin.text
    with office.house.ground.database.read() as session:
        rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.event.like("legacy.%"))).all()
    who = {row.event: row.actor_person for row in rows}
    boss, second = office.staff["周管理"].id, office.staff["郑复核"].id
    assert (who["legacy.file_uploaded"], who["legacy.batch_begun"], who["legacy.undo_asked"]) == (boss,) * 3
    assert who["legacy.batch_approved"] == second


def test_who_brought_a_file_does_not_approve_it(office: Office, system: SystemView, person: TestPerson) -> None:
    """Even as a reviewer as well: another person has to."""
    both = office.enter("周管理", Role.MERGE_ADMIN, Role.MERGE_REVIEWER)
    path = reviewed(office, both, person)
    both.open(path)
    both.submit({}, f"{path}/approve")
    assert states(office) == ["review"] and "须由他人签核" in both.text


def test_an_administrator_without_the_other_role_signs_nothing(
    office: Office, system: SystemView, person: TestPerson
) -> None:
    """The second signature is a reviewer's."""
    admin, other = office.admin(), office.admin("冯管理")
    path = reviewed(office, admin, person)
    other.open(path)
    assert other.submit({}, f"{path}/approve").status_code == 403
    assert states(office) == ["review"]


def test_a_file_is_brought_once(office: Office, system: SystemView, person: TestPerson) -> None:
    """The same bytes again are refused with the import that has them, and nothing of the second copy stays."""
    admin = office.admin()
    send(admin, file_of(person))
    first = admin.path
    send(admin, file_of(person))
    assert "此文件此前已导入" in admin.text and f"导入 {first.rpartition('/')[2]}" in admin.text
    assert len(list(office.house.settings.upload_folder.iterdir())) == 1


def test_an_uploaded_file_is_readable_by_its_owner_alone(
    office: Office, system: SystemView, person: TestPerson
) -> None:
    """Mode 0600 in a folder of mode 0700; of the way there nothing is left."""
    admin = office.admin()
    send(admin, file_of(person))
    folder = office.house.settings.upload_folder
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n"], ids=["empty", "another kind"])
def test_a_file_that_cannot_be_read_is_said_to_be_so(office: Office, system: SystemView, content: bytes) -> None:
    """By its page, which offers to cancel it."""
    admin = office.admin()
    send(admin, content)
    assert "/cancel" in admin.text and 'class="notice bad"' in admin.text
    admin.submit({}, f"{admin.path}/cancel")
    assert states(office) == ["cancelled"]
    assert list(office.house.settings.upload_folder.iterdir()) == []


def test_a_file_that_is_too_large_is_refused(office: Office, system: SystemView) -> None:
    """Above the limit of the configuration nothing is kept."""
    admin = office.admin()
    answer = admin.client.post(f"{_NEW}/upload", **multipart(b"x" * (2 << 20)))
    assert answer.status_code == 413
    assert states(office) == []
    folder = office.house.settings.upload_folder
    assert not folder.exists() or list(folder.iterdir()) == []


def test_nobody_without_the_role_fills_the_disk(office: Office, system: SystemView, person: TestPerson) -> None:
    """A large body of a stranger, of a reviewer, or without the form's token is refused; none is kept."""
    reviewer, admin, stranger = office.reviewer(), office.admin(), FormBrowser(office.app)
    asked = multipart(b"x" * (1 << 19))
    assert reviewer.client.post(f"{_NEW}/upload", **asked).status_code == 403
    assert stranger.client.post(f"{_NEW}/upload", **asked).status_code in (400, 413)
    assert admin.client.post(f"{_NEW}/upload", **asked).status_code == 400
    folder = office.house.settings.upload_folder
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_file_of_the_offered_folder_is_taken(
    office: Office, system: SystemView, person: TestPerson, offered: Path
) -> None:
    """By its name within the folder; nothing outside of it by any name, nor by a link."""
    admin = office.admin()
    (offered / "export.csv").write_bytes(file_of(person))
    outside = offered.parent / "outside.csv"
    outside.write_bytes(file_of(person))
    (offered / "link.csv").symlink_to(outside)
    for name in ("../outside.csv", str(outside), "link.csv", "none.csv", "."):
        admin.open(f"{_NEW}/new")
        admin.submit({"server-kind": "delta", "server-path": name}, f"{_NEW}/take")
        assert "没有该名称的文件" in admin.text and states(office) == [], name
    admin.submit({"server-kind": "delta", "server-path": "export.csv"}, f"{_NEW}/take")
    assert states(office) == ["uploaded"]


def test_columns_that_say_nothing_are_refused(office: Office, system: SystemView, person: TestPerson) -> None:
    """Without a reference, or one field twice, the file is not read."""
    admin = office.admin()
    send(admin, file_of(person))
    agree(admin, column_0="")
    assert states(office) == ["uploaded"] and "账户标识" in admin.text
    agree(admin, column_1="number")
    assert states(office) == ["uploaded"]
    agree(admin)
    assert states(office) == ["staging"]
    with office.house.ground.database.read() as session:
        assert session.scalars(sa.select(LegacySystem.columns)).one()["columns"]["number"] == "sfzh"


def test_rules_that_change_after_the_dry_run_make_it_void(
    office: Office, system: SystemView, person: TestPerson
) -> None:
    """What was reviewed was made by other rules: it is made again before anybody signs it."""
    admin, reviewer = office.admin(), office.reviewer()
    path = reviewed(office, admin, person)
    rules = {str(name): str(action) for name, action in system.rules.actions.items()}
    admin.open("/console/systems/gjj/rules")
    admin.submit(rules | {"found": "open_case"}, "/console/systems/gjj/rules")
    reviewer.open(path)
    reviewer.submit({}, f"{path}/approve")
    assert states(office) == ["review"] and "规则已修改" in reviewer.text
    admin.open(path)
    admin.submit({}, f"{path}/begin")
    work(office.house)
    reviewer.open(path)
    reviewer.submit({}, f"{path}/approve")
    assert states(office) == ["approved"]


def test_an_import_pauses_goes_on_and_is_cancelled(office: Office, system: SystemView, person: TestPerson) -> None:
    """Paused no worker touches it; cancelled it is over."""
    admin = office.admin()
    send(admin, file_of(person))
    agree(admin)
    path = admin.path
    admin.submit({}, f"{path}/pause")
    work(office.house)
    assert states(office) == ["staging"] and "已暂停" in admin.text
    admin.submit({}, f"{path}/resume")
    work(office.house)
    assert states(office) == ["review"]
    admin.submit({}, f"{path}/cancel")
    assert states(office) == ["cancelled"]
    admin.submit({}, f"{path}/begin")
    assert states(office) == ["cancelled"]


def test_above_so_many_links_a_second_person_agrees_to_the_undo(
    office: Office, system: SystemView, person: TestPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken back before; not by who asked, nor by an administrator."""
    monkeypatch.setattr(undoing, "ALONE_UP_TO", 0)
    both, reviewer = office.enter("周管理", Role.MERGE_ADMIN, Role.MERGE_REVIEWER), office.reviewer()
    path = reviewed(office, both, person)
    reviewer.open(path)
    reviewer.submit({}, f"{path}/approve")
    work(office.house)
    both.open(path)
    both.submit({}, f"{path}/undo")
    both.submit({}, f"{path}/undo/approve")
    work(office.house)
    assert states(office) == ["done"] and link_states(office) == ["proposed"]
    reviewer.open(path)
    reviewer.submit({}, f"{path}/undo/approve")
    work(office.house)
    assert states(office) == ["undone"] and link_states(office) == ["undone"]


def test_rows_at_fault_are_handed_out_without_what_they_hold(
    office: Office, system: SystemView, person: TestPerson
) -> None:
    """Numbers and reasons; to who sees the system."""
    admin = office.admin()
    send(admin, file_of(person, "1099,=HYPERLINK(1),x"))
    agree(admin)
    work(office.house)
    answer = admin.open(f"{admin.path}/faults.csv")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/csv" and "too_few_cells" in text and "HYPERLINK" not in text
    assert office.admin("韩管理", "health").client.get(admin.path).status_code == 404

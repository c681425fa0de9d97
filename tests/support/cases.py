"""Numbers that two people proved, and the clerk's pages about them."""

from idp.audit.log import NOWHERE
from idp.house.build import House
from realname.proofing.case_files import CaseFile, case_file
from realname.proofing.cases import open_cases
from realname.proofing.method import Method
from tests.support.houses import TestPerson
from tests.support.proofing import evidence_of
from tests.support.relying_party import FormBrowser

PRESENTED = ("pwd", "sms")
REVIEWED = {"finding": "nothing_obtained", "is_sure": "y"}


def carry_out(house: House, person: TestPerson, method: Method) -> None:
    """Prove a person as a step of the login does, who showed password and mobile."""
    evidence = evidence_of(house, person, method)
    with house.ground.database.transaction() as session:
        proved = house.login.proofing.proved
        assert proved.carry_out(
            session, person.id, evidence, presented=PRESENTED, keep=None, locale="zh_CN", origin=NOWHERE
        )


def contested(house: House, earlier: TestPerson, later: TestPerson, *methods: Method) -> CaseFile:
    """Let the two prove their one number, and return the case; without methods the later one displaces online."""
    before, after = methods or (Method.MOBILE, Method.FACE)
    known = {each.id for each in _open(house)}
    carry_out(house, earlier, before)
    house.ground.clock.advance(seconds=1)  # type: ignore[attr-defined]  # the frozen one
    carry_out(house, later, after)
    (opened,) = (each for each in _open(house) if each.id not in known)
    return opened


def file_of(house: House, case_id: str) -> CaseFile:
    """Return a case as it is now."""
    with house.ground.database.read() as session:
        found = case_file(session, case_id)
    assert found is not None
    return found


def close(clerk: FormBrowser, case: CaseFile, **changed: str) -> None:
    """Look at a case, and send the form of its end whether or not the page has it."""
    clerk.open(f"/counter/cases/{case.id}")
    clerk.submit({**REVIEWED, **changed}, f"/counter/cases/{case.id}/close")


def _open(house: House) -> list[CaseFile]:
    with house.ground.database.read() as session:
        found = [case_file(session, each.id) for each in open_cases(session)]
    return [each for each in found if each is not None]

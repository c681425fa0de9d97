"""What the register answers, on both databases; nothing of it is in clear there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from idp.core.errors import StoreUnavailable
from idp.house.build import House
from idp.storage.statements import Statements
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.question import Check, Question
from realname.providers.register.verifier import COMPARED
from realname.providers.verifier import Verifier
from tests.support.register import MOBILE, NAME, NUMBER, OTHER_NUMBER, ask, code_of, entry_of, number_of, put
from tests.unit.realname.documents.numbers import make_resident_number

MATCH, OTHER_NAME, NO_RECORD = "match register.match", "mismatch register.other_name", "no_record register.no_record"
OLD_NUMBER = "110105491231002"  # NUMBER as it was before 1999


def test_it_is_a_verifier(house: House) -> None:
    """It knows every kind of document, can be asked of name and mobile, and charges nothing."""
    verifier: Verifier = house.register.verifier
    put(house, entry_of())
    answers = [ask(house), ask(house)]
    assert verifier.name == "register"
    assert (verifier.checks, verifier.documents) == ({Check.NAME, Check.MOBILE}, set(DocumentType))
    assert all(each.provider == "register" and not each.is_charged for each in answers)
    assert len({each.request_id for each in answers} - {""}) == 2


def test_match_mismatch_and_no_record(house: House) -> None:
    """The holder's name matches, another does not, and a number that is not there is no word against anybody."""
    put(house, entry_of())
    assert code_of(house) == MATCH
    assert code_of(house, name="欧阳") == OTHER_NAME
    assert code_of(house, OTHER_NUMBER) == NO_RECORD


def test_every_kind_of_document(house: House) -> None:
    """A number is found as the kind of document that it is."""
    numbers = {
        DocumentType.RESIDENT_ID: NUMBER,
        DocumentType.HMT_RESIDENCE_PERMIT: make_resident_number("810000"),
        DocumentType.FOREIGNER_PERMANENT_RESIDENCE: "CAN310085010100",
        DocumentType.HK_MACAO_TRAVEL_PERMIT: "H12345678",
        DocumentType.TAIWAN_TRAVEL_PERMIT: "12345678",
    }
    put(house, *(entry_of(number) for number in numbers.values()))
    assert {number_of(number).type for number in numbers.values()} == set(numbers) == set(DocumentType)
    assert {code_of(house, number) for number in numbers.values()} == {MATCH}


def test_former_names(house: House) -> None:
    """A name that the number had before matches as the present one does; a third does not."""
    put(house, entry_of(former_names="欧阳旧名|欧阳再旧"))
    assert [code_of(house, name=name) for name in (NAME, "欧阳旧名", "欧阳再旧")] == [MATCH] * 3
    assert code_of(house, name="欧阳旧") == OTHER_NAME


@pytest.mark.parametrize(
    ("registered", "typed", "other"),
    [
        ("阿卜杜拉·买买提", "阿卜杜拉.买买提", "阿卜杜拉买买提"),
        ("阿卜杜拉•买买提", "阿卜杜拉・买买提", "阿卜杜拉·买买"),
        ("丁\ue816", "丁\U00020087", "丁\ue817"),  # GB 18030-2005's private use
        ("丁\U00020087", "丁\ue816", "丁"),
        ("MARTIN John", "martin  JOHN", "MARTIN"),
    ],
)
def test_spellings_of_one_name(house: House, registered: str, typed: str, other: str) -> None:
    """Middle dots of every sort, rare characters and their private-use forms, case and spaces are one name."""
    put(house, entry_of(name=registered))
    assert code_of(house, name=typed) == MATCH
    assert code_of(house, name=other) == OTHER_NAME


def test_spellings_of_one_number(house: House) -> None:
    """Fifteen digits find the eighteen, and a small x the large one; so do they in the register itself."""
    put(house, entry_of(OLD_NUMBER))
    assert {code_of(house, number) for number in (NUMBER, OLD_NUMBER, NUMBER.lower())} == {MATCH}
    assert put(house, entry_of(NUMBER.lower())) == ["unchanged"]


def test_mobiles(house: House) -> None:
    """A mobile matches where it is held in that name; one that another holds, or nobody, does not."""
    put(house, entry_of(mobiles="13712345678|13712345679"), entry_of(OTHER_NUMBER, "李四", mobiles="13712340000"))
    assert {code_of(house, mobile=mobile) for mobile in (MOBILE, "+8613712345679")} == {MATCH}
    assert code_of(house, mobile="+8613712340000") == "mismatch register.other_mobile"
    assert code_of(house, mobile="+8613712349999") == "mismatch register.other_mobile"
    assert code_of(house, name="李四", mobile=MOBILE) == OTHER_NAME


def test_a_register_without_mobiles_denies_none(house: House) -> None:
    """Where no mobile is known for a number, a question for one has no record, and one without is answered."""
    put(house, entry_of())
    assert code_of(house, mobile=MOBILE) == "no_record register.no_mobile"
    assert code_of(house) == MATCH


def test_the_dead_never_match(house: House) -> None:
    """Number and name of somebody who died are a risk; who cannot say the name does not learn of the death."""
    put(house, entry_of(deceased_on="2025-01-31", mobiles="13712345678"))
    assert code_of(house) == code_of(house, mobile=MOBILE) == "risk register.deceased"
    assert not ask(house).is_settled
    assert code_of(house, name="李四") == OTHER_NAME
    put(house, entry_of(mobiles="13712345678"))  # the register erred, and says so
    assert code_of(house, mobile=MOBILE) == MATCH


def test_a_register_without_dates_denies_no_card(house: House) -> None:
    """Where it has neither day there is no record of the card; either day that it has must be the card's."""
    asked, end = Question(number_of(NUMBER), NAME), date(2040, 1, 1)
    found = []
    for cells in ({}, {"valid_until": "2040-01-01"}, {"valid_until": "2041-01-01"}, {"valid_from": "2021-01-01"}):
        put(house, entry_of(**cells))
        answer = house.register.verifier.verify_card(asked, valid_from=date(2020, 1, 1), valid_until=end)
        found.append(answer.code)
    assert found == ["register.no_card", "register.match", "register.other_card", "register.other_card"]
    put(house, entry_of(deceased_on="2025-01-31"))
    answer = house.register.verifier.verify_card(asked, valid_from=date(2020, 1, 1), valid_until=end)
    assert answer.outcome is Outcome.RISK


def test_standing(house: House) -> None:
    """Those who decide hard cases learn of death, guardians, household and birth, and of nobody unknown."""
    child, clerk = make_resident_number(birth="20150601"), make_resident_number(birth="19920520")
    put(
        house,
        entry_of(deceased_on="2025-01-31", household="h1", valid_until="2030-01-01"),
        entry_of(child, "李小雨", guardians=OTHER_NUMBER, household="h1"),
        entry_of(clerk, "王芳", household="h2"),
        entry_of(OTHER_NUMBER, "李四"),
    )
    dead, minor, other, guardian = (
        house.register.verifier.standing(number_of(each)) for each in (NUMBER, child, clerk, OTHER_NUMBER)
    )
    assert dead and minor and other and guardian
    assert (dead.name, str(dead.deceased_on), str(dead.valid_until)) == (NAME, "2025-01-31", "2030-01-01")
    assert (str(minor.birth_date), minor.deceased_on, minor.sex) == ("2015-06-01", None, number_of(child).sex)
    assert minor.has_guardian(number_of(OTHER_NUMBER)) and not minor.has_guardian(number_of(clerk))
    assert dead.shares_household(minor) and not dead.shares_household(other)
    assert not guardian.shares_household(guardian), "an unknown household is nobody's"
    assert house.register.verifier.standing(number_of("H12345678")) is None
    assert NAME not in repr(dead) and OTHER_NUMBER not in repr(minor)


def test_a_store_that_fails(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A question is then unanswered, whatever failed, and nothing of it is in the log; standing raises."""
    put(house, entry_of())
    errors: list[Exception] = [
        StoreUnavailable("gone"),
        sa.exc.ProgrammingError(f"SELECT {NUMBER}", {"name": NAME}, Exception(NUMBER)),
        psycopg.errors.UndefinedTable(NUMBER),
    ]
    for error in errors:

        def fail(*_arguments: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(Statements, "read", fail)
        answer = ask(house)
        assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.store_unavailable")
        with pytest.raises(type(error)):
            house.register.verifier.standing(number_of(NUMBER))
    printed = "".join(capsys.readouterr())
    assert NUMBER not in printed and NAME not in printed


def test_a_database_that_is_not_migrated(house: House) -> None:
    """Without its table the register is unavailable, and says so."""
    with house.ground.database.transaction() as session:
        session.execute(sa.text("DROP TABLE register_indexes"))
    assert ask(house).outcome is Outcome.UNAVAILABLE


def test_answers_hold_nothing_of_the_person(house: House) -> None:
    """Neither code nor request id nor repr of an answer."""
    put(house, entry_of())
    answers: list[Answer] = [ask(house), ask(house, name="李四"), ask(house, OTHER_NUMBER)]
    assert [each for each in (NUMBER, NAME, OTHER_NUMBER, "李四") if each in repr(answers)] == []


def test_one_statement_one_look_up(house: House) -> None:
    """A verification is one statement, which finds its row by the index of numbers alone."""
    put(house, *(entry_of(make_resident_number(sequence=f"{place:03d}")) for place in range(300)), entry_of())
    with statements_of(house) as sent:
        assert code_of(house) == MATCH
    assert len(sent) == 1
    plan = plan_of(house)
    assert "uq_register_indexes_index" in plan and "register_entries" not in plan
    assert plan.count("Index") + plan.count("SEARCH") == 1 and "Seq Scan" not in plan and "SCAN" not in plan


@contextmanager
def statements_of(house: House) -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []
    read = Statements.read

    def counted(self: Statements, statement: Any, parameters: Any) -> Any:
        sent.append(statement.postgresql.decode())
        return read(self, statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "read", counted)
        yield sent


def plan_of(house: House) -> str:
    """Return how the database finds the row."""
    with house.ground.database.transaction() as session:
        if house.ground.database.is_sqlite:
            compiled = COMPARED.portable.compile(dialect=session.get_bind().dialect)  # type: ignore[union-attr]
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (1, "x")).all()
            return "\n".join(row.detail for row in rows)
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # a small table would be read whole
        statement = COMPARED.postgresql.decode().replace("$1", "1").replace("$2", "'x'")
        (plan,) = session.execute(sa.text(f"EXPLAIN (FORMAT JSON) {statement}")).scalars()
        return json.dumps([node(plan[0]["Plan"])])


def node(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a node of a plan with what is told of it, and its children."""
    kept = {name: plan[name] for name in ("Node Type", "Relation Name", "Index Name") if name in plan}
    kept = {{"Index Name": "by"}.get(name, name): value for name, value in kept.items()}
    return {**kept, "children": [node(child) for child in plan.get("Plans", ())]}


def test_nothing_lies_in_clear(house: House) -> None:
    """In both tables there is no number, name, mobile, day or household, whole or in part; the hunt sees what is."""
    cells = {
        "former_names": "欧阳旧名",
        "mobiles": "13712345678",
        "guardians": OTHER_NUMBER,
        "household": "household-of-test",
        "valid_until": "2031-05-17",
        "deceased_on": "2025-01-31",
    }
    put(house, entry_of(**cells))
    dump = dump_of(house, "register_entries", "register_indexes")
    days = ["2031-05-17", "2025-01-31", "1949-12-31", "19491231"]
    hunted = [NUMBER, NUMBER[:17], OTHER_NUMBER, NAME, "欧阳", "13712345678", "household-of-test", "male", *days]
    assert [each for each in hunted if each.encode() in dump or each.encode("utf-16-le") in dump] == []
    assert len(dump) > 500
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE register_indexes SET names = :name"), {"name": NAME})
    assert NAME.encode() in dump_of(house, "register_indexes")


def dump_of(house: House, *tables: str) -> bytes:
    with house.ground.database.read() as session:
        rows = [row for table in tables for row in session.execute(sa.text(f"SELECT * FROM {table}"))]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

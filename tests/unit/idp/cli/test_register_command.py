"""The commands for the register: what they do, say and leave behind, and what they never print."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from demo.seeding import TEMPLATE
from idp.cli import register
from idp.cli.made_up import mobile_at, name_at, number_at
from idp.cli.made_up_register import MOST_ENTRIES, fill_register, seed_register
from idp.cli.main import cli
from idp.core.errors import ConfigError, StoreUnavailable
from idp.house.build import House
from realname.documents.document_number import DocumentType
from realname.providers.register.entries import Register
from realname.providers.register.models import RegisterEntry
from tests.support.register import NAME, NUMBER, OTHER_NUMBER, TODAY, code_of, number_of

Run = Callable[..., Result]
MATCH = "match register.match"


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(register, "house_or_exit", lambda: house)

    def call(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(cli, ["register", *arguments], input=typed)

    return call


def count_of(house: House) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(RegisterEntry)) or 0


def seeded() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["register"]
    return rows


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
class TestImport:
    """Files given to `idp register import`."""

    def test_a_file_with_bad_rows(self, house: House, run: Run, tmp_path: Path) -> None:
        """Good rows are in; bad ones are listed for the file's owner alone, by line, column and problem."""
        file = tmp_path / "register.csv"
        file.write_bytes(f"公民身份号码,姓名\n{NUMBER},{NAME}\n{OTHER_NUMBER[:17]}0,李四\n".encode("gb18030"))
        result = run("import", str(file))
        assert result.exit_code == 0, result.output
        assert "2 rows: 1 added, 0 changed, 0 unchanged, 1 bad; 0 ended" in result.stdout
        assert code_of(house) == MATCH
        listed = tmp_path / "register.csv.bad.csv"
        assert list(csv.reader(listed.read_text(encoding="utf-8").splitlines())) == [
            ["line", "column", "problem"], ["3", "number", "check_digit"],
        ]  # fmt: skip
        assert listed.stat().st_mode & 0o777 == 0o600
        assert NUMBER not in result.output and NAME not in result.output and OTHER_NUMBER[:17] not in result.output

    def test_a_good_file_lists_nothing(self, house: House, run: Run, tmp_path: Path) -> None:
        """Without bad rows there is no report, and the list of a run before is not touched."""
        file, report = tmp_path / "register.csv", tmp_path / "bad.csv"
        file.write_text(f"number,name\n{NUMBER},{NAME}\n", encoding="utf-8")
        assert run("import", str(file), "--report", str(report)).exit_code == 0
        assert not report.exists() and not (tmp_path / "register.csv.bad.csv").exists()

    def test_refusals(self, house: House, run: Run, tmp_path: Path) -> None:
        """A file that is no register, and one that would end too many, end with 1 and a clear line."""
        file = tmp_path / "register.csv"
        file.write_text(f"{NUMBER},{NAME}\n", encoding="utf-8")
        refused = run("import", str(file))
        assert refused.exit_code == 1 and "column 1 of the header row" in refused.stderr and NAME not in refused.output
        file.write_text(f"number,name\n{NUMBER},{NAME}\n{OTHER_NUMBER},李四\n", encoding="utf-8")
        assert run("import", str(file)).exit_code == 0
        file.write_text(f"number,name\n{NUMBER},{NAME}\n", encoding="utf-8")
        refused = run("import", str(file), "--complete")
        assert refused.exit_code == 1 and "--end-many" in refused.stderr and count_of(house) == 2
        assert run("import", str(file), "--complete", "--end-many").exit_code == 0 and count_of(house) == 1
        assert run("import", str(file), "--end-many").exit_code == 2

    def test_a_database_that_goes_away(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The run ends with a line that says how to go on, and with no trace of what it was writing."""

        def fail(*_arguments: Any, **_named: Any) -> Any:
            raise StoreUnavailable("database: OperationalError")

        monkeypatch.setattr(Register, "put", fail)
        file = tmp_path / "register.csv"
        file.write_text(f"number,name\n{NUMBER},{NAME}\n", encoding="utf-8")
        ended = run("import", str(file))
        assert ended.exit_code == 1 and "Begin again with the same file" in ended.stderr
        assert NUMBER not in ended.output and "Traceback" not in ended.output


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_check(house: House, run: Run, tmp_path: Path) -> None:
    """Each row is answered by outcome and code; what is no question is bad input, and nothing is repeated."""
    seed_register(house, [{"number": NUMBER, "name": NAME, "mobiles": ["13712345678"]}])
    rows = [
        f"{NUMBER},{NAME}", f"{NUMBER},{NAME},13712345678", f"{NUMBER},李四", f"{OTHER_NUMBER},李四",
        f"{NUMBER},{NAME},12", "x,李四", "",
    ]  # fmt: skip
    result = run("check", typed="\n".join(rows) + "\n")
    assert result.stdout.splitlines() == [
        MATCH, MATCH, "mismatch register.other_name", "no_record register.no_record",
        "bad_input local.row", "bad_input local.row", "bad_input local.row",
    ]  # fmt: skip


def test_made_up_people_are_in_the_register(house: House) -> None:
    """Number, name and mobile are those of `idp seed --made-up-people`; a second run adds who is missing alone."""
    told: list[int] = []
    assert fill_register(house, 3, report=told.append) == 3
    assert fill_register(house, 5, report=told.append) == 2
    assert (fill_register(house, 5, report=told.append), told) == (0, [3, 5, 5])
    number = number_at(4, today=TODAY).canonical
    assert code_of(house, number, name_at(4), mobile_at(4)) == MATCH
    assert code_of(house, number, name_at(4), mobile_at(3)) == "mismatch register.other_mobile"
    assert number_at(MOST_ENTRIES - 1, today=TODAY).birth_date < TODAY.replace(year=1880)  # type: ignore[operator]


def test_the_demonstration_has_its_register(house: House) -> None:
    """Its people match with number, name and mobile, and the hard cases are there; repeating changes nothing."""
    rows = seeded()
    assert seed_register(house, rows) == [f"{len(rows)} register entries written"]
    assert seed_register(house, rows) == []
    people = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["people"]
    citizens = [person for person in people if "number" in person]  # clerks are citizens too
    assert len(citizens) == 4
    for person in citizens:
        assert code_of(house, person["number"], person["name"], person["mobile"]) == MATCH
    standings = [house.register.verifier.standing(number_of(row["number"])) for row in rows]
    types = [number_of(row["number"]).type for row in rows]
    assert sum(each is not None and each.deceased_on is not None for each in standings) == 1
    assert sum(each is not None and len(each.guardians) == 1 for each in standings) == 1
    assert types.count(DocumentType.HMT_RESIDENCE_PERMIT) == 1
    cards = [row for row, each in zip(rows, types, strict=True) if each is DocumentType.FOREIGNER_PERMANENT_RESIDENCE]
    assert sorted(len(row["number"]) for row in cards) == [15, 18]
    assert sum("·" in row["name"] for row in rows) == 1
    assert sum(any(ord(char) > 0xFFFF for char in row["name"]) for row in rows) == 1


def test_what_a_seed_file_may_not_hold(house: House) -> None:
    """An unknown member, a bad number and two words about one number are refused, and nothing is written."""
    good = {"number": NUMBER, "name": NAME}
    for rows, said in (
        ([{**good, "age": 3}], "no such member: age"),
        ([good, {"number": "1", "name": NAME}], "entry 2: number is not valid"),
        ([good, {**good, "name": "李四"}], "entry 2 has the number of an earlier one"),
    ):
        with pytest.raises(ConfigError, match=said):
            seed_register(house, rows)
    assert count_of(house) == 0
    assert seed_register(house, []) == []


class TestWhereDemoPeopleAreFalse:
    """A house that may hold the register of a whole province."""

    @pytest.fixture
    def overrides(self) -> dict[str, bool]:
        return {"demo_people": False}

    def test_nobody_is_made_up(self, house: House, run: Run) -> None:
        """Neither by the command nor by a seed file; the real register is still imported and asked."""
        with pytest.raises(ConfigError, match="demo_people"):
            seed_register(house, [{"number": NUMBER, "name": NAME}])
        refused = run("made-up", "3")
        assert refused.exit_code == 2 and "demo_people" in refused.stderr
        assert count_of(house) == 0

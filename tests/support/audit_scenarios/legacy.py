"""The commands of those who bring accounts of older systems here."""

from pathlib import Path

from idp.core.results import Ok
from idp.house.imports import build_import_job
from idp.persons.departments import create_department
from idp.persons.roles import Role, grant_role
from tests.support.audit_scenarios.commands import run
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.legacy_imports import csv_of, row

scenarios = Scenarios()
_NAMES = ("reference", "name", "number", "mobile", "password", "status")
_HEADER = ("GRBH", "XM", "SFZH", "SJHM", "MM", "ZT")


class Staff:
    """An administrator and a reviewer of a department with one system, and a file of it."""

    def __init__(self, stage: Stage) -> None:
        at = next(stage.numbers)
        self.stage, self.code, self.department = stage, f"system{at}", f"merging{at}"
        now = stage.clock.now()
        with stage.house.ground.database.transaction() as session:
            made = create_department(session, code=self.department, name="社保局", at=now)
        assert isinstance(made, Ok)
        self.admin, self.reviewer = self._person(f"madmin{at}"), self._person(f"mreviewer{at}")
        with stage.house.ground.database.transaction() as session:
            for person, role in ((self.admin, Role.MERGE_ADMIN), (self.reviewer, Role.MERGE_REVIEWER)):
                found = stage.house.people.directory.find_by_login(session, person)
                assert found is not None
                assert isinstance(grant_role(session, found.person_id, role, made.value, by=None, at=now), Ok)
        self.file = Path(stage.house.settings.data_dir) / f"{self.code}.csv"
        # Another file each time, for the same one is refused.
        self.file.write_bytes(csv_of((row(at * 100 + each) for each in range(3)), _HEADER))

    def _person(self, login_name: str) -> str:
        self.stage.register(mobile=self.stage.new_mobile(), login_name=login_name)
        return login_name

    def add(self) -> object:
        return run(
            "legacy", "system", "add", self.code, "--name", "社保", "--department", self.department, "--as", self.admin
        )

    def map(self) -> object:
        columns = [f"--column={name}={column}" for name, column in zip(_NAMES, _HEADER, strict=True)]
        return run("legacy", "map", self.code, str(self.file), *columns, "--save", "--as", self.admin)

    def batch(self) -> str:
        self.add()
        self.map()
        return run("legacy", "upload", self.code, str(self.file), "--as", self.admin).stdout.split()[-1]

    def staged(self) -> str:
        number = self.batch()
        run("legacy", "stage", number, "--as", self.admin)
        return number

    def reviewed(self) -> str:
        number = self.staged()
        build_import_job(self.stage.house.ground).run()
        return number


@scenarios.of("legacy system add", "legacy.system_added")
def add_system(stage: Stage) -> Act:
    staff = Staff(stage)
    return staff.add


@scenarios.of("legacy system edit", "legacy.system_changed")
def edit_system(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    return lambda: run("legacy", "system", "edit", staff.code, "--name", "住房公积金", "--as", staff.admin)


@scenarios.of("legacy system end", "legacy.system_changed")
def end_system(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    return lambda: run("legacy", "system", "end", staff.code, "--as", staff.admin)


@scenarios.of("legacy passwords", "legacy.passwords_set")
def set_passwords(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    return lambda: run("legacy", "passwords", staff.code, "--scheme", "md5", "--as", staff.admin)


@scenarios.of("legacy cut-over", "legacy.cutover_changed")
def cut_over(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    return lambda: run("legacy", "cut-over", staff.code, "both", "--as", staff.admin)


@scenarios.of("legacy map", "legacy.system_changed")
def map_columns(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    return staff.map


@scenarios.of("legacy upload", "legacy.file_uploaded")
def upload(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.add()
    staff.map()
    return lambda: run("legacy", "upload", staff.code, str(staff.file), "--as", staff.admin)


@scenarios.of("legacy stage", "legacy.batch_begun")
def begin(stage: Stage) -> Act:
    staff = Staff(stage)
    number = staff.batch()
    return lambda: run("legacy", "stage", number, "--as", staff.admin)


@scenarios.of("legacy approve", "legacy.batch_approved")
def approve(stage: Stage) -> Act:
    staff = Staff(stage)
    number = staff.reviewed()
    return lambda: run("legacy", "approve", number, "--as", staff.reviewer)


@scenarios.of("legacy work", "legacy.batch_applied")
def work(stage: Stage) -> Act:
    staff = Staff(stage)
    run("legacy", "approve", staff.reviewed(), "--as", staff.reviewer)
    return lambda: run("legacy", "work")


@scenarios.of("legacy pause", "legacy.batch_paused")
def pause(stage: Stage) -> Act:
    staff = Staff(stage)
    number = staff.staged()
    return lambda: run("legacy", "pause", number, "--as", staff.admin)


@scenarios.of("legacy resume", "legacy.batch_resumed")
def resume(stage: Stage) -> Act:
    staff = Staff(stage)
    number = staff.staged()
    run("legacy", "pause", number, "--as", staff.admin)
    return lambda: run("legacy", "resume", number, "--as", staff.admin)


@scenarios.of("legacy go-on", "legacy.batch_stop_accepted")
def go_on(stage: Stage) -> Act:
    staff = Staff(stage)
    staff.file.write_bytes(csv_of([*(row(each, reference="") for each in range(3)), row(9)], _HEADER))
    number = staff.reviewed()
    return lambda: run("legacy", "go-on", number, "--reason", "looked at", "--as", staff.admin)


@scenarios.of("legacy cancel", "legacy.batch_cancelled")
def cancel(stage: Stage) -> Act:
    staff = Staff(stage)
    number = staff.batch()
    return lambda: run("legacy", "cancel", number, "--as", staff.admin)


@scenarios.of("legacy undo", "legacy.undo_asked")
def undo(stage: Stage) -> Act:
    staff = Staff(stage)
    number = applied(staff)
    return lambda: run("legacy", "undo", number, "--as", staff.admin)


@scenarios.of("legacy work-undo", "legacy.undone")
def work_undo(stage: Stage) -> Act:
    staff = Staff(stage)
    number = applied(staff)
    run("legacy", "work-undo")  # of what waited before
    run("legacy", "undo", number, "--as", staff.admin)
    return lambda: run("legacy", "work-undo")


def applied(staff: Staff) -> str:
    number = staff.reviewed()
    run("legacy", "approve", number, "--as", staff.reviewer)
    run("legacy", "work")
    return number

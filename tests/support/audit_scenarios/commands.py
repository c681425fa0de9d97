"""The commands of operators."""

from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from clients.own_api import SCOPES
from idp.audit.log import NOWHERE
from idp.cli.main import cli
from idp.persons.departments import create_department
from idp.sessions.service import Authentication
from realname.proofing.cases import open_cases
from realname.proofing.method import Method
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.card_readers import department_of, enrolled_reader
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import new_number
from tests.support.proofed import add_proofing
from tests.support.proofing import evidence_of

scenarios = Scenarios()


def run(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(cli, list(arguments), input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def seed_file(stage: Stage, document: dict[str, object]) -> str:
    path = Path(stage.house.settings.data_dir) / f"seed-{next(stage.numbers)}.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return str(path)


@scenarios.of("client add", "client.registered")
def add(stage: Stage) -> Act:
    return lambda: run("client", "add", "--name", "Portal", "--redirect-uri", "https://portal.example.gov.cn/cb")


@scenarios.of("client disable", "client.updated")
def disable(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "disable", party.client_id)


@scenarios.of("client enable", "client.updated")
def enable(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "enable", party.client_id)


@scenarios.of("client allow-acting", "client.updated")
def allow_acting(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "allow-acting", party.client_id)


@scenarios.of("client refuse-acting", "client.updated")
def refuse_acting(stage: Stage) -> Act:
    party = stage.client(policy={"acting_for": True})
    return lambda: run("client", "refuse-acting", party.client_id)


@scenarios.of("client approve-claims", "client.updated")
def approve_claims(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "approve-claims", party.client_id, "--claim", "age", "--purpose", "核对是否成年")


@scenarios.of("client withdraw-claims", "client.updated")
def withdraw_claims(stage: Stage) -> Act:
    party = stage.client()
    run("client", "approve-claims", party.client_id, "--claim", "age", "--purpose", "核对是否成年")
    return lambda: run("client", "withdraw-claims", party.client_id, "--claim", "age_over_60")


@scenarios.of("client rotate-secret", "client.updated")
def rotate_secret(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "rotate-secret", party.client_id)


@scenarios.of("client approve-api", "client.updated")
def approve_api(stage: Stage) -> Act:
    stage.house.api.approvals.approve(stage.client().client_id, SCOPES)  # the first one adds the resource server
    party = stage.client()
    return lambda: run("client", "approve-api", party.client_id, "--scope", "person:verify")


@scenarios.of("client withdraw-api", "client.updated")
def withdraw_api(stage: Stage) -> Act:
    party = stage.client()
    stage.house.api.approvals.approve(party.client_id, SCOPES)
    return lambda: run("client", "withdraw-api", party.client_id)


def with_department(stage: Stage) -> tuple[TestPerson, str]:
    person, code = stage.register(), f"hall-{next(stage.numbers)}"
    with stage.house.ground.database.transaction() as session:
        create_department(session, code=code, name="测试大厅", at=stage.clock.now())
    return person, code


@scenarios.of("department add", "department.added")
def add_department(stage: Stage) -> Act:
    return lambda: run("department", "add", f"hall-{next(stage.numbers)}", "测试大厅")


@scenarios.of("role grant", "role.granted")
def grant(stage: Stage) -> Act:
    person, code = with_department(stage)
    return lambda: run("role", "grant", "clerk", person.mobile, "--department", code)


@scenarios.of("role grant", "contact.changed login_name", "role.granted")
def grant_with_name(stage: Stage) -> Act:
    person, code = with_department(stage)
    name = f"clerk{next(stage.numbers)}"
    return lambda: run("role", "grant", "clerk", person.id, "--department", code, "--login-name", name)


@scenarios.of("role revoke", "role.revoked", "session.ended")
def revoke(stage: Stage) -> Act:
    person, code = with_department(stage)
    run("role", "grant", "clerk", person.id, "--department", code)
    proof = Authentication(person.id, ("otp", "pwd"), stage.clock.now())
    with stage.house.ground.database.transaction() as session:
        stage.house.protocol.sessions.start(
            session, proof, channel="portal", device_id=None, device_label="", is_staff=True
        )
    return lambda: run("role", "revoke", "clerk", person.id, "--department", code)


@scenarios.of("keys rotate-signing", "key.created")
def rotate_signing(stage: Stage) -> Act:
    return lambda: run("keys", "rotate-signing", "--algorithm", "ES256", "--announce-seconds", "60")


@scenarios.of("person erase", "person.erased")
def erase_person(stage: Stage) -> Act:
    person = stage.register()
    return lambda: run("person", "erase", person.id, "--yes")


@scenarios.of("proofing withdraw", "proofing.withdrawn")
def withdraw_proofing(stage: Stage) -> Act:
    person = stage.register()
    add_proofing(stage.house, person.id)
    return lambda: run("proofing", "withdraw", person.id, "--reason", "fraud")


@scenarios.of("proofing close-case", "case.closed")
def close_case(stage: Stage) -> Act:
    number = new_number()
    first, second = stage.register(number=number), stage.register(number=number)
    with stage.house.ground.database.transaction() as session:
        proved = stage.house.login.proofing.proved
        for person, method in ((first, Method.MOBILE), (second, Method.FACE)):
            evidence = evidence_of(stage.house, person, method)
            proved.carry_out(session, person.id, evidence, presented=(), keep=None, locale="en", origin=NOWHERE)
        (case,) = open_cases(session)
    return lambda: run("proofing", "close-case", case.id, "--outcome", "nothing_obtained")


@scenarios.of("seed", "person.registered")
def seed_person(stage: Stage) -> Act:
    name = f"seeded{next(stage.numbers)}"
    person = {"name": "李小兰", "login_name": name, "password": "correct-horse-7-staple"}
    file = seed_file(stage, {"people": [person]})
    return lambda: run("seed", file)


@scenarios.of("seed", "department.added", "person.registered", "credential.added totp", "role.granted")
def seed_clerk(stage: Stage) -> Act:
    number = next(stage.numbers)
    person = {
        "name": "李小兰",
        "login_name": f"seeded{number}",
        "password": "correct-horse-7-staple",
        "totp_secret": "DEMOCLERKONLYNEVERFORREALPEOPLE2",
        "roles": [{"role": "clerk", "department": f"hall-{number}"}],
    }
    file = seed_file(stage, {"departments": [{"code": f"hall-{number}", "name": "测试大厅"}], "people": [person]})
    return lambda: run("seed", file)


@scenarios.of("seed", "resource_server.created")
def seed_resource_server(stage: Stage) -> Act:
    audience = f"https://api{next(stage.numbers)}.example.gov.cn"
    file = seed_file(stage, {"resource_servers": [{"audience": audience, "scopes": ["records"]}]})
    return lambda: run("seed", file)


@scenarios.of("seed", "register.filled")
def seed_register(stage: Stage) -> Act:
    file = seed_file(stage, {"register": [{"number": "11010519491231002X", "name": "张三"}]})
    return lambda: run("seed", file)


@scenarios.of("register import", "register.import_started", "register.imported")
def import_register(stage: Stage) -> Act:
    path = Path(stage.house.settings.data_dir) / f"register-{next(stage.numbers)}.csv"
    path.write_text("number,name\n440308199901101512,李四\n", encoding="utf-8")
    return lambda: run("register", "import", str(path))


@scenarios.of("register made-up", "register.filled")
def made_up_register(stage: Stage) -> Act:
    return lambda: run("register", "made-up", "3")


@scenarios.of("register check", "register.checked")
def check_register(stage: Stage) -> Act:
    return lambda: run("register", "check", typed="440308199901101512,李四\n")


@scenarios.of("device invite", "device.invited")
def invite_device(stage: Stage) -> Act:
    department_of(stage.house)
    return lambda: run("device", "invite", "--department", "hall", "--office", "Window 3", "--label", "Reader A")


@scenarios.of("device end", "device.ended")
def end_device(stage: Stage) -> Act:
    reader = enrolled_reader(stage.house)
    assert reader.device is not None
    device_id = reader.device.id
    return lambda: run("device", "end", device_id)

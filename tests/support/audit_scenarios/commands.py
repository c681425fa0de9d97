"""The commands of operators."""

from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from idp.cli.main import cli
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage

scenarios = Scenarios()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
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


@scenarios.of("client rotate-secret", "client.updated")
def rotate_secret(stage: Stage) -> Act:
    party = stage.client()
    return lambda: run("client", "rotate-secret", party.client_id)


@scenarios.of("keys rotate-signing", "key.created")
def rotate_signing(stage: Stage) -> Act:
    return lambda: run("keys", "rotate-signing", "--algorithm", "ES256", "--announce-seconds", "60")


@scenarios.of("person erase", "person.erased")
def erase_person(stage: Stage) -> Act:
    person = stage.register()
    return lambda: run("person", "erase", person.id, "--yes")


@scenarios.of("seed", "person.registered")
def seed_person(stage: Stage) -> Act:
    name = f"seeded{next(stage.numbers)}"
    person = {"name": "李小兰", "login_name": name, "password": "correct-horse-7-staple"}
    file = seed_file(stage, {"people": [person]})
    return lambda: run("seed", file)


@scenarios.of("seed", "resource_server.created")
def seed_resource_server(stage: Stage) -> Act:
    audience = f"https://api{next(stage.numbers)}.example.gov.cn"
    file = seed_file(stage, {"resource_servers": [{"audience": audience, "scopes": ["records"]}]})
    return lambda: run("seed", file)

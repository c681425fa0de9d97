"""What older systems ask and tell, and the commands that let them."""

from typing import Any

from tests.support.api_v1 import PATHS, System
from tests.support.audit_scenarios.commands import run
from tests.support.audit_scenarios.protocol import system_of
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.legacy import add_system

scenarios = Scenarios()


def speaking(stage: Stage) -> tuple[System, str, str]:
    """Return a system that speaks for an older one, its token, and the older one's code."""
    system, token = system_of(stage)
    code = f"old-{next(stage.numbers)}"
    add_system(stage.house, code)
    with stage.house.ground.database.transaction() as session:
        stage.house.api.mapping.speakers.allow(session, code, system.client_id, events_uri=None)
    return system, token, code


def refused_read(path: str) -> Any:
    def read_by_nobody(stage: Stage) -> Act:
        system, _token = system_of(stage)
        return lambda: system.post(path, PATHS[path], token="nonsense")

    return read_by_nobody


for _path in ("/api/v1/mapping/subjects", "/api/v1/mapping/accounts", "/api/v1/mapping/changes"):
    scenarios.of(f"POST {_path}", "request.refused")(refused_read(_path))


@scenarios.of("POST /api/v1/mapping/sign-ups", "legacy_account.opened")
def sign_up(stage: Stage) -> Act:
    system, token, code = speaking(stage)
    id_token = stage.tokens(system.party, stage.register())["id_token"]
    document = {"system": code, "account": "N1", "id_token": id_token}
    return lambda: system.post("/api/v1/mapping/sign-ups", document, token=token)


@scenarios.of("mapping allow", "legacy_client.allowed")
def allow(stage: Stage) -> Act:
    party, code = stage.client(), f"old-{next(stage.numbers)}"
    add_system(stage.house, code)
    return lambda: run("mapping", "allow", code, party.client_id, "--events-uri", "https://old.example.gov.cn/events")


@scenarios.of("mapping withdraw", "legacy_client.withdrawn")
def withdraw(stage: Stage) -> Act:
    system, _token, code = speaking(stage)
    return lambda: run("mapping", "withdraw", code, system.client_id)

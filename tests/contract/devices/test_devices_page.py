"""docs/devices.md: its example works as it stands, and its table names every problem that a reader can meet."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.devices.card_reading import CardReading
from demo.simulators.cards import Card, text_block
from idp.endpoints.api.devices import _ANSWER, _ENROLMENT
from idp.endpoints.api.problems import ProblemKind
from idp.house.build import House
from tests.docs.snippets import ROOT, snippet
from tests.support.card_readers import department_of, invitation
from tests.support.frozen_clock import FrozenClock

_PATIENCE_SECONDS = 60


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_the_example_enrols_and_hands_a_card_over(served: House, clock: FrozenClock, tmp_path: Path) -> None:
    """With nothing but its own `read_card` added, as a maker would add it."""
    clock.instant = datetime.now(UTC)  # the example goes by its own machine's clock
    block = text_block(Card("11010519491231002X", "张三"))
    module = f"def read_card():\n    return {block!r}, b'photo' * 200, '00112233', '05.03-1'\n\n"
    program = tmp_path / "reader.py"
    program.write_text(module + snippet("devices.md", file="reader.py"))
    environment = {**os.environ, "ISSUER": served.settings.issuer, "CODE": invitation(served), "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen([sys.executable, program], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline().startswith("enrolled ")
            with served.ground.database.read() as session:
                [device] = served.counter.devices.of_department(session, department_of(served))
            reading_id = served.counter.readings.ask(device.id)
            assert process.wait(_PATIENCE_SECONDS) == 0, process.stdout.read()
        finally:
            process.kill()
    found = served.counter.readings.take(reading_id)
    assert isinstance(found, CardReading) and found.card.name == "张三"


def test_the_page_names_every_problem_of_devices() -> None:
    """With its status, so that a maker finds what to do."""
    page = (ROOT / "docs" / "devices.md").read_text("utf-8")
    told = {name: int(status) for name, status in re.findall(r"^\| `([a-z-]+)` \| ([0-9]{3}) \|", page, re.MULTILINE)}
    kinds = {*_ANSWER.values(), *_ENROLMENT.values(), ProblemKind.MEMBERS, ProblemKind.QUOTA}
    assert {kind.value.name: kind.value.status for kind in kinds} | {
        "invalid-token": 401,
        "temporarily-unavailable": 503,
    } == told

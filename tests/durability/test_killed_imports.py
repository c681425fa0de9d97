"""An import whose worker is killed again and again comes to what an undisturbed one comes to."""

import os
import random
import secrets
import sys
from pathlib import Path
from typing import Any

from idp.house.build import House
from idp.linking.batches import BatchKind, BatchView
from idp.linking.import_applying import TOLD
from idp.linking.leases import LEASE_SECONDS
from idp.linking.vocabulary import BatchState
from tests.support.frozen_clock import FrozenClock
from tests.support.import_process import work_in_process
from tests.support.legacy_imports import Imports, csv_of, row
from tests.support.made_up_numbers import new_number

KILLS = 2  # of each phase
SEED = "IDP_TEST_IMPORTS_SEED"
_COUNTED = ("rows", "bad", "situations", "changes", *TOLD)


def test_kills_at_any_statement_leave_no_trace(house: House, tmp_path: Path, clock: FrozenClock) -> None:
    """Killed with signal 9 at random statements while reading and while applying: same accounts, versions, counters.

    Nothing is in the tables of record before the approval, however often the reading died.
    """
    seed = int(os.environ.get(SEED) or secrets.randbelow(10**6))
    sys.stderr.write(f"{SEED}={seed}\n")
    dice = random.Random(seed)
    numbers = [new_number() for _ in range(60)]
    first = [row(at, number=numbers[at]) for at in range(60)]
    second = [*(row(at, number=numbers[at], name="李小红") for at in range(10)), *first[10:50], *first[:2]]
    undisturbed = Imports.of_house(house, tmp_path)
    killed = Imports(undisturbed.database, undisturbed.keyring, clock, tmp_path / "killed" / "uploads", system_number=2)
    killed.add_system("killed")
    undisturbed.bring(csv_of(first), kind=BatchKind.FULL)
    killed.bring(csv_of(first), kind=BatchKind.FULL)
    expected = undisturbed.bring(csv_of(second), kind=BatchKind.FULL)
    number = killed.upload(csv_of(second), kind=BatchKind.FULL)
    _work_killed(killed, house, clock, dice)
    assert killed.find(number).state is BatchState.REVIEW
    killed.approve(number)
    _work_killed(killed, house, clock, dice)
    assert killed.find(number).state is BatchState.DONE
    assert _counted(killed.find(number)) == _counted(expected)
    assert killed.contents() == undisturbed.contents()


def _work_killed(imports: Imports, house: House, clock: FrozenClock, dice: random.Random) -> None:
    """Let processes work that die at a statement, and then one that does not."""
    for _ in range(KILLS):
        work_in_process(house.settings, imports.folder, at=clock.now(), kill_before=dice.randrange(4, 40))
        clock.advance(seconds=LEASE_SECONDS + 1)
    imports.job().run()


def _counted(batch: BatchView) -> dict[str, Any]:
    return {name: batch.counters.get(name) for name in _COUNTED}

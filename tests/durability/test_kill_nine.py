"""Acknowledged facts survive `kill -9` of web workers, Redis and PostgreSQL at random points."""

import os
import random
import secrets
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.durability.audit_of_ledger import LedgerAudit
from tests.durability.citizens import Citizens
from tests.durability.deployment import Deployment
from tests.durability.ledger import Ledger
from tests.support.postgres import PrivatePostgres
from tests.support.redis_server import PrivateRedis
from tests.support.relying_party import make_client

KILLS = 20
THREADS = 3
SEED = "IDP_TEST_DURABILITY_SEED"


@pytest.mark.durability
def test_nothing_acknowledged_is_lost_or_doubled(
    tmp_path: Path,
    private_postgres: Callable[..., PrivatePostgres],
    private_redis: Callable[..., PrivateRedis],
) -> None:
    """Twenty kills of each, under load: the ledger of the clients and the database agree.

    Redis comes back with a snapshot that is up to several kills old, so nothing may rest on it.
    """
    seed = int(os.environ.get(SEED) or secrets.randbelow(10**6))
    sys.stderr.write(f"{SEED}={seed}\n")
    dice = random.Random(seed)
    deployment = Deployment(tmp_path, private_postgres(durable=True), private_redis(), dice)
    try:
        ledger = Ledger()
        party = make_client(deployment.house, policy={"require_consent": True})
        stop = threading.Event()
        people = [
            Citizens(
                name=number, deployment=deployment, party=party, ledger=ledger, dice=random.Random(f"{seed}.{number}")
            )
            for number in range(900, 900 + THREADS)
        ]
        threads = [threading.Thread(target=each.live, args=(stop,)) for each in people]
        for thread in threads:
            thread.start()
        try:
            _kill_all_the_time(deployment, ledger, dice)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        faults = deployment.look(LedgerAudit(house=deployment.house, party=party, ledger=ledger).faults)
        told = f"{len(ledger.people)} people, {ledger.acknowledged} acknowledged, {ledger.unknown} unknown"
        assert not faults, "\n".join([told, *faults, *deployment.unexpected()])
        assert ledger.acknowledged > 3 * KILLS, told
    finally:
        deployment.end()


def _kill_all_the_time(deployment: Deployment, ledger: Ledger, dice: random.Random) -> None:
    """Kill each of the three twenty times, in a random order, whenever some more was acknowledged."""
    victims = {
        "web": deployment.kill_web_worker,
        "redis": deployment.kill_redis,
        "postgres": deployment.kill_postgres,
    }
    for number in range(KILLS):
        for name in dice.sample(sorted(victims), k=len(victims)):
            _let_happen(ledger, dice)
            victims[name]()
        if number % 4 == 0:
            deployment.kill_outbox_worker()


def _let_happen(ledger: Ledger, dice: random.Random) -> None:
    """Wait until a few more facts were acknowledged, so that every kill comes amid work."""
    until, pause = ledger.acknowledged + dice.randint(1, 4), threading.Event()
    for _ in range(150):
        if ledger.acknowledged >= until:
            break
        pause.wait(0.02)
    pause.wait(dice.uniform(0, 0.1))

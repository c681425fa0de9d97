"""`idp doctor` finds what is wrong, says what to do, and is content with an installation that is well."""

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from click.testing import CliRunner
from pydantic import SecretStr

from idp.audit.models import AuditEvent
from idp.cli.main import cli
from idp.config.settings import (
    DatabaseSettings,
    KeySettings,
    RealNameSettings,
    ServerSettings,
    Settings,
    ShortLivedSettings,
)
from idp.core.clock import Clock
from idp.crypto.keyring import Purpose
from idp.crypto.providers.file import create_key_file, load_key_file
from idp.house.build import House
from idp.house.doctor import Doctor
from idp.house.ground import open_database
from idp.house.rotation import rotate_key_encryption_key
from idp.keys.models import KeyRotation, WrappedKey
from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryKind
from migrations import run as migrations
from tests.support.frozen_clock import FrozenClock
from tests.support.redis_groups import Group
from tests.support.redis_server import PrivateRedis
from tests.support.relying_party import make_client


class RealClock(FrozenClock, Clock):
    """Real time, moved by what a test says: servers tell their own."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> Any:
        """Return the present instant, moved."""
        return Clock().now() + self._ahead

    def advance(self, **duration: float) -> None:
        """Move forward by a timedelta's arguments."""
        self._ahead += timedelta(**duration)


@pytest.fixture
def clock() -> FrozenClock:
    """Real time: the servers' clocks are compared with it."""
    return RealClock()


@pytest.fixture(autouse=True)
def _without_history(request: pytest.FixtureRequest) -> None:
    """The template's keys were created, and audited, long before the present."""
    if "house" in request.fixturenames:
        with request.getfixturevalue("house").ground.database.transaction() as session:
            session.execute(sa.delete(AuditEvent))


def _examine(house: House, settings: Settings | None = None) -> dict[str, list[str]]:
    """Return the problems found, by check."""
    settings = settings or house.settings
    database = open_database(settings)
    doctor = Doctor(
        settings=settings,
        database=database,
        clock=house.ground.clock,
        revisions=lambda: (migrations.current(database), migrations.head()),
    )
    found = doctor.examine()
    database.close()
    assert all(finding.remedy for findings in found.values() for finding in findings)
    return {name: [finding.problem for finding in findings] for name, findings in found.items()}


def _with(house: House, **sections: Any) -> Settings:
    return house.settings.model_copy(update=sections)


def _only(found: dict[str, list[str]]) -> tuple[str, str]:
    """Return the one finding and its check."""
    ((name, problems),) = ((name, problems) for name, problems in found.items() if problems)
    (problem,) = problems
    return name, problem


def test_a_house_that_is_well_has_no_findings(house: House) -> None:
    """Every check is made and content."""
    found = _examine(house)
    checks = {"issuer", "proxies", "real names", "short-lived store", "database", "migration", "clock", "keys"}
    assert set(found) == {*checks, "audit seals", "outbox"}
    assert not any(found.values())


def test_another_key_is_found(house: House, tmp_path: Path) -> None:
    """A key-encryption key that is not this database's, or none at all."""
    create_key_file(tmp_path / "other.key")
    other = _examine(house, _with(house, keys=KeySettings(key_file=tmp_path / "other.key")))
    assert _only(other)[0] == "keys" and "not the one" in _only(other)[1]
    missing = _examine(house, _with(house, keys=KeySettings(key_file=tmp_path / "none.key")))
    assert "is missing" in _only(missing)[1]


def test_a_key_under_another_key_encryption_key_is_found(house: House, tmp_path: Path) -> None:
    """What a second run of the exchange would take over."""
    create_key_file(tmp_path / "next.key")
    old, new = load_key_file(house.settings.key_file), load_key_file(tmp_path / "next.key")
    with house.ground.database.read() as session:
        kept = session.scalars(sa.select(WrappedKey.wrapped).where(WrappedKey.purpose == Purpose.CODE)).one()
    rotate_key_encryption_key(house.ground.database, old=old, new=new, clock=house.ground.clock)
    with house.ground.database.transaction() as session:
        session.execute(
            sa.update(WrappedKey).where(WrappedKey.purpose == Purpose.CODE).values(wrapped=kept, kek_id=old.id)
        )
    keys = KeySettings(key_file=house.settings.key_file, next_key_file=tmp_path / "next.key")
    assert _only(_examine(house, _with(house, keys=keys))) == (
        "keys",
        "1 keys are wrapped under another key-encryption key",
    )


def test_a_rotation_that_nobody_ended_is_found(house: House) -> None:
    """An old version that waits to be dropped is remembered."""
    now = house.ground.clock.now()
    for age, overdue in ((timedelta(days=1), False), (timedelta(days=4), True)):
        row = {"from_version": 1, "to_version": 2, "phase": "activated", "started_at": now, "phase_at": now - age}
        with house.ground.database.transaction() as session:
            session.execute(sa.delete(KeyRotation))
            session.execute(sa.insert(KeyRotation).values(purpose=Purpose.CODE, **row))
        assert bool(_examine(house)["keys"]) is overdue


def test_a_database_behind_is_found(house: House) -> None:
    """A release on the tables of an earlier one; the checks that need the tables are left out."""
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    found = _examine(house)
    assert _only(found)[0] == "migration" and "at revision 0001" in _only(found)[1]
    assert "outbox" not in found


def test_a_database_that_does_not_answer_is_found(house: House) -> None:
    """Its checks are left out, all others are made."""
    database = DatabaseSettings(url=SecretStr("postgresql://idp:x@127.0.0.1:1/idp"))
    found = _examine(house, _with(house, database=database))
    assert _only(found)[0] == "database" and "does not answer" in _only(found)[1]
    assert "idp:x" not in str(found)


def test_a_store_that_does_not_answer_is_found(house: House) -> None:
    """An address without a server."""
    store = ShortLivedSettings(backend="redis", url=SecretStr("redis://:secret@127.0.0.1:1/0"))
    found = _examine(house, _with(house, short_lived=store))
    assert _only(found)[0] == "short-lived store" and "does not answer" in _only(found)[1]
    assert "secret" not in str(found)


@pytest.mark.parametrize("which", ["database", "short-lived store"])
def test_a_server_that_says_nothing_is_found(house: House, which: str) -> None:
    """It takes the connection and never answers: the doctor does not wait with it."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = f"x:secret@127.0.0.1:{mute.getsockname()[1]}"
        sections: dict[str, Any] = {
            "database": {"database": DatabaseSettings(url=SecretStr(f"postgresql://{place}/idp"))},
            "short-lived store": {
                "short_lived": ShortLivedSettings(backend="redis", url=SecretStr(f"redis://{place}"))
            },
        }
        found = _examine(house, _with(house, **sections[which]))
    assert _only(found)[0] == which and "does not answer" in _only(found)[1]
    assert "secret" not in str(found)


def _with_redis(house: House, server: PrivateRedis) -> Settings:
    return _with(house, short_lived=ShortLivedSettings(backend="redis", url=SecretStr(server.url)))


@pytest.mark.parametrize(("policy", "is_found"), [("allkeys-lru", True), ("volatile-ttl", True), ("noeviction", False)])
def test_a_store_that_evicts_is_found(
    house: House, private_redis: Callable[..., PrivateRedis], policy: str, is_found: bool
) -> None:
    """Memory that is freed by forgetting marks of use is no store of ours."""
    server = private_redis()
    with redis.Redis.from_url(server.url) as client:
        client.config_set("maxmemory-policy", policy)
    problems = _examine(house, _with_redis(house, server))["short-lived store"]
    assert [policy in problem for problem in problems] == ([True] if is_found else [])


@pytest.mark.parametrize("kind", ["own_sentinels", "own_cluster"])
def test_each_server_of_a_group_is_looked_at(house: House, kind: str, request: pytest.FixtureRequest) -> None:
    """A replica may be the next master, and a cluster is as good as each of its servers."""
    group: Group = request.getfixturevalue(kind)
    settings = _with(house, short_lived=ShortLivedSettings(backend="redis", url=SecretStr(group.url)))
    assert _examine(house, settings)["short-lived store"] == []
    last = group.servers[-1]
    last.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    (problem,) = _examine(house, settings)["short-lived store"]
    assert f":{last.port} evicts" in problem
    group.remove()
    (problem,) = _examine(house, settings)["short-lived store"]
    assert "does not answer" in problem and group.password not in problem


@pytest.mark.parametrize(("skew", "is_found"), [(-60, True), (60, True), (20, False)])
def test_clocks_apart_are_found(house: House, clock: FrozenClock, skew: float, is_found: bool) -> None:
    """More than thirty seconds between us and the database or the store; the embedded ones have our clock."""
    clock.advance(seconds=skew)
    found, is_embedded = _examine(house), house.ground.database.is_sqlite
    assert [bool(found[name]) for name in ("clock", "short-lived store")] == [is_found and not is_embedded] * 2


@pytest.mark.parametrize(
    ("proxies", "is_found"), [(("0.0.0.0/0",), True), (("::/0",), True), (("10.0.0.0/8", "192.0.2.1"), False)]
)
def test_a_header_trusted_from_anywhere_is_found(house: House, proxies: tuple[str, ...], is_found: bool) -> None:
    """So is a metrics page that is open to everybody."""
    assert bool(_examine(house, _with(house, server=ServerSettings(trusted_proxies=proxies)))["proxies"]) is is_found
    assert bool(_examine(house, _with(house, server=ServerSettings(metrics_from=proxies)))["proxies"]) is is_found


def test_faces_that_nobody_can_begin_to_show_are_found(house: House) -> None:
    """Alibaba's comparison needs its script; with one, and with a service that needs none, all is well."""
    script = "https://static.example.gov.cn/jsvm_all.js"
    found = _only(_examine(house, _with(house, realname=RealNameSettings(face="aliyun"))))
    assert found[0] == "real names" and "realname.face_script is empty" in found[1]
    for well in (RealNameSettings(face="aliyun", face_script=script), RealNameSettings(face="tencent")):
        assert not any(_examine(house, _with(house, realname=well)).values())


@pytest.mark.parametrize(
    ("profile", "issuer", "is_found"),
    [
        ("embedded", "http://id.example.gov.cn", True),
        ("production", "http://127.0.0.1:5000", True),
        ("embedded", "http://127.0.0.1:5000", False),
        ("production", "https://id.example.gov.cn", False),
    ],
)
def test_an_http_issuer_is_found(house: House, profile: str, issuer: str, is_found: bool) -> None:
    """Only on the machine itself is there nobody in between."""
    assert bool(_examine(house, _with(house, profile=profile, issuer=issuer))["issuer"]) is is_found


def test_seals_that_are_overdue_are_found(house: House, clock: FrozenClock) -> None:
    """Audit rows without a seal for longer than the sealer takes."""
    make_client(house)
    assert _examine(house)["audit seals"] == []
    clock.advance(minutes=6)
    (problem,) = _examine(house)["audit seals"]
    assert "not sealed" in problem


def test_a_stuck_outbox_is_found(house: House, clock: FrozenClock) -> None:
    """Deliveries that are due for long, and those that were given up."""
    with house.ground.database.transaction() as session:
        house.protocol.queue.enqueue(session, DeliveryKind.MESSAGE, {}, max_attempts=1)
    assert _examine(house)["outbox"] == []
    clock.advance(minutes=6)
    assert "have been due since" in _examine(house)["outbox"][0]
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Delivery).values(state="dead"))
    assert _examine(house)["outbox"] == ["1 deliveries were given up"]


def test_the_command_says_it_and_ends_with_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 where all is well, 1 with findings and their remedies, 2 where the settings are wrong."""
    for name, value in (("IDP_DATA_DIR", str(tmp_path)), ("IDP_CONFIG", str(_sample()))):
        monkeypatch.setenv(name, value)
    runner = CliRunner()
    ill = runner.invoke(cli, ["doctor"])
    assert ill.exit_code == 1 and "-> run: idp migrate" in ill.output
    for command in (["migrate"], ["keys", "init"]):
        assert runner.invoke(cli, command).exit_code == 0
    well = runner.invoke(cli, ["doctor"])
    assert (well.exit_code, "keys: ok" in well.output) == (0, True), well.output
    monkeypatch.setenv("IDP_ISSUER", "ftp://x")
    assert runner.invoke(cli, ["doctor"]).exit_code == 2


def _sample() -> Path:
    return Path(__file__).resolve().parents[2] / "config.yaml"

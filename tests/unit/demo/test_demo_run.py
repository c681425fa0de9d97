"""The demo's runner: refuses taken ports, keeps secrets, follows and stops its own children."""

import os
import re
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from demo import run
from demo.children import ChildFailed, Children
from demo.ports import PortRefused, check_ports
from demo.seeding import demo_clerks, demo_people, write_seed


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    made = Children(logs=tmp_path, directory=tmp_path, stop=threading.Event())
    yield made
    made.stop(grace_seconds=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_taken_port_is_refused_with_its_flag(taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runner names the taken port and how to change it, and starts nothing."""
    data = tmp_path / "demo"
    status = run.main(["--port", str(_free_port()), "--portal-port", str(taken), "--data", str(data)])
    told = capsys.readouterr().err
    assert status == 2
    assert str(taken) in told
    assert "--portal-port" in told
    assert not data.exists()


def test_one_port_for_two_is_refused() -> None:
    """Two flags with the same number are refused by name."""
    port = _free_port()
    with pytest.raises(PortRefused, match="--port and --portal-port"):
        check_ports({"--port": port, "--portal-port": port})


def test_a_free_port_is_accepted_and_an_impossible_one_refused() -> None:
    """A number that is no port is refused like a taken one."""
    check_ports({"--port": _free_port()})
    with pytest.raises(PortRefused):
        check_ports({"--port": 70_000})


def test_the_seed_follows_the_addresses_and_keeps_its_secrets(tmp_path: Path) -> None:
    """A second start changes addresses, never secrets; both files are private."""
    first = write_seed(tmp_path, portal_url="http://127.0.0.1:1", appointments_url="http://127.0.0.1:2")
    secret = (tmp_path / "demo-portal.secret").read_text(encoding="utf-8")
    seed = write_seed(tmp_path, portal_url="http://127.0.0.1:3", appointments_url="http://127.0.0.1:4")
    clients = yaml.safe_load(seed.read_text(encoding="utf-8"))["clients"]
    assert first == seed
    assert (tmp_path / "demo-portal.secret").read_text(encoding="utf-8") == secret
    assert clients[0]["redirect_uris"] == ["http://127.0.0.1:3/callback"]
    assert clients[1]["backchannel_logout_uri"] == "http://127.0.0.1:4/backchannel-logout"
    assert not re.search(":500[12]", seed.read_text(encoding="utf-8"))
    for path in (seed, tmp_path / "demo-portal.secret", tmp_path / "demo-appointments.secret"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [person.login_name for person in demo_people(seed)] == ["zhangsan", "lisi"]
    assert [clerk.login_name for clerk in demo_clerks(seed)] == ["wangfang", "liuyang"]


def test_swapped_ports_are_not_mixed_up(tmp_path: Path) -> None:
    """Each client keeps its own address when the two ports are exchanged."""
    seed = write_seed(tmp_path, portal_url="http://127.0.0.1:5002", appointments_url="http://127.0.0.1:5001")
    clients = yaml.safe_load(seed.read_text(encoding="utf-8"))["clients"]
    assert clients[0]["redirect_uris"] == ["http://127.0.0.1:5002/callback"]
    assert clients[1]["redirect_uris"] == ["http://127.0.0.1:5001/callback"]


def test_settings_of_another_deployment_do_not_reach_the_provider(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database address left in the shell is dropped and named, not printed."""
    monkeypatch.setenv("IDP_DATABASE__URL", "postgresql://real")
    environment = run._environment(tmp_path, "http://127.0.0.1:5000", 5000)
    told = capsys.readouterr().out
    assert "IDP_DATABASE__URL" not in environment
    assert environment["IDP_DATA_DIR"] == str(tmp_path)
    assert "IDP_DATABASE__URL" in told
    assert "postgresql" not in told


def test_a_failed_command_is_named_with_its_output(children: Children) -> None:
    """A child that fails is told with its name and the end of its log."""
    failing = [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]
    children.start("provider", failing, os.environ).process.wait()
    with pytest.raises(ChildFailed, match=r"provider ended \(code 3\)[\s\S]*no such table"):
        children.check()


def test_a_missing_command_is_named(children: Children) -> None:
    """A provider that is not installed is told by its path."""
    with pytest.raises(ChildFailed, match="/nowhere/idp"):
        children.start("provider", ["/nowhere/idp", "run"], os.environ)


def test_a_child_that_dies_is_told_and_the_others_are_stopped(children: Children) -> None:
    """check() names the dead one; stop() ends the living one that was started here."""
    dying = children.start("dying", [sys.executable, "-c", "input()"], os.environ)
    waiting = [sys.executable, "-c", "import signal; signal.pause()"]
    living = children.start("living", waiting, os.environ)
    dying.process.wait()
    with pytest.raises(ChildFailed, match="dying ended"):
        children.check()
    assert living.process.poll() is None
    children.stop(grace_seconds=10)
    assert living.process.returncode is not None
    children.check()

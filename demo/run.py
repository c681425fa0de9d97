"""Serve the provider together with two demo portals and a card reader on loopback: `python -m demo.run`."""

import _thread
import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests

from demo.banner import banner
from demo.children import POLL_SECONDS, ChildFailed, Children
from demo.ports import HOST, PortRefused, check_ports
from demo.reader import start_reader
from demo.seeding import demo_clerks, demo_people, write_seed

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 90
#: What provider and simulator agree on; both are on this machine alone.
_NETWORK_SECRET = "demo-network-gateway"  # noqa: S105
_FACES = {"secret_id": "demo", "secret_key": "demo-face-simulator", "rule_id": "1"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where provider, portals, card reader and the stand-ins for faces and the network identity are to be found."""

    issuer: str
    portal: str
    appointments: str
    faces: str
    reader: str
    network: str


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until Ctrl-C or SIGTERM; return 0 then, 1 if a child failed, 2 if a port is taken."""
    options = _parse(arguments)
    try:
        check_ports(
            {
                "--port": options.port,
                "--portal-port": options.portal_port,
                "--appointments-port": options.appointments_port,
                "--faces-port": options.faces_port,
                "--reader-port": options.reader_port,
                "--network-port": options.network_port,
            }
        )
    except PortRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Set by another thread: this one may hold the event's lock already, amid `wait` or an earlier signal's `set`.
        signal.signal(number, lambda _number, _frame: _thread.start_new_thread(stop.set, ()))
    data = options.data.resolve()
    logs = data / "logs"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.mkdir(mode=0o700, exist_ok=True)
    children = Children(logs=logs, directory=REPOSITORY, stop=stop)
    try:
        _serve(options, data, children, stop)
    except ChildFailed as failure:
        # One that has just been started still hears the terminal's Ctrl-C, perhaps before this process does.
        if stop.wait(POLL_SECONDS):
            return 0
        print(f"\n{failure}", file=sys.stderr)
        return 1
    finally:
        print("\n正在停止 / stopping …", flush=True)
        children.stop()
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.run", description=__doc__)
    parser.add_argument("--port", type=int, default=5000, help="the provider's port (5000)")
    parser.add_argument("--portal-port", type=int, default=5001, help="the service portal's port (5001)")
    parser.add_argument("--appointments-port", type=int, default=5002, help="the appointment site's (5002)")
    parser.add_argument("--faces-port", type=int, default=5003, help="the port of the face simulator (5003)")
    parser.add_argument("--reader-port", type=int, default=5004, help="the port of the card reader's page (5004)")
    parser.add_argument("--network-port", type=int, default=5005, help="that of the network identity's (5005)")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("YIHAO_DEMO_DIR") or REPOSITORY / "var" / "demo"),
        help="data directory (environment YIHAO_DEMO_DIR, else var/demo)",
    )
    parser.add_argument(
        "--idp",
        default=str(Path(sys.executable).parent / "idp"),
        help="the provider's command (the one beside this Python)",
    )
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace, data: Path, children: Children, stop: threading.Event) -> None:
    addresses = Addresses(
        issuer=f"http://{HOST}:{options.port}",
        portal=f"http://{HOST}:{options.portal_port}",
        appointments=f"http://{HOST}:{options.appointments_port}",
        faces=f"http://{HOST}:{options.faces_port}",
        reader=f"http://{HOST}:{options.reader_port}",
        network=f"http://{HOST}:{options.network_port}",
    )
    seed = write_seed(data, portal_url=addresses.portal, appointments_url=addresses.appointments)
    environment = _environment(data, addresses.issuer, options.port)
    environment |= _face_settings(addresses.faces) | _network_settings(addresses.network)
    print("正在准备 / preparing …", flush=True)
    # Outside production the provider brings its database and keys up by itself.
    _start_simulator("tencent", "faces", options.faces_port, _FACES, seed, children)
    _start_simulator("network", "network", options.network_port, {"secret": _NETWORK_SECRET}, seed, children)
    children.start("provider", [options.idp, "run", "--seed", str(seed)], environment)
    _start_portals(options, data, addresses, children)
    if not _answers(lambda: _is_provider(addresses.issuer), "provider", children, stop):
        return
    start_reader(options.reader_port, seed, data, addresses.issuer, options.idp, environment, children)
    for url in (addresses.portal, addresses.appointments, addresses.reader):
        if not _answers(partial(_is_up, f"{url}/healthz"), url, children, stop):
            return
    people, clerks = demo_people(seed), demo_clerks(seed)
    print(banner(addresses.issuer, addresses.portal, addresses.appointments, addresses.reader, people, clerks, data))
    sys.stdout.flush()
    while not stop.wait(POLL_SECONDS):
        children.check()


def _start_simulator(kind: str, name: str, port: int, settings: dict[str, str], seed: Path, children: Children) -> None:
    """Play a service with the demo's people; nobody's face is looked at, and nobody's credential."""
    people = [{"number": each.number, "name": each.name} for each in demo_people(seed)]
    command = [sys.executable, "-m", "demo.simulators.verification", kind, "--port", str(port)]
    children.start(name, command, dict(os.environ), given=json.dumps({**settings, "people": people}))


def _face_settings(url: str) -> dict[str, str]:
    """Return the settings by which the provider asks the simulator."""
    return {
        "IDP_REALNAME__FACE": "tencent",
        "IDP_REALNAME__ENDPOINT": url,
        "IDP_REALNAME__KEY_ID": _FACES["secret_id"],
        "IDP_REALNAME__KEY_SECRET": _FACES["secret_key"],
        "IDP_REALNAME__FACE_RULE": _FACES["rule_id"],
    }


def _network_settings(url: str) -> dict[str, str]:
    """Return the settings by which the provider asks the gateway's stand-in."""
    return {
        "IDP_REALNAME__NETWORK_IDENTITY": "gateway",
        "IDP_REALNAME__NETWORK_IDENTITY_ENDPOINT": url,
        "IDP_REALNAME__NETWORK_IDENTITY_SECRET": _NETWORK_SECRET,
    }


def _start_portals(options: argparse.Namespace, data: Path, addresses: Addresses, children: Children) -> None:
    for kind, client_id, port, other in (
        ("service", "demo-portal", options.portal_port, addresses.appointments),
        ("appointments", "demo-appointments", options.appointments_port, addresses.portal),
    ):
        command = [sys.executable, "-m", "demo.portals", "--kind", kind, "--client-id", client_id]
        command += ["--secret-file", str(data / f"{client_id}.secret"), "--issuer", addresses.issuer]
        command += ["--port", str(port), "--other-url", other]
        children.start(client_id, command, dict(os.environ))


def _environment(data: Path, issuer: str, port: int) -> dict[str, str]:
    """Return the provider's environment without any setting of another deployment."""
    # A database address left in the shell would otherwise get the demo people.
    ignored = sorted(name for name in os.environ if name.startswith("IDP_"))
    if ignored:
        print(f"忽略环境变量 / ignoring the environment's {', '.join(ignored)}")
    kept = {name: value for name, value in os.environ.items() if name not in ignored}
    return {**kept, "IDP_DATA_DIR": str(data), "IDP_SERVER__PORT": str(port), "IDP_ISSUER": issuer}


def _answers(ready: Callable[[], bool], name: str, children: Children, stop: threading.Event) -> bool:
    """Wait until `ready` holds; return False on a stop, raise ChildFailed on a death or after too long."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        children.check()
        if time.monotonic() > deadline:
            raise ChildFailed(f"{name} 没有应答 / does not answer after {START_SECONDS} s")
        if stop.wait(POLL_SECONDS):
            return False
    return True


def _is_provider(issuer: str) -> bool:
    response = _get(f"{issuer}/.well-known/openid-configuration")
    try:
        return response is not None and response.json().get("issuer") == issuer
    except (ValueError, AttributeError):
        return False


def _is_up(url: str) -> bool:
    return _get(url) is not None


def _get(url: str) -> requests.Response | None:
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment does not lead to loopback
        try:
            response = session.get(url, timeout=5)
        except requests.RequestException:
            return None
    return response if response.ok else None


if __name__ == "__main__":
    sys.exit(main())

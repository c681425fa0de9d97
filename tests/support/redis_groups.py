"""Redis in groups for tests: a master with a replica and three sentinels, and clusters."""

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from tests.support.process import PAUSE_SECONDS, ServerFailed, ServerProcess, free_port
from tests.support.redis_server import find_program
from tests.support.tools import leave_out

SLOTS = 16_384
# A sentinel that was held up takes half a minute to trust its clock again, and looks every ten seconds.
PATIENCE_SECONDS = 180
_numbers = itertools.count()


class Node:
    """One server of a group, with its own folder and port."""

    def __init__(self, *, folder: Path, password: str, lines: list[str], sentinel: bool = False) -> None:
        program = find_program().program
        assert program is not None, "asked before"
        self.port = _free_port()
        self.password = password
        home = folder / f"{next(_numbers)}-{self.port}"
        home.mkdir()
        settings = home / "redis.conf"
        settings.touch(mode=0o600)
        login = [] if sentinel else [f"requirepass {password}", f"masterauth {password}", 'save ""']
        common = ["bind 127.0.0.1", f"port {self.port}", f"dir {home}", *login]
        settings.write_text("\n".join(common + lines) + "\n")
        command = [program, str(settings), *(["--sentinel"] if sentinel else [])]
        self._password = None if sentinel else password
        self.process = ServerProcess(command, log=home / "log", is_ready=self._answers)

    def client(self) -> "redis.Redis":
        """A client of this server alone; the caller closes it."""
        return redis.Redis(host="127.0.0.1", port=self.port, password=self._password, socket_timeout=5)

    def ask(self, *command: str | int) -> object:
        """Run one command."""
        with closing(self.client()) as client:
            return client.execute_command(*command)

    def info(self, section: str, name: str) -> object:
        """Return one fact of INFO."""
        with closing(self.client()) as client:
            return client.info(section).get(name)

    def _answers(self) -> bool:
        try:
            with closing(self.client()) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class Group:
    """Servers that belong together; `url` is what settings name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password = secrets.token_hex(16)
        self.servers: list[Node] = []
        self.sentinels: list[Node] = []
        self.url = ""

    def add(self, *lines: str) -> Node:
        """Start a server."""
        return self._start(Node(folder=self.folder, password=self.password, lines=list(lines)), self.servers)

    def add_sentinel(self, *lines: str) -> Node:
        """Start a sentinel."""
        node = Node(folder=self.folder, password=self.password, lines=list(lines), sentinel=True)
        return self._start(node, self.sentinels)

    def remove(self) -> None:
        """Kill them all."""
        for node in self.servers + self.sentinels:
            node.process.kill()

    def _start(self, node: Node, among: list[Node]) -> Node:
        among.append(node)
        node.process.start()
        return node


def wait_until(what: str, is_so: Callable[[], object]) -> None:
    """Return once it is so; raises ServerFailed after three minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise ServerFailed(f"not so within {PATIENCE_SECONDS} s: {what}")
        time.sleep(PAUSE_SECONDS)


def start_sentinels(folder: Path) -> Group:
    """Start a master, a replica and three sentinels that watch them as `house`."""
    group = _group(folder)
    try:
        master = group.add()
        replica = group.add(f"replicaof 127.0.0.1 {master.port}")
        wait_until("the replica follows", lambda: replica.info("replication", "master_link_status") == "up")
        for _ in range(3):
            group.add_sentinel(
                f"sentinel monitor house 127.0.0.1 {master.port} 2",
                f"sentinel auth-pass house {group.password}",
                "sentinel down-after-milliseconds house 1000",
                "sentinel failover-timeout house 4000",
            )
        for sentinel in group.sentinels:
            wait_until("the sentinels know all", lambda each=sentinel: _knows_all(each))
    except BaseException:
        group.remove()
        raise
    hosts = ",".join(f"127.0.0.1:{each.port}" for each in group.sentinels)
    group.url = f"redis+sentinel://:{group.password}@{hosts}/house/0"
    return group


def start_cluster(folder: Path, *, replicas: int = 0) -> Group:
    """Start a cluster of three servers, the first of them with so many replicas."""
    group = _group(folder)
    settings = ("cluster-enabled yes", "cluster-node-timeout 1500", "cluster-require-full-coverage no")
    try:
        for _ in range(3 + replicas):
            group.add(*settings, "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0")
        owners = group.servers[:3]
        for number, node in enumerate(group.servers):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            group.servers[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        for number, node in enumerate(owners):
            node.ask("CLUSTER", "ADDSLOTS", *range(number * SLOTS // 3, (number + 1) * SLOTS // 3))
        wait_until("the servers met", lambda: all(_is_whole(each, len(group.servers)) for each in group.servers))
        first = text(owners[0].ask("CLUSTER", "MYID"))
        for node in group.servers[3:]:
            node.ask("CLUSTER", "REPLICATE", first)
            wait_until("it follows", lambda each=node: each.info("replication", "master_link_status") == "up")
        wait_until("all know of it", lambda: all(_replicas(each) == replicas for each in group.servers))
    except BaseException:
        group.remove()
        raise
    group.url = f"redis+cluster://:{group.password}@" + ",".join(f"127.0.0.1:{each.port}" for each in owners)
    return group


def text(answer: object) -> str:
    """Return an answer as text."""
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _group(folder: Path) -> Group:
    if find_program().program is None:
        leave_out("Redis", "only the stand-in is there; install redis-server")
    return Group(folder)


def _knows_all(sentinel: Node) -> bool:
    with closing(sentinel.client()) as client:
        state = client.sentinel_masters()["house"]
    return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2)


def _is_whole(node: Node, servers: int) -> bool:
    with closing(node.client()) as client:
        info = client.execute_command("CLUSTER INFO")
    told = (
        info if isinstance(info, dict) else dict(line.split(":", 1) for line in text(info).split("\r\n") if ":" in line)
    )
    return told["cluster_state"] == "ok" and int(told["cluster_known_nodes"]) == servers


def _replicas(node: Node) -> int:
    """Return how many replicas the server would name to whoever asks it for the map."""
    with closing(node.client()) as client:
        client.set_response_callback("CLUSTER SLOTS", lambda answer, **_options: answer)
        return sum(len(part) - 3 for part in client.execute_command("CLUSTER SLOTS"))  # start, end, master, replicas


def _free_port() -> int:
    """Return a free port whose number plus 10000 is one as well: there the servers of a cluster meet."""
    while (port := free_port()) > 55_000:
        pass
    return port


@pytest.fixture(scope="session")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    """A master, a replica and three sentinels for all tests of this worker that break nothing."""
    group = start_sentinels(tmp_path_factory.mktemp("sentinels"))
    yield group
    group.remove()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    """A cluster of three for all tests of this worker that break nothing."""
    group = start_cluster(tmp_path_factory.mktemp("cluster"))
    yield group
    group.remove()


@pytest.fixture
def own_sentinels(tmp_path: Path) -> Iterator[Group]:
    """The same for one test that breaks it."""
    group = start_sentinels(tmp_path)
    yield group
    group.remove()


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Group]:
    """A cluster of three, the first server with a replica, for one test that breaks it."""
    group = start_cluster(tmp_path, replicas=1)
    yield group
    group.remove()

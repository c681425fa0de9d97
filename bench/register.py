"""What verifying number and name against the register costs, with few and with many entries in it.

Clients are processes of `idp register check`, each asked through its own pipe; the register is filled by
`idp register import`, whose time and memory are told as well.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.children import BenchFailed, free_port
from bench.cpu import tree_seconds
from bench.register_report import Filled, Measured, RegisterReport, as_text
from bench.register_rows import UNKNOWN, name_at, number_at, questions, write_file
from bench.servers import ROOT, environment_of, idp
from bench.stores import Postgres, settle, start_postgres, start_redis

_SMALL = 50_000
# So many are imported, at most; five million would take their quarter of an hour. What is more comes from the database
# itself: rows of the same form with random digests, which nobody asks for. All then lie in random order, so that
# every look-up finds its own among them as it would in a register of that size.
_IMPORTED = 200_000
_FILL_UP = """
    CREATE TEMPORARY TABLE filler AS
    SELECT id, translate(encode(decode(md5(random()::text) || md5(random()::text), 'hex'), 'base64'), '+/=', '-_')
        AS digest
    FROM generate_series((SELECT max(id) + 1 FROM register_entries), {entries}) id;
    INSERT INTO register_entries SELECT id, decode(repeat(md5(digest), 13), 'hex') FROM filler;
    CREATE TEMPORARY TABLE mixed AS
    SELECT entry_id, key_version, index, names, mobiles, is_deceased FROM register_indexes
    UNION ALL SELECT id, 1, digest, digest, digest, false FROM filler;
    TRUNCATE register_indexes;
    INSERT INTO register_indexes (entry_id, key_version, index, names, mobiles, is_deceased)
    SELECT entry_id, key_version, index, names, mobiles, is_deceased FROM mixed ORDER BY random();
    DROP TABLE filler, mixed
"""
_START_SECONDS = 300
# More than a process may have connections from before a restart.
_TRIES = 5
_RELATIONS = (
    "register_indexes",
    "uq_register_indexes_index",
    "pk_register_indexes",
    "register_entries",
    "pk_register_entries",
)


@dataclass(slots=True)
class _Client:
    """One process that verifies, and what it was asked."""

    process: "subprocess.Popen[bytes]"
    seed: int
    times: list[float] = field(default_factory=list)
    wrong: int = 0

    def connect(self, asked: int) -> None:
        """Return once it answers over a connection of its own; raises BenchFailed where it does not."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        for _ in range(_TRIES):
            stdin.write(f"{number_at(asked)},{name_at(asked)}\n".encode())  # of nobody
            stdin.flush()
            if stdout.readline() == UNKNOWN:
                return
        raise BenchFailed("idp register check does not answer")

    def ask(self, count: int, until: float) -> None:
        """Ask one question after another until that moment."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        for asked in questions(count, self.seed):
            begun = time.perf_counter()
            if begun >= until:
                return
            stdin.write(asked.line)
            stdin.flush()
            self.wrong += stdout.readline() != asked.answer
            self.times.append(time.perf_counter() - begun)


def run_register_bench(entries: int, *, clients: int, seconds: float, page: Path | None) -> bool:
    """Carry the measure out, print it, and return whether every answer was right; raises BenchFailed."""
    report = RegisterReport(clients=clients, seconds=seconds, cores=os.cpu_count() or 0)
    with _house() as house:
        for count in sorted({min(_SMALL, entries), min(_IMPORTED, entries), entries}):
            if count <= _IMPORTED:
                report.filled.append(house.fill(count))
            else:
                house.fill_up(count)
            asked = min(count, _IMPORTED)
            for is_cold in (True, False):
                house.restart(is_cold=is_cold)
                report.measured.append(house.measure(count, asked, is_cold=is_cold, clients=clients, seconds=seconds))
            report.sizes[count] = house.sizes()
        report.versions = f"Python {sys.version.split()[0]}, PostgreSQL {house.postgres.version}"
    print(as_text(report))
    if page is not None:
        report.write(page)
    return not sum(each.wrong for each in report.measured)


class _House:
    """A database of this run's own with a register in it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._processes: list[subprocess.Popen[bytes]] = []
        self.postgres = self._start()
        redis = start_redis(folder, "ours")
        stack.callback(redis.child.stop)
        self._environment = environment_of(folder / "data", self.postgres, redis, free_port())
        idp(self._environment, "migrate", seconds=_START_SECONDS)
        idp(self._environment, "keys", "init", seconds=_START_SECONDS)

    def fill(self, count: int) -> Filled:
        """Take a register of that size in."""
        file = self._folder / "register.csv"
        write_file(file, count)
        _say(f"importing {count} entries")
        begun, before = time.monotonic(), tree_seconds([self.postgres.child.pid])
        command = self._idp("register", "import", str(file))
        # By its number and not through the library, which does not say what one child alone took.
        _, status, used = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
        if command.returncode:
            raise BenchFailed("idp register import failed: see clients.log")
        filled = Filled(
            entries=count,
            seconds=time.monotonic() - begun,
            command_seconds=used.ru_utime + used.ru_stime,
            database_seconds=tree_seconds([self.postgres.child.pid]) - before,
            largest_mib=used.ru_maxrss / 1024,
        )
        settle(self.postgres)
        return filled

    def fill_up(self, count: int) -> None:
        """Bring the register to that size with entries that nobody asks for."""
        _say(f"filling up to {count} entries")
        with psycopg.connect(self.postgres.conninfo) as connection:
            for statement in _FILL_UP.format(entries=count).split(";"):
                connection.execute(statement)
        settle(self.postgres)

    def restart(self, *, is_cold: bool) -> None:
        """Start PostgreSQL anew, and have its files in the system's cache, or none of them.

        Only root may drop the whole cache; a file's own clean pages anybody may give up (posix_fadvise(2)).
        """
        self.postgres.child.stop()
        os.sync()
        for path in (self._folder / "postgres" / "base").rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    if is_cold:
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                    else:
                        while file.read(1 << 22):
                            pass
        self.postgres = self._start()

    def measure(self, count: int, asked: int, *, is_cold: bool, clients: int, seconds: float) -> Measured:
        """Let the clients ask for that long about the first `asked` people of a register of `count`."""
        while len(self._processes) < clients:
            # Kept for the whole run: starting takes them far longer than being measured.
            self._processes.append(self._idp("register", "check"))
        asking = [_Client(process, 1_000 * is_cold + place) for place, process in enumerate(self._processes)]
        for client in asking:
            client.connect(asked)
        return self._measure(count, asked, asking, is_cold=is_cold, seconds=seconds)

    def _measure(self, count: int, asked: int, asking: list[_Client], *, is_cold: bool, seconds: float) -> Measured:
        own, database = [client.process.pid for client in asking], [self.postgres.child.pid]
        before = tree_seconds(own), tree_seconds(database)
        begun = time.perf_counter()
        threads = [threading.Thread(target=client.ask, args=(asked, begun + seconds)) for client in asking]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - begun
        after = tree_seconds(own), tree_seconds(database)
        measured = Measured(
            entries=count,
            is_cold=is_cold,
            seconds=spent,
            times=sorted(each for client in asking for each in client.times),
            service_seconds=after[0] - before[0],
            database_seconds=after[1] - before[1],
            wrong=sum(client.wrong for client in asking),
        )
        _say(f"{count} entries, {'cold' if is_cold else 'warm'}: {measured.cost_ms:.3f} ms")
        return measured

    def sizes(self) -> dict[str, int]:
        """Return the bytes of tables and indexes."""
        with psycopg.connect(self.postgres.conninfo) as connection:
            rows = connection.execute(
                "SELECT name, pg_relation_size(name::regclass) FROM unnest(%s::text[]) name", [list(_RELATIONS)]
            )
            return dict(rows.fetchall())

    def _idp(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "clients.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "idp.cli", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(self._environment),
                cwd=ROOT,
            )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)  # nothing, where it has ended
        return process

    def _start(self) -> Postgres:
        started = start_postgres(self._folder / "postgres", self._folder / "s", self._folder / "postgres.log")
        self._stack.callback(started.child.stop)
        return started


@contextmanager
def _house() -> Iterator[_House]:
    """Lend a house and end everything of it, however the run ends."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))  # short, because a socket lies in it
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        yield _House(folder, stack)


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)

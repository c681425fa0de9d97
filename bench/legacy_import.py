"""What bringing files of older systems in costs: reading, preparing and loading, the dry run, carrying it out.

    python -m bench.legacy_import --data DIR [--systems shebao,tax] [--suite national] [--load-only]

DIR has a `register.csv` of the people who are known here (id_number, name, status, former_id_number, former_name,
phone) and the files of the systems. CPU is that of the whole server and of this process; memory is this process's.
"""

import argparse
import csv
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.cpu import tree_seconds
from bench.stores import start_postgres
from connectors.legacy.sniffing import sniff
from idp.core.clock import Clock
from idp.core.results import Ok
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from idp.keys.models import WrappedKey
from idp.linking import batches
from idp.linking.batches import BatchKind, BatchView
from idp.linking.column_guess import guess
from idp.linking.digests import Digests
from idp.linking.import_job import ImportJob
from idp.linking.import_work import Workshop
from idp.linking.link_models import MatchKey
from idp.linking.safeguards import Safeguards
from idp.linking.system_changes import NewSystem, add_system, agree_on_files
from idp.linking.uploads import Uploads
from idp.persons.models import Department, Identifier, Person
from idp.storage.bulk import insert_rows
from idp.storage.engine import Database, take_time
from migrations import run as migrations
from realname.documents.parse import parse_number

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_TODAY = date(2026, 1, 1)
_CHUNK = 20_000
ANYTHING = Safeguards(bad_rows=100, lost_characters=100, changes=100, suspensions=100)
NO_ACCOUNTS = ("register.csv", "truth.csv", "manifest.json", "links.csv")


class Meter:
    """Measures steps, of this process and of the server."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.sums: dict[str, list[float]] = {}

    @contextmanager
    def step(self, name: str, rows: list[int]) -> Iterator[None]:
        """Measure what is done within; `rows` holds how many it was, by its end."""
        began = (time.perf_counter(), time.process_time(), tree_seconds([self._pid]))
        yield
        wall = time.perf_counter() - began[0]
        client, server = time.process_time() - began[1], tree_seconds([self._pid]) - began[2]
        self._print(name, rows[0], wall, client, server)
        kind = name.split()[0]
        self.sums[kind] = [
            a + b for a, b in zip(self.sums.get(kind, [0.0] * 4), (rows[0], wall, client, server), strict=True)
        ]

    def print_sums(self) -> None:
        """Print every kind of step over all systems."""
        for kind, (rows, wall, client, server) in self.sums.items():
            self._print(f"all: {kind}", int(rows), wall, client, server)

    def _print(self, name: str, rows: int, wall: float, client: float, server: float) -> None:
        each = 1e6 / max(rows, 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<22}{rows:>10,} rows {(client + server) * each:>7.2f} us CPU each (here {client * each:.2f},"
            f" server {server * each:.2f}) {wall:>7.2f} s {rows / max(wall, 1e-9):>9,.0f}/s"
            f"  load {os.getloadavg()[0]:.1f}  peak {peak:.0f} MiB",
            flush=True,
        )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--systems", default="")
    parser.add_argument("--suite", default="international")
    parser.add_argument("--load-only", action="store_true")
    given = parser.parse_args()
    keyring = make_keyring(given.suite)
    with tempfile.TemporaryDirectory(prefix="legacy-") as folder:
        os.chmod(folder, 0o755)
        postgres = start_postgres(Path(folder) / "data", Path(folder) / "sockets", Path(folder) / "log")
        database = Database(postgres.url)
        try:
            migrations.upgrade(database)
            prepare(database)
            meter = Meter(postgres.child.pid)
            if not given.load_only:
                rows = [0]
                with meter.step("register", rows):
                    rows[0] = load_register(database, keyring, given.data / "register.csv")
            shop = Workshop(
                database=database,
                keyring=keyring,
                clock=Clock(),
                uploads=Uploads(folder=Path(folder) / "uploads", keyring=keyring),
                limits=ANYTHING,
                worker="bench",
            )
            for file in sorted(given.data.iterdir()):
                wanted = not given.systems or file.stem in given.systems.split(",")
                if file.name not in NO_ACCOUNTS and wanted:
                    bring(shop, meter, file, load_only=given.load_only)
            meter.print_sums()
        finally:
            database.close()
            postgres.child.stop()


def make_keyring(suite: str) -> Keyring:
    """Return fresh keys of a suite."""
    purposes = (Purpose.DATA, Purpose.INDEX, Purpose.DIGEST)
    return Keyring([generate_data_key(purpose, 1, suite_by_name(suite), KeyState.ACTIVE) for purpose in purposes])


def load_register(database: Database, keyring: Keyring, file: Path) -> int:
    """Write the register's people with what they are matched by, set-based; return how many match keys."""
    digests, written, mobiles = Digests(keyring=keyring), 0, set[str]()
    with file.open(encoding="utf-8", newline="") as opened:
        people = csv.DictReader(opened)
        while rows := [each for each, _ in zip(people, range(_CHUNK), strict=False)]:
            keys = [key for row in rows for key in _keys_of(digests, row, has_mobile=row["phone"] not in mobiles)]
            mobiles.update(row["phone"] for row in rows)
            with database.transaction() as session:
                take_time(session)
                some = [{"id": _id("p", row), "status": "active", "created_at": _AT} for row in rows]
                insert_rows(session, Person, some)
                insert_rows(session, Identifier, _identifiers(keys))
                insert_rows(session, MatchKey, keys)
            written += len(keys)
    with database.transaction() as session:
        take_time(session)
        session.execute(sa.text("ANALYZE match_keys"))
    return written


def _keys_of(digests: Digests, row: dict[str, str], *, has_mobile: bool) -> Iterator[dict[str, Any]]:
    """Yield the match keys of one person: each number with each name; a verified mobile is one person's."""
    for number_place, text in enumerate((row["id_number"], row["former_id_number"])):
        parsed = parse_number(text, today=_TODAY)
        for name_place, name in enumerate((row["name"], row["former_name"])):
            if isinstance(parsed, Ok) and name:
                yield {
                    "identifier_id": _id("if"[number_place], row),
                    "name_number": name_place,
                    "key_version": digests.version,
                    "person_id": _id("p", row),
                    "number_index": digests.number(parsed.value),
                    "pair_index": digests.pair(parsed.value, name),
                    "name_mobile_index": digests.name_mobile(name, f"+86{row['phone']}") if has_mobile else None,
                    "mobile_index": (
                        digests.mobile(f"+86{row['phone']}") if has_mobile and not number_place + name_place else None
                    ),
                    "is_former_number": number_place == 1,
                    "is_former_name": name_place == 1,
                    "is_deceased": row["status"] == "deceased",
                }


def _identifiers(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": key["identifier_id"],
            "person_id": key["person_id"],
            "type": "resident_id",
            "ciphertext": b"",
            "state": "former" if key["is_former_number"] else "current",
            "valid_from": _AT,
        }
        for key in keys
        if key["name_number"] == 0
    ]


def _id(kind: str, row: dict[str, str]) -> str:
    return kind + row["citizen_no"].zfill(21)


def prepare(database: Database) -> None:
    """Write what every system and batch refers to."""
    with database.transaction() as session:
        session.add(
            WrappedKey(purpose="index", version=1, suite="-", state="active", kek_id="-", wrapped=b"", created_at=_AT)
        )
        session.add(Department(id="d" * 22, code="d", name="d", state="active", created_at=_AT))


def bring(shop: Workshop, meter: Meter, file: Path, *, load_only: bool) -> None:
    """Lead one file through, step by step."""
    number = _upload(shop, file)
    job = ImportJob(shop)
    rows = [0]
    for kind in ("load", "match", "begin", "apply"):
        with meter.step(f"{kind} {file.stem}", rows):
            job.run_one()
            batch = _find(shop, number)
            rows[0] = batch.counters.get("rows", 0)
        if batch.reason:
            print(f"{file.stem}: stopped, {batch.reason}", flush=True)
            return
        if load_only:
            return
        if kind == "match":
            print(f"  {batch.counters['situations']}", flush=True)
            with shop.database.transaction() as session:
                batches.approve(session, number, by="b" * 22, is_same_file=True, at=_AT)


def _upload(shop: Workshop, file: Path) -> int:
    sniffed = sniff(file)
    columns = guess(sniffed.layout.header, sniffed.sample).columns
    with shop.database.transaction() as session:
        # In the housing fund's column stands the employer, not whose account it is.
        holds = not file.stem.startswith("gongjijin")
        new = NewSystem(code=file.stem, name=file.stem, department_id="d" * 22, holds_organisations=holds)
        added = add_system(session, new, at=_AT)
        assert isinstance(added, Ok)
        source = {"layout": sniffed.layout.as_json(), "state_words": {"4": "deceased", "0": "inactive"}}
        agree_on_files(session, added.value, source=source, columns=columns.as_document(), at=_AT)
    upload = shop.uploads.take(file)
    with shop.database.transaction() as session:
        number = batches.create_batch(
            session, system_number=added.value, kind=BatchKind.FULL, upload=upload, by="a" * 22, at=_AT
        )
        batches.begin(session, number)
    return number


def _find(shop: Workshop, number: int) -> BatchView:
    with shop.database.read() as session:
        return batches.find_batch(session, number)


if __name__ == "__main__":
    main()

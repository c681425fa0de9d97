"""A legacy system in a test's house, files of its accounts, and the import job that works on them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.legacy.layout import Kind, Layout
from idp.core.clock import Clock
from idp.core.results import Ok
from idp.crypto.keyring import Keyring
from idp.house.build import House
from idp.linking import batches
from idp.linking.batches import BatchKind, BatchView
from idp.linking.columns import ColumnMap, Field
from idp.linking.contents import open_row
from idp.linking.import_job import ImportJob
from idp.linking.import_work import Workshop
from idp.linking.models import AccountSituation, LegacyAccount, LegacySystem
from idp.linking.rules import DEFAULT_RULES
from idp.linking.safeguards import Safeguards
from idp.linking.uploads import Uploads
from idp.linking.vocabulary import Cutover
from idp.persons.departments import create_department
from idp.storage.engine import Database

HEADER = ("GRBH", "XM", "SFZH", "SJ", "MM", "ZT")
COLUMNS = ColumnMap(
    {
        Field.REFERENCE: "GRBH",
        Field.NAME: "XM",
        Field.NUMBER: "SFZH",
        Field.MOBILE: "SJ",
        Field.PASSWORD: "MM",
        Field.STATUS: "ZT",
    }
)
CREATOR, REVIEWER = "creator", "reviewer"
ALL_PASSES = Safeguards(bad_rows=100, lost_characters=100, changes=100, suspensions=100)

Row = tuple[str, str, str, str, str, str]


def row(at: int, **changed: str) -> Row:
    """Return a row of a made-up account, another one for each number."""
    cells = {
        "reference": f"A{at:06}",
        "name": "张小明",
        "number": "",
        "mobile": f"137{at:08}",
        "password": "5f4dcc3b5aa765d61d8327deb882cf99",
        "status": "1",
        **changed,
    }
    reference, name, number, mobile, password, status = cells.values()
    return reference, name, number, mobile, password, status


def csv_of(rows: Iterable[Row], header: tuple[str, ...] = HEADER) -> bytes:
    """Return rows as the file that the system hands over."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


@dataclass
class Imports:
    """A system of a database, and everything that brings its files in."""

    database: Database
    keyring: Keyring
    clock: Clock
    folder: Path
    system_number: int = 1
    limits: Safeguards = ALL_PASSES
    chunk_rows: int = 20
    _files: int = field(default=0)

    @classmethod
    def of_house(cls, house: House, tmp_path: Path, **extra: Any) -> "Imports":
        """Return them over a house, with the system added."""
        ground = house.ground
        imports = cls(ground.database, ground.keyring, ground.clock, tmp_path / "uploads", **extra)
        imports.add_system()
        return imports

    @property
    def uploads(self) -> Uploads:
        return Uploads(folder=self.folder, keyring=self.keyring)

    def add_system(self, code: str = "shebao", **changed: Any) -> None:
        """Add the system with its department."""
        now = self.clock.now()
        with self.database.transaction() as session:
            department = create_department(session, code=f"d-{code}", name="社保局", at=now)
            assert isinstance(department, Ok)
            values: dict[str, Any] = {
                "number": self.system_number,
                "code": code,
                "name": "社会保险",
                "department_id": department.value,
                "state": "active",
                "source": {
                    "layout": Layout(kind=Kind.DELIMITED, header=HEADER).as_json(),
                    "state_words": {"4": "deceased", "0": "inactive"},
                },
                "columns": COLUMNS.as_document(),
                "rules": DEFAULT_RULES.document(),
                "rules_version": 1,
                "is_real_name_verified": False,
                "holds_organisations": False,
                "pays_out": False,
                "vouching": "off",
                "cutover": Cutover.LEGACY_ONLY,
                "created_at": now,
                "changed_at": now,
            }
            session.add(LegacySystem(**{**values, **changed}))

    def upload(self, content: bytes, *, kind: BatchKind = BatchKind.DELTA, by: str = CREATOR) -> int:
        """Bring a file in and let it be read; return its batch."""
        self._files += 1
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        source = self.folder.parent / f"file{self._files}.csv"
        source.write_bytes(content)
        taken = self.uploads.take(source)
        with self.database.transaction() as session:
            number = batches.create_batch(
                session, system_number=self.system_number, kind=kind, upload=taken, by=by, at=self.clock.now()
            )
            batches.begin(session, number)
        return number

    def job(self, worker: str = "worker", **changed: Any) -> ImportJob:
        """Return a worker's share of the work."""
        shop: dict[str, Any] = {
            "database": self.database,
            "keyring": self.keyring,
            "clock": self.clock,
            "uploads": self.uploads,
            "limits": self.limits,
            "worker": worker,
            "chunk_rows": self.chunk_rows,
        }
        return ImportJob(Workshop(**{**shop, **changed}))

    def find(self, number: int) -> BatchView:
        with self.database.read() as session:
            return batches.find_batch(session, number)

    def approve(self, number: int, *, by: str = REVIEWER) -> None:
        batch = self.find(number)
        is_same = self.uploads.is_same(batch.file or "", batch.file_digest or "")
        with self.database.transaction() as session:
            batches.approve(session, number, by=by, is_same_file=is_same, at=self.clock.now())

    def bring(self, content: bytes, *, kind: BatchKind = BatchKind.DELTA) -> BatchView:
        """Lead a file all the way, and return its batch."""
        number = self.upload(content, kind=kind)
        self.job().run()
        self.approve(number)
        self.job().run()
        return self.find(number)

    def contents(self) -> list[tuple[Any, ...]]:
        """Return every version of every account with what was found for it, the same for two runs that come to it."""
        with self.database.read() as session:
            rows = session.execute(
                sa.select(LegacyAccount, AccountSituation.situation)
                .outerjoin(
                    AccountSituation,
                    sa.and_(
                        AccountSituation.system_number == LegacyAccount.system_number,
                        AccountSituation.account_id == LegacyAccount.account_id,
                    ),
                )
                .where(LegacyAccount.system_number == self.system_number)
            ).all()
            opened = [
                (
                    open_row(self.keyring, account.batch_number, account.row_number, account.content),
                    account.version,
                    account.row_number,
                    account.pair_index,
                    account.mobile_index,
                    account.number_state,
                    account.source_state,
                    account.valid_to is None,
                    situation,
                )
                for account, situation in rows
            ]
        return sorted(opened, key=lambda each: (each[0].reference, each[1]))

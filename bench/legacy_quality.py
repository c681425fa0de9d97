"""How right proposals and cases are: leads a generator's files through, and writes what its own scorer reads.

    python -m bench.legacy_quality --data DIR

DIR is as `bench.legacy_import` takes it. Writes DIR/links.csv: a proposal is `auto`, a candidate of a case `review`.
"""

import argparse
import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from bench.legacy_import import ANYTHING, NO_ACCOUNTS, Meter, bring, load_register, make_keyring, prepare
from bench.stores import start_postgres
from idp.core.clock import Clock
from idp.crypto.keyring import Keyring
from idp.linking.contents import open_row
from idp.linking.import_work import Workshop
from idp.linking.link_models import CaseCandidate, Link, MergeCase
from idp.linking.models import LegacyAccount, LegacySystem
from idp.linking.uploads import Uploads
from idp.linking.vocabulary import LinkState
from idp.storage.engine import Database, take_time
from migrations import run as migrations


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    keyring = make_keyring("international")
    with tempfile.TemporaryDirectory(prefix="legacy-") as folder:
        os.chmod(folder, 0o755)
        postgres = start_postgres(Path(folder) / "data", Path(folder) / "sockets", Path(folder) / "log")
        database = Database(postgres.url)
        try:
            migrations.upgrade(database)
            prepare(database)
            load_register(database, keyring, data / "register.csv")
            shop = Workshop(
                database=database,
                keyring=keyring,
                clock=Clock(),
                uploads=Uploads(folder=Path(folder) / "uploads", keyring=keyring),
                limits=ANYTHING,
                worker="bench",
            )
            meter = Meter(postgres.child.pid)
            for file in sorted(data.iterdir()):
                if file.name not in NO_ACCOUNTS:
                    bring(shop, meter, file, load_only=False)
            meter.print_sums()
            with (data / "links.csv").open("w", encoding="utf-8", newline="") as opened:
                writer = csv.writer(opened)
                writer.writerow(("system", "account_id", "citizen_no", "decision"))
                writer.writerows(decisions(database, keyring))
        finally:
            database.close()
            postgres.child.stop()


def decisions(database: Database, keyring: Keyring) -> Iterator[tuple[str, str, int, str]]:
    """Yield every proposal and every candidate, named as the generator names system, account and person."""
    proposed = sa.select(Link.account_id, Link.person_id, sa.literal("auto").label("decision")).where(
        Link.state == LinkState.PROPOSED
    )
    candidates = sa.select(MergeCase.account_id, CaseCandidate.person_id, sa.literal("review")).join(
        CaseCandidate, CaseCandidate.case_id == MergeCase.id
    )
    found = sa.union_all(proposed, candidates).subquery()
    account = LegacyAccount
    with database.read() as session:
        take_time(session)
        rows = session.execute(
            sa.select(
                LegacySystem.code,
                account.batch_number,
                account.row_number,
                account.content,
                found.c.person_id,
                found.c.decision,
            )
            .join(account, account.account_id == found.c.account_id)
            .join(LegacySystem, LegacySystem.number == account.system_number)
            .where(account.valid_to.is_(None)),
            execution_options={"yield_per": 5_000},
        )
        for code, batch_number, row_number, content, person_id, decision in rows:
            reference = open_row(keyring, batch_number, row_number, content).reference.strip()
            yield code, reference, int(person_id[1:]), decision


if __name__ == "__main__":
    main()

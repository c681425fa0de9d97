"""The journal of merging as a sealed table: by the audit log's sealer and verifier, with heads of its own."""

from idp.audit.sealed_table import SealedTable, table_of
from idp.linking.link_models import MergeEvent, MergeSeal

JOURNAL = SealedTable(
    name="merge journal",
    rows=table_of(MergeEvent),
    seals=MergeSeal,
    key=("sequence",),
    label="yihao merge row 1",
    lock="merge journal sealer",
    has_months=False,  # kept for ever; a job writes one time into many rows
)

"""What a visit that clerks signed is worth as evidence."""

from datetime import datetime, timedelta

from idp.core.clock import civil_date
from idp.login.counter.visit import Visit
from realname.proofing.counter import CounterComparison
from realname.proofing.evidence import Evidence
from realname.proofing.method import Method


def evidence_of_visit(visit: Visit, *, at: datetime, valid: timedelta, keep: timedelta) -> Evidence | None:
    """Return the evidence, None where the visit lacks a card or a signature.

    It counts once, by the reading, for as long as `valid` from the signature on; a used one is known for `keep`.
    """
    card = visit.card
    number = card.document(civil_date(at)) if card is not None else None
    if card is None or number is None or visit.comparison is None or visit.compared_at is None:
        return None
    if visit.name is None or visit.device_id is None:
        return None
    return Evidence(
        handle=card.reading_id,
        method=Method.COUNTER,
        provider="counter",
        code=visit.comparison,
        request_id=card.digest,
        number=number,
        name=visit.name,
        mobile=None,
        proved_at=at,
        valid_until=visit.compared_at + valid,
        keep_until=at + keep,
        actor_person=visit.clerk,
        office=visit.office,
        counter=CounterComparison(
            device_id=visit.device_id,
            comparison=visit.comparison,
            doubts=frozenset(visit.doubts),
            note=visit.note,
            compared_at=visit.compared_at,
            second_person=visit.second,
            second_at=visit.second_at,
        ),
    )

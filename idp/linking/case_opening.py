"""Opening many cases at once: what a human must decide, with everybody who may be meant beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.linking.journal import Change, EventKind
from idp.linking.link_models import CaseCandidate, MergeCase, MergeEvent
from idp.linking.vocabulary import CaseKind, CaseState, Situation
from idp.storage.bulk import insert_rows

#: Which kind of case a situation opens, where the rules say so.
KINDS: Mapping[Situation, CaseKind] = MappingProxyType(
    {
        Situation.FOUND: CaseKind.CONTRADICTED,
        Situation.FOUND_MULTIPLE: CaseKind.CONTRADICTED,
        Situation.FOUND_FORMER: CaseKind.FORMER_NUMBER,
        Situation.CONTRADICTED: CaseKind.CONTRADICTED,
        Situation.DISPUTED: CaseKind.DISPUTED_NUMBER,
        Situation.DECEASED: CaseKind.DECEASED,
        Situation.ENTERPRISE: CaseKind.ENTERPRISE,
        Situation.UNQUALIFIED: CaseKind.CANDIDATE,
        Situation.AMBIGUOUS: CaseKind.AMBIGUOUS,
    }
)


@dataclass(frozen=True, slots=True)
class Weight:
    """How soon a kind of case should be looked at, and what its digests alone say of a candidate, in percent."""

    priority: int  # the lower the sooner
    days: int
    evidence: Mapping[str, int]

    @property
    def score(self) -> float:
        """One number for the queue until the rows themselves are compared (`scoring`)."""
        return sum(self.evidence.values()) / (100 * len(self.evidence)) if self.evidence else 0.0


_SAME, _DIFFERENT = 100, 0
WEIGHTS: Mapping[CaseKind, Weight] = MappingProxyType(
    {
        CaseKind.AMBIGUOUS: Weight(20, 15, {"number": _SAME, "name": _SAME}),
        CaseKind.CONTRADICTED: Weight(30, 30, {"number": _SAME, "name": _SAME, "other_fields": _DIFFERENT}),
        CaseKind.FORMER_NUMBER: Weight(40, 30, {"former_number": _SAME, "name": _SAME}),
        CaseKind.DISPUTED_NUMBER: Weight(50, 60, {"number": _SAME, "name": _DIFFERENT}),
        CaseKind.CANDIDATE: Weight(60, 90, {"name": _SAME, "mobile": _SAME}),
        CaseKind.DECEASED: Weight(70, 90, {"number": _SAME, "name": _SAME}),
        CaseKind.ENTERPRISE: Weight(90, 180, {}),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case to open."""

    kind: CaseKind
    system_number: int
    account_id: int
    candidates: tuple[str, ...]


def open_all(session: Session, wanted: Sequence[Wanted], change: Change) -> int:
    """Open cases with their candidates and events, and return how many.

    None of them may be open already: the caller holds the systems and looked (`proposing`).
    """
    cases, candidates, events = [], [], []
    for each in wanted:
        case_id, weight = new_id(), WEIGHTS[each.kind]
        cases.append(
            {
                "id": case_id,
                "kind": str(each.kind),
                "state": str(CaseState.OPEN),
                "system_number": each.system_number,
                "account_id": each.account_id,
                "batch_number": change.batch_number,
                "priority": weight.priority,
                "opened_at": change.at,
                "due_at": change.at + timedelta(days=weight.days),
                "version": 1,
            }
        )
        candidates += [
            {"case_id": case_id, "person_id": person, "score": weight.score, "evidence": dict(weight.evidence)}
            for person in each.candidates
        ]
        events.append(
            {
                "at": change.at,
                "kind": str(EventKind.CASE_OPENED),
                "actor_person": change.actor_person,
                "batch_number": change.batch_number,
                "system_number": each.system_number,
                "account_id": each.account_id,
                "case_id": case_id,
                "after": str(CaseState.OPEN),
                "reason": change.reason,
            }
        )
    insert_rows(session, MergeCase, cases)
    insert_rows(session, CaseCandidate, candidates)
    insert_rows(session, MergeEvent, events)
    return len(cases)

"""What a proofing rests on, and what came of recording it."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.persons.vocabulary import IdentifierState
from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentNumber
from realname.proofing.contest import Contest
from realname.proofing.counter import CounterComparison, Doubt
from realname.proofing.method import Method


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was proved, how, and by whom; it counts once, by `handle`, which is random and names nobody.

    It is about a number, an application id, or both at once, which then are one person's.

    `mobile` is E.164 where the method rests on it. `valid_until` is when it counts no longer, `keep_until` when the
    handle would be refused for its age anyway. Of a clerk's evidence `actor_person` and `office` tell who and where,
    and `counter` what they saw.
    """

    handle: str = field(repr=False)
    method: Method
    provider: str
    code: str
    request_id: str
    number: DocumentNumber | None
    name: str | None = field(repr=False)
    mobile: str | None = field(repr=False)
    proved_at: datetime
    valid_until: datetime
    keep_until: datetime
    actor_person: str | None = None
    office: str | None = None
    application_id: ApplicationId | None = None
    counter: CounterComparison | None = None

    def is_settled(self, doubt: Doubt) -> bool:
        """Tell whether two clerks looked at that doubt and had none left."""
        counter = self.counter
        return counter is not None and counter.second_person is not None and doubt in counter.doubts


@dataclass(frozen=True, slots=True)
class Recorded:
    """A proofing that was written; `lost` are the other persons whose identity level ended by it.

    `number_state` is None where it was about no number. `outgrown` is who the same human was while only guardians
    spoke for them: nobody else, so nothing is contested.
    """

    proofing_id: str
    method: Method
    ial: int
    number_state: IdentifierState | None
    contest: Contest
    lost: tuple[str, ...]
    outgrown: str | None = None


def digest_of(keyring: Keyring, evidence: Evidence) -> str:
    """Return the keyed digest by which it can be shown later what exactly was asked and answered."""
    told = [
        evidence.method,
        evidence.provider,
        evidence.request_id,
        evidence.code,
        evidence.number.type if evidence.number else None,
        evidence.number.canonical if evidence.number else None,
        evidence.name,
        evidence.mobile,
    ]
    if evidence.application_id is not None:
        told.append(evidence.application_id.canonical)
    return keyed_digest(keyring, "proofing evidence", json.dumps(told, ensure_ascii=False))

"""A visit at a counter: what citizen and clerk did so far, parked under an id, and found by a short code."""

import secrets
import unicodedata
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from idp.core.ids import new_id
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.proofing.counter import Comparison, Doubt
from realname.providers.answer import Outcome

#: RFC 8628 §6.1: letters that neither read alike nor make words; eight of twenty are 34.5 bits.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_GROUPS, _GROUP_LENGTH = 2, 4


class VisitState(StrEnum):
    """How far a visit is."""

    WAITING = "waiting"  # the citizen shows the code, no clerk has it yet
    ADMITTED = "admitted"  # a clerk has it
    READ = "read"  # the card was read, the clerk compares
    SECOND = "second"  # the first clerk signed, a second one has to look
    SIGNED = "signed"  # every clerk it needs signed; the citizen decides
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What the authority said of the card, with the evidence of it; nothing of the person is in it."""

    outcome: Outcome
    provider: str
    code: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Presented:
    """The card that was read, as far as a visit needs it; `digest` is keyed, over all that the reader sent.

    `answer` is None until the authority was asked about it.
    """

    reading_id: str
    number: str = field(repr=False)
    number_type: str
    name: str = field(repr=False)
    name_may_be_cut: bool
    has_private_use: bool
    valid_from: str
    valid_until: str | None
    digest: str
    answer: CardAnswer | None = None

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Presented":
        """Return what `asdict` made."""
        answer = document["answer"]
        if answer is not None:
            answer = CardAnswer(**{**answer, "outcome": Outcome(answer["outcome"])})
        return cls(**{**document, "answer": answer})

    def document(self, today: date) -> DocumentNumber | None:
        """Return the number as the house knows it; None where it is none any more."""
        parsed = parse_number(self.number, today=today)
        return getattr(parsed, "value", None)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. The citizen's side names the login in which it counts; the rest is the clerk's."""

    id: str
    code: str = field(repr=False)
    #: Empty for somebody without an account, as the two after it.
    person_id: str
    session_id: str
    interaction_id: str
    state: VisitState = VisitState.WAITING
    clerk: str | None = None
    device_id: str | None = None
    department_id: str | None = None
    office: str | None = None
    reading_id: str | None = None
    card_problem: str | None = None
    card: Presented | None = None
    name: str | None = field(default=None, repr=False)
    comparison: Comparison | None = None
    doubts: tuple[Doubt, ...] = ()
    note: str = field(default="", repr=False)
    compared_at: datetime | None = None
    second: str | None = None
    second_at: datetime | None = None
    mobile: str | None = field(default=None, repr=False)
    refusal: str | None = None

    @property
    def is_newcomer(self) -> bool:
        """True where a clerk serves somebody who has no account."""
        return not self.person_id

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        document = asdict(self)
        for name in _INSTANTS:
            document[name] = document[name].isoformat() if document[name] else None
        document["doubts"] = list(self.doubts)
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Visit":
        """Return what `as_document` made."""
        values = {name: value for name, value in document.items() if name in _NAMES}
        for name in _INSTANTS:
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values["state"] = VisitState(values["state"])
        values["card"] = Presented.from_document(values["card"]) if values["card"] else None
        values["comparison"] = Comparison(values["comparison"]) if values["comparison"] else None
        values["doubts"] = tuple(Doubt(each) for each in values["doubts"])
        return cls(**values)


_NAMES = frozenset(each.name for each in fields(Visit))
_INSTANTS = ("compared_at", "second_at")


class Visits:
    """Parks visits. Both sides write to one document; of two who do so at once the later is refused."""

    def __init__(self, *, store: ShortLivedStore, life_seconds: int) -> None:
        self._store = store
        self._life_seconds = life_seconds

    def open(self, person_id: str, session_id: str, interaction_id: str) -> Visit:
        """Park a new visit."""
        visit = Visit(new_id(), new_code(), person_id, session_id, interaction_id)
        self._store.put(Kind.COUNTER_VISIT, visit.id, visit.as_document(), seconds=self._life_seconds)
        self._store.put(Kind.COUNTER_CODE, visit.code, {"visit": visit.id}, seconds=self._life_seconds)
        return visit

    def find(self, visit_id: str) -> Visit | None:
        """Return a visit by its id, None where it is over."""
        document = self._store.get(Kind.COUNTER_VISIT, visit_id)
        return Visit.from_document(document) if document is not None else None

    def by_code(self, typed: str) -> Visit | None:
        """Return the visit of the code that somebody typed, in whatever spelling."""
        found = self._store.get(Kind.COUNTER_CODE, fold_code(typed))
        return self.find(found["visit"]) if found is not None else None

    def save(self, before: Visit, **changes: Any) -> Visit | None:
        """Park the next state; None where somebody else was faster, and then nothing was changed."""
        after = replace(before, **changes)
        saved = self._store.update(Kind.COUNTER_VISIT, before.id, before.as_document(), after.as_document())
        return after if saved else None

    def close(self, visit: Visit) -> bool:
        """Forget a visit, and its code; False where it was over."""
        self._store.delete(Kind.COUNTER_CODE, visit.code)
        return self._store.take(Kind.COUNTER_VISIT, visit.id) is not None


def fold_code(typed: str) -> str:
    """Return a code as it was made, from what was typed: case, spaces and dashes say nothing."""
    plain = unicodedata.normalize("NFKC", typed[:40]).upper()
    letters = "".join(each for each in plain if each in ALPHABET)
    return "-".join(letters[at : at + _GROUP_LENGTH] for at in range(0, len(letters), _GROUP_LENGTH))


def new_code() -> str:
    """Return another code."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)

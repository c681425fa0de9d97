"""A matter that two clerks decide: what the first one typed, parked under an id, and found by a short code."""

from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from idp.core.ids import new_id
from idp.login.counter.visit import Presented, fold_code, new_code
from idp.storage.short_lived.store import Kind, ShortLivedStore

#: How long the two have for it.
LIFE_SECONDS = 1800


class MatterKind(StrEnum):
    """What is decided."""

    DEATH = "death"
    REOPENING = "reopening"  # of an account whose holder is alive
    CLOSING = "closing"  # of an account, a time after the report
    GUARDIANSHIP = "guardianship"
    GUARDIANSHIP_END = "guardianship-end"
    LEGACY_LINK = "legacy-link"  # an account of an older system, made that of who stands there

    @property
    def needs_card(self) -> bool:
        """True where somebody stands at the counter whose card is read."""
        return self in (MatterKind.REOPENING, MatterKind.GUARDIANSHIP, MatterKind.LEGACY_LINK)

    @property
    def names_somebody(self) -> bool:
        """True where the first clerk types a number and a name."""
        return self not in (MatterKind.REOPENING, MatterKind.LEGACY_LINK)

    @property
    def names_guardian(self) -> bool:
        """True where they type those of a guardian as well, who need not be there."""
        return self is MatterKind.GUARDIANSHIP_END

    @property
    def names_account(self) -> bool:
        """True where they name an account of an older system."""
        return self is MatterKind.LEGACY_LINK


class MatterState(StrEnum):
    """How far a matter is."""

    OPEN = "open"  # the first clerk has it: the card is to be read and compared
    PROPOSED = "proposed"  # a second one has to look
    DECIDED = "decided"  # a second one confirmed; what came of it follows at once
    REFUSED = "refused"


class Outcome(StrEnum):
    """What came of a decision; most names are those of the rules that refused it."""

    DONE = "done"
    NO_ACCOUNT = "no_account"  # nobody proved this number, or under another name
    CHILD_NAME = "child_name"  # the child's account has another name
    ONE_PERSON = "one_person"
    NOT_ACTIVE = "not_active"
    OWN_MATTER = "own_matter"
    TOOK_PART = "took_part"
    HOUSEHOLD = "household"
    UNKNOWN = "unknown"
    NO_REPORT = "no_report"
    ERASED = "erased"
    TOO_EARLY = "too_early"
    UNSAID = "unsaid"
    CLOSED = "closed"
    GUARDIAN_NOT_ACTIVE = "guardian_not_active"
    GUARDIAN_NOT_PROVED = "guardian_not_proved"
    GUARDIAN_NOT_ADULT = "guardian_not_adult"
    NOT_MINOR = "not_minor"
    OWN_ACCOUNT = "own_account"
    DISPUTED = "disputed"
    MINOR_NOT_ACTIVE = "minor_not_active"
    NONE = "none"
    NO_LEGACY_ACCOUNT = "no_legacy_account"
    LINK_LEVEL = "link_level"  # the person is not proved far enough
    LINK_EXISTS = "link_exists"
    LINK_IN_CASE = "link_in_case"
    LINK_CONTESTED = "link_contested"  # somebody else has the account
    LINK_REFUSED = "link_refused"  # by what the account is, or what was decided of it


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody by number and name, as a document has them."""

    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account of an older system, by the system's code and the account's own reference or login name."""

    system: str
    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter. What it rests on is in words that only the two clerks read."""

    id: str
    code: str = field(repr=False)
    kind: MatterKind
    proposed_by: str
    department_id: str
    office: str
    device_id: str
    words: str = field(repr=False)
    until: int
    named: Named | None = None
    guardian: Named | None = None
    account: NamedAccount | None = None
    state: MatterState = MatterState.OPEN
    reading_id: str | None = field(default=None, repr=False)
    card_problem: str | None = None
    card: Presented | None = None
    second: str | None = None
    outcome: Outcome | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Matter":
        """Return what `as_document` made."""
        values = {name: value for name, value in document.items() if name in _NAMES}
        values["kind"], values["state"] = MatterKind(values["kind"]), MatterState(values["state"])
        for name in ("named", "guardian"):
            values[name] = Named(**values[name]) if values[name] else None
        values["account"] = NamedAccount(**values["account"]) if values.get("account") else None
        values["card"] = Presented.from_document(values["card"]) if values["card"] else None
        values["outcome"] = Outcome(values["outcome"]) if values["outcome"] else None
        return cls(**values)


_NAMES = frozenset(each.name for each in fields(Matter))


class ParkedMatters:
    """Parks matters. Two clerks write to one document; of two who do so at once the later is refused."""

    def __init__(self, *, store: ShortLivedStore) -> None:
        self._store = store

    def open(self, **values: Any) -> Matter:
        """Park a new matter."""
        matter = Matter(id=new_id(), code=new_code(), **values)
        self._store.put(Kind.COUNTER_MATTER, matter.id, matter.as_document(), seconds=LIFE_SECONDS)
        self._store.put(Kind.COUNTER_MATTER_CODE, matter.code, {"matter": matter.id}, seconds=LIFE_SECONDS)
        return matter

    def find(self, matter_id: str) -> Matter | None:
        """Return a matter by its id, None where it is over."""
        document = self._store.get(Kind.COUNTER_MATTER, matter_id)
        return Matter.from_document(document) if document is not None else None

    def by_code(self, typed: str) -> Matter | None:
        """Return the matter of the code that somebody typed, in whatever spelling."""
        found = self._store.get(Kind.COUNTER_MATTER_CODE, fold_code(typed))
        return self.find(found["matter"]) if found is not None else None

    def save(self, before: Matter, **changes: Any) -> Matter | None:
        """Park the next state; None where somebody else was faster, and then nothing was changed."""
        after = replace(before, **changes)
        saved = self._store.update(Kind.COUNTER_MATTER, before.id, before.as_document(), after.as_document())
        return after if saved else None

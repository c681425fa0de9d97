"""What the clients were told: every acknowledged fact, and what may have happened without an answer."""

from dataclasses import dataclass, field


@dataclass
class FamilyEntry:
    """The tokens of one authorization code. `refreshes` were acknowledged, `lost_answers` may count as well."""

    code: str
    refresh_token: str
    refreshes: int = 0
    lost_answers: int = 0
    dead: bool = False
    maybe_dead: bool = False


@dataclass
class PersonEntry:
    """One person and everything that was acknowledged to them and to their client."""

    mobile: str
    registered: bool = False
    consented: bool = False
    families: list[FamilyEntry] = field(default_factory=list)
    refused_codes: list[str] = field(default_factory=list)


@dataclass
class Ledger:
    """All of it, with the promises that were seen broken while it ran."""

    people: list[PersonEntry] = field(default_factory=list)
    acknowledged: int = 0
    unknown: int = 0
    broken: list[str] = field(default_factory=list)

"""The level of a login, computed from what is still valid, never stored as a fact.

The three scales are kept apart as GB/T 40651-2021 and NIST SP 800-63-4 do; the table that joins them is
configuration.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Row:
    """The least of each scale that a level needs; `or_presence` lets a counter's card reading stand for `aal`."""

    level: int
    ial: int
    aal: int
    or_presence: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a login rests on."""

    ial: int
    aal: int
    channel: str
    presence: bool = False


class Lack(StrEnum):
    """What keeps a login from a level."""

    IDENTITY = "identity"  # a proofing of the person
    AUTHENTICATOR = "authenticator"  # a further or stronger factor
    CHANNEL = "channel"  # the channel's ceiling: another channel carries it


@dataclass(frozen=True, slots=True)
class Explained:
    """A level, and for each higher one of the table what it lacks."""

    level: int
    standing: Standing
    lacks: Mapping[int, frozenset[Lack]]


@dataclass(frozen=True, slots=True)
class LevelTable:
    """The rows and the channels' ceilings, with the prefix of the `acr` values."""

    rows: Sequence[Row]
    ceilings: Mapping[str, int]
    acr_prefix: str

    def level_of(self, standing: Standing) -> int:
        """Return the highest level that everything reaches, 0 where none is.

        Raising any input never lowers the result: each row is a conjunction of lower bounds.
        """
        reached = [row.level for row in self.rows if not _lacks_of(row, standing)]
        return min(max(reached, default=0), self._ceiling_of(standing))

    def explain(self, standing: Standing) -> Explained:
        """Return the level together with what each higher one lacks, so that it can be shown to be earned."""
        level, ceiling = self.level_of(standing), self._ceiling_of(standing)
        lacks = {
            row.level: _lacks_of(row, standing) | ({Lack.CHANNEL} if row.level > ceiling else set())
            for row in self.rows
            if row.level > level
        }
        return Explained(level, standing, lacks)

    def lacks_of(self, level: int, standing: Standing) -> frozenset[Lack]:
        """Return what a login lacks for at least that level; empty where it is reached.

        Of several rows that would do, the one that lacks least counts; above every row the channel lacks.
        """
        if self.level_of(standing) >= level:
            return frozenset()
        lacks = self.explain(standing).lacks
        return min((lacks[each] for each in lacks if each >= level), key=len, default=frozenset({Lack.CHANNEL}))

    def acr_of(self, level: int) -> str | None:
        """Return the `acr` value of a level, None for level 0: no level, no claim."""
        return f"{self.acr_prefix}{level}" if level > 0 else None

    def parse_acr(self, value: str) -> int | None:
        """Return the level that an `acr` value of ours names, None for any other text."""
        levels = {f"{self.acr_prefix}{row.level}": row.level for row in self.rows}
        return levels.get(value)

    @property
    def acr_values(self) -> tuple[str, ...]:
        """Every `acr` value, for discovery."""
        return tuple(f"{self.acr_prefix}{row.level}" for row in self.rows)

    def minimum_of(self, values: Iterable[str]) -> int | None:
        """Return the least level among the known values: any listed one suffices; None where none is known."""
        known = [level for level in map(self.parse_acr, values) if level is not None]
        return min(known, default=None)

    def _ceiling_of(self, standing: Standing) -> int:
        return self.ceilings.get(standing.channel, 0)


def _lacks_of(row: Row, standing: Standing) -> frozenset[Lack]:
    is_strong = standing.aal >= row.aal or (row.or_presence and standing.presence)
    lacking = {Lack.IDENTITY: standing.ial < row.ial, Lack.AUTHENTICATOR: not is_strong}
    return frozenset(lack for lack, is_lacking in lacking.items() if is_lacking)

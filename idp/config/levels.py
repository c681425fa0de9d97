"""The settings of levels: the rows that join the three scales, and the channels' ceilings."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from idp.config.section import Section

#: By which a person can reach the platform (mission, The five channels).
CHANNELS = ("portal", "mobile", "kiosk", "hall", "hotline")


class LevelRow(Section):
    """One level of a login: the least of each scale that it needs (mission, Levels)."""

    level: int = Field(ge=1, le=4)
    ial: int = Field(ge=1, le=4)
    aal: int = Field(ge=1, le=3)
    or_presence: bool = False


def _check_rows(rows: tuple[LevelRow, ...]) -> tuple[LevelRow, ...]:
    """Accept rows that rise: a higher level that asks for less would make the one below it worthless."""
    if [row.level for row in rows] != list(range(1, len(rows) + 1)):
        raise ValueError("must name the levels 1, 2, 3, … in this order")
    for lower, higher in pairwise(rows):
        if higher.ial < lower.ial or higher.aal < lower.aal:
            raise ValueError(f"level {higher.level} must not ask for less than level {lower.level}")
    return rows


def _check_ceilings(ceilings: Mapping[str, int]) -> Mapping[str, int]:
    if unknown := set(ceilings) - set(CHANNELS):
        raise ValueError(f"no such channel: {min(unknown)}; there are {', '.join(CHANNELS)}")
    if any(not 0 <= ceiling <= 4 for ceiling in ceilings.values()):
        raise ValueError("a ceiling lies between 0 (no login here) and 4")
    return ceilings


class LevelSettings(Section):
    """The table that joins identity, authenticator and channel to a level."""

    acr_prefix: str = Field(default="urn:yihao:level:", pattern=r"^[a-z][a-z0-9+.\-]*:[!-~]+$")
    rows: Annotated[tuple[LevelRow, ...], Field(min_length=1), AfterValidator(_check_rows)] = (
        LevelRow(level=1, ial=1, aal=1),
        LevelRow(level=2, ial=2, aal=1),
        LevelRow(level=3, ial=3, aal=2),
        LevelRow(level=4, ial=4, aal=3, or_presence=True),
    )
    channel_ceilings: Annotated[Mapping[str, int], AfterValidator(_check_ceilings)] = Field(
        default_factory=lambda: {"portal": 4, "mobile": 4, "kiosk": 3, "hall": 4, "hotline": 2}
    )

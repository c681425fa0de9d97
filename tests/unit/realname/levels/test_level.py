"""The whole table of levels, and that raising an input never lowers the result (mission, Levels)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.config.levels import CHANNELS, LevelSettings
from realname.levels.level import Lack, LevelTable, Row, Standing

_SETTINGS = LevelSettings()
TABLE = LevelTable(
    rows=tuple(Row(row.level, row.ial, row.aal, row.or_presence) for row in _SETTINGS.rows),
    ceilings=_SETTINGS.channel_ceilings,
    acr_prefix=_SETTINGS.acr_prefix,
)
# By ial (row) and aal (column) on a channel without a ceiling, as the mission says it; then with presence.
EXPECTED = {1: (1, 1, 1), 2: (2, 2, 2), 3: (2, 3, 3), 4: (2, 3, 4)}
WITH_PRESENCE = {1: (1, 1, 1), 2: (2, 2, 2), 3: (2, 3, 3), 4: (4, 4, 4)}
CEILINGS = {"portal": 4, "mobile": 4, "kiosk": 3, "hall": 4, "hotline": 2, "elsewhere": 0}

standings = st.builds(
    Standing,
    ial=st.integers(0, 5),
    aal=st.integers(0, 4),
    channel=st.sampled_from([*CHANNELS, "elsewhere"]),
    presence=st.booleans(),
)


@pytest.mark.parametrize(
    ("ial", "aal", "presence", "channel"), list(product((1, 2, 3, 4), (1, 2, 3), (False, True), CEILINGS))
)
def test_the_table(ial: int, aal: int, presence: bool, channel: str) -> None:
    """Every identity level with every authenticator level on every channel."""
    expected = (WITH_PRESENCE if presence else EXPECTED)[ial][aal - 1]
    assert TABLE.level_of(Standing(ial, aal, channel, presence)) == min(expected, CEILINGS[channel])


@given(standings, standings)
def test_raising_an_input_never_lowers_and_lowering_never_raises(one: Standing, other: Standing) -> None:
    lower = Standing(min(one.ial, other.ial), min(one.aal, other.aal), one.channel, one.presence and other.presence)
    higher = Standing(max(one.ial, other.ial), max(one.aal, other.aal), one.channel, one.presence or other.presence)
    assert TABLE.level_of(lower) <= TABLE.level_of(one) <= TABLE.level_of(higher)


@given(standings)
def test_a_level_explains_what_each_higher_one_lacks(standing: Standing) -> None:
    """What is named is missing and nothing else is: with all of it the level is reached."""
    explained = TABLE.explain(standing)
    assert explained.level == TABLE.level_of(standing)
    for level, lacks in explained.lacks.items():
        row = next(row for row in TABLE.rows if row.level == level)
        assert lacks and level > explained.level
        mended = Standing(
            ial=max(standing.ial, row.ial) if Lack.IDENTITY in lacks else standing.ial,
            aal=max(standing.aal, row.aal) if Lack.AUTHENTICATOR in lacks else standing.aal,
            channel="hall" if Lack.CHANNEL in lacks else standing.channel,
            presence=standing.presence,
        )
        assert TABLE.level_of(mended) >= level


@given(standings, st.integers(1, 4))
def test_nothing_is_lacking_where_a_level_is_reached(standing: Standing, level: int) -> None:
    assert (TABLE.lacks_of(level, standing) == frozenset()) == (TABLE.level_of(standing) >= level)


def test_an_acr_names_a_level_and_the_other_way_round() -> None:
    """No level, no claim; other values are none of ours, and of several the least will do."""
    assert [TABLE.acr_of(level) for level in (0, 1, 4)] == [None, "urn:yihao:level:1", "urn:yihao:level:4"]
    assert TABLE.parse_acr("urn:yihao:level:3") == 3 and TABLE.parse_acr("urn:yihao:level:9") is None
    assert TABLE.minimum_of(["urn:other:1", "urn:yihao:level:3", "urn:yihao:level:2"]) == 2
    assert TABLE.minimum_of(["urn:other:1"]) is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rows": [{"level": 2, "ial": 1, "aal": 1}]}, "order"),
        ({"rows": []}, "at least 1"),
        ({"rows": [{"level": 1, "ial": 2, "aal": 1}, {"level": 2, "ial": 1, "aal": 1}]}, "less than level 1"),
        ({"rows": [{"level": 1, "ial": 1, "aal": 2}, {"level": 2, "ial": 1, "aal": 1}]}, "less than level 1"),
        ({"channel_ceilings": {"telepathy": 4}}, "no such channel"),
        ({"channel_ceilings": {"portal": 5}}, "between 0"),
        ({"acr_prefix": "with space:"}, "pattern"),
    ],
)
def test_a_table_that_makes_no_sense_stops_the_start(change: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        LevelSettings.model_validate(change)

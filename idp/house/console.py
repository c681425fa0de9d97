"""What the administrators' console needs beyond the other rooms."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.linking.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Console:
    """Legacy accounts as administrators look at them."""

    statistics: Statistics


def build_console(ground: Ground) -> Console:
    """Return it."""
    return Console(statistics=Statistics(database=ground.database, clock=ground.clock))

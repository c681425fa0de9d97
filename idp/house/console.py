"""What the administrators' console, its interface and the worker need beyond the other rooms."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.linking.accounts import Accounts
from idp.linking.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Console:
    """Legacy accounts as administrators look at them."""

    accounts: Accounts
    statistics: Statistics


def build_console(ground: Ground) -> Console:
    """Return them."""
    return Console(
        accounts=Accounts(keyring=ground.keyring),
        statistics=Statistics(database=ground.database, clock=ground.clock),
    )

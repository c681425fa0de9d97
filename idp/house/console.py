"""What the administrators' console and its interface need beyond the other rooms."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.people import People
from idp.linking.accounts import Accounts
from idp.linking.case_queue import CaseQueue
from idp.linking.case_views import CaseViews
from idp.linking.cases import Cases
from idp.linking.statistics import Statistics
from idp.login.link_notices import LinkNotices
from idp.login.messages import Messages
from idp.login.two_persons import TwoPersons
from idp.outbox.queue import Queue
from realname.providers.register.verifier import RegisterVerifier


@dataclass(frozen=True, slots=True)
class Console:
    """Legacy accounts as administrators look at them."""

    accounts: Accounts
    queue: CaseQueue
    cases: Cases
    case_views: CaseViews
    statistics: Statistics


def build_console(ground: Ground, people: People, deliveries: Queue) -> Console:
    """Return them."""
    settings, database, clock = ground.settings, ground.database, ground.clock
    accounts = Accounts(keyring=ground.keyring)
    register = RegisterVerifier(keyring=ground.keyring, statements=ground.statements)
    cases = Cases(
        database=database,
        accounts=accounts,
        impartiality=TwoPersons(database=database, directory=people.directory, register=register),
        notices=LinkNotices(
            messages=Messages(queue=deliveries, directory=people.directory),
            directory=people.directory,
            keyring=ground.keyring,
            clock=clock,
            site=settings.issuer,
            default_locale=settings.locales.default,
        ),
        keyring=ground.keyring,
        clock=clock,
        audit_share=0.02,
    )
    return Console(
        accounts=accounts,
        queue=CaseQueue(database=database, clock=clock, lease_seconds=1_800),
        cases=cases,
        case_views=CaseViews(
            database=database,
            accounts=accounts,
            cases=cases,
            directory=people.directory,
            keyring=ground.keyring,
            clock=clock,
        ),
        statistics=Statistics(database=database, clock=clock),
    )

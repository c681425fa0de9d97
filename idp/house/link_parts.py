"""What makes links active and decides whose accounts are, for the account centre, the counter and the console."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.login_parts import LoginParts
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.linking.accounts import Accounts
from idp.linking.activation import Activation
from idp.linking.activation_facts import FactReader
from idp.linking.case_files import CaseFiles
from idp.linking.case_queue import CaseQueue
from idp.linking.case_views import CaseViews
from idp.linking.cases import Cases
from idp.linking.kept_proofs import KeptProofs
from idp.linking.legacy_logins import LegacyLogins
from idp.linking.person_merge import PersonMerges
from idp.login.account.legacy_accounts import LegacyAccounts
from idp.login.account.legacy_pages import LegacyPages
from idp.login.counter_links import CounterLinks
from idp.login.link_notices import LinkNotices
from idp.login.link_objections import LinkObjections
from idp.login.own_mobile import OwnMobile
from idp.login.two_persons import TwoPersons


@dataclass(frozen=True, slots=True)
class LinkParts:
    """Accounts of older systems: whose they are, and by whose word."""

    accounts: Accounts
    activation: Activation
    notices: LinkNotices
    objections: LinkObjections
    pages: LegacyPages
    own: LegacyAccounts
    counter: CounterLinks
    queue: CaseQueue
    cases: Cases
    case_views: CaseViews
    case_files: CaseFiles
    person_merges: PersonMerges


def build_link_parts(
    ground: Ground,
    people: People,
    protocol: Protocol,
    parts: LoginParts,
    own_mobile: OwnMobile,
    two_persons: TwoPersons,
    logins: LegacyLogins,
) -> LinkParts:
    """Return them."""
    database, keyring, clock = ground.database, ground.keyring, ground.clock
    login, settings = ground.settings.login, ground.settings.merge_cases
    accounts = Accounts(keyring=keyring)
    facts = FactReader(
        directory=people.directory,
        attributes=people.attributes,
        sessions=protocol.sessions,
        levels=protocol.levels,
        keyring=keyring,
        clock=clock,
    )
    notices = LinkNotices(
        messages=parts.messages,
        directory=people.directory,
        keyring=keyring,
        clock=clock,
        site=ground.settings.issuer,
        default_locale=ground.settings.locales.default,
    )
    activation = Activation(accounts=accounts, facts=facts, notices=notices, clock=clock)
    pages = LegacyPages(database=database, accounts=accounts, facts=facts, own_mobile=own_mobile, keyring=keyring)
    cases = Cases(
        database=database,
        accounts=accounts,
        impartiality=two_persons,
        notices=notices,
        keyring=keyring,
        clock=clock,
        audit_share=settings.audit_percent / 100,
    )
    views = CaseViews(
        database=database, accounts=accounts, cases=cases, directory=people.directory, keyring=keyring, clock=clock
    )
    return LinkParts(
        accounts=accounts,
        activation=activation,
        notices=notices,
        objections=LinkObjections(database=database, accounts=accounts, notices=notices, clock=clock),
        pages=pages,
        own=LegacyAccounts(
            database=database,
            store=ground.store,
            accounts=accounts,
            pages=pages,
            activation=activation,
            logins=logins,
            kept=KeptProofs(store=ground.store),
            own_mobile=own_mobile,
            notices=notices,
            keyring=keyring,
            clock=clock,
            code_seconds=login.interaction_seconds,
        ),
        counter=CounterLinks(
            database=database,
            accounts=accounts,
            activation=activation,
            two_persons=two_persons,
            keyring=keyring,
            clock=clock,
        ),
        queue=CaseQueue(database=database, clock=clock, lease_seconds=settings.lease_seconds),
        cases=cases,
        person_merges=PersonMerges(
            database=database,
            directory=people.directory,
            sessions=protocol.sessions,
            ending=protocol.ending,
            levels=protocol.levels,
            notices=notices,
            clock=clock,
        ),
        case_views=views,
        case_files=CaseFiles(
            database=database,
            store=ground.store,
            views=views,
            cases=cases,
            clock=clock,
            life_days=settings.file_days,
        ),
    )

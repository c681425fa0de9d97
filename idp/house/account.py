"""The account centre's part of the house."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.login_parts import LoginParts
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.login.account.activity import Activity
from idp.login.account.applications import Applications
from idp.login.account.authenticator import Authenticator
from idp.login.account.contact import ContactChange
from idp.login.account.current_password import CurrentPassword
from idp.login.account.overview import AccountOverview
from idp.login.account.own_sessions import OwnSessions
from idp.login.account.password import PasswordChange


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that happens in the account centre."""

    overview: AccountOverview
    activity: Activity
    sessions: OwnSessions
    applications: Applications
    password: PasswordChange
    contact: ContactChange
    authenticator: Authenticator


def build_account(
    ground: Ground,
    people: People,
    protocol: Protocol,
    parts: LoginParts,
) -> Account:
    """Return the account centre's collaborators."""
    database, clock = ground.database, ground.clock
    life_seconds = ground.settings.login.interaction_seconds
    current = CurrentPassword(
        database=database,
        sessions=protocol.sessions,
        directory=people.directory,
        devices=people.devices,
        passwords=people.passwords,
        tries=people.tries,
        keyring=ground.keyring,
        clock=clock,
    )
    return Account(
        overview=AccountOverview(
            database=database,
            directory=people.directory,
            identifiers=people.identifiers,
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            levels=protocol.levels,
            releases=parts.releases,
            clock=clock,
        ),
        activity=Activity(database=database),
        sessions=OwnSessions(
            database=database,
            sessions=protocol.sessions,
            directory=people.directory,
            ending=protocol.ending,
            messages=parts.messages,
            clock=clock,
        ),
        applications=Applications(database=database, directory=people.directory, clock=clock),
        password=PasswordChange(
            database=database,
            current=current,
            new=parts.new,
            replacement=parts.replacement,
            sessions=protocol.sessions,
            clock=clock,
        ),
        contact=ContactChange(
            database=database,
            store=ground.store,
            current=current,
            sessions=protocol.sessions,
            directory=people.directory,
            codes=parts.codes,
            new=parts.new_mobile,
            clock=clock,
            life_seconds=life_seconds,
        ),
        authenticator=Authenticator(
            database=database,
            store=ground.store,
            current=current,
            second=parts.second,
            directory=people.directory,
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            messages=parts.messages,
            clock=clock,
            life_seconds=life_seconds,
        ),
    )

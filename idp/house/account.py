"""The account centre's part of the house."""

from dataclasses import dataclass

from idp.house.ground import Ground
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
from idp.login.messages import Messages
from idp.login.new_mobile import NewMobile
from idp.login.new_password import NewPassword
from idp.login.one_time_codes import OneTimeCodes
from idp.login.password_replacement import PasswordReplacement
from idp.login.released_mobiles import ReleasedMobiles
from idp.login.second_factor import SecondFactor


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
    *,
    codes: OneTimeCodes,
    messages: Messages,
    second: SecondFactor,
    new: NewPassword,
    replacement: PasswordReplacement,
    new_mobile: NewMobile,
    releases: ReleasedMobiles,
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
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            levels=protocol.levels,
            releases=releases,
            clock=clock,
        ),
        activity=Activity(database=database),
        sessions=OwnSessions(
            database=database,
            sessions=protocol.sessions,
            ending=protocol.ending,
            messages=messages,
            clock=clock,
        ),
        applications=Applications(database=database, clock=clock),
        password=PasswordChange(
            database=database,
            current=current,
            new=new,
            replacement=replacement,
            sessions=protocol.sessions,
            clock=clock,
        ),
        contact=ContactChange(
            database=database,
            store=ground.store,
            current=current,
            sessions=protocol.sessions,
            directory=people.directory,
            codes=codes,
            new=new_mobile,
            clock=clock,
            life_seconds=life_seconds,
        ),
        authenticator=Authenticator(
            database=database,
            store=ground.store,
            current=current,
            second=second,
            directory=people.directory,
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            messages=messages,
            clock=clock,
            life_seconds=life_seconds,
        ),
    )

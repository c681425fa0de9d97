"""The login's floor of the house: the loop and its steps."""

from dataclasses import dataclass

from idp.core.clock import Clock, seconds
from idp.house.account import Account, build_account
from idp.house.ground import Ground
from idp.house.legacy_logins import build_legacy_logins, build_old_account
from idp.house.life_events import LifeEvents, build_life_events
from idp.house.link_parts import LinkParts, build_link_parts
from idp.house.login_parts import build_login_parts
from idp.house.people import People
from idp.house.proofing import Proofing, build_proofing
from idp.house.protocol import Protocol
from idp.house.realname import reachable_ial
from idp.login.facts import FactReader
from idp.login.interaction import Interactions
from idp.login.loop import LoginLoop
from idp.login.messages import Messages
from idp.login.mobile_in_use import MobileInUse
from idp.login.new_password import NewPassword
from idp.login.one_time_codes import OneTimeCodes
from idp.login.own_mobile import OwnMobile
from idp.login.parties import Parties
from idp.login.recovered import RecoveredAccounts
from idp.login.recovery_requests import RecoveryRequests
from idp.login.recovery_stages import Waits
from idp.login.registered_number import RegisteredNumber
from idp.login.released_mobiles import ReleasedMobiles
from idp.login.snapshot import SnapshotReader
from idp.login.steps.confirm_mobile import ConfirmMobileStep
from idp.login.steps.consent import ConsentStep
from idp.login.steps.mobile import MobileStep
from idp.login.steps.old_account import OldAccountStep
from idp.login.steps.party import PartyStep
from idp.login.steps.password import PasswordStep
from idp.login.steps.recovery import RecoveryStep
from idp.login.steps.registration import RegistrationStep
from idp.login.steps.sms_code import SmsCodeStep
from idp.login.steps.staff_password import StaffPasswordStep
from idp.login.steps.totp import TotpStep
from idp.login.steps.totp_enrolment import TotpEnrolmentStep
from idp.login.waiting_recoveries import WaitingRecoveries
from idp.sessions.service import LiveSession
from realname.levels.level import LevelTable


@dataclass(frozen=True, slots=True)
class Login:
    """Everything that happens on login pages."""

    interactions: Interactions
    loop: LoginLoop
    codes: OneTimeCodes
    messages: Messages
    new_password: NewPassword
    password: PasswordStep
    sms_code: SmsCodeStep
    totp: TotpStep
    party: PartyStep
    consent: ConsentStep
    registration: RegistrationStep
    recovery: RecoveryStep
    confirm_mobile: ConfirmMobileStep
    staff_password: StaffPasswordStep
    totp_enrolment: TotpEnrolmentStep
    recovery_requests: RecoveryRequests
    releases: ReleasedMobiles
    mobile_in_use: MobileInUse
    mobile: MobileStep
    proofing: Proofing
    life_events: LifeEvents
    links: LinkParts
    account: Account
    old_account: OldAccountStep | None
    levels: LevelTable
    clock: Clock

    def level_of(self, live: LiveSession, ial: int) -> int:
        """Return the level of a session whose person has this identity level."""
        return self.levels.level_of(live.standing(ial, self.clock.now()))


def build_login(ground: Ground, people: People, protocol: Protocol) -> Login:
    """Return the login's collaborators."""
    settings, clock, database = ground.settings.login, ground.clock, ground.database
    interactions = Interactions(store=ground.store, life_seconds=settings.interaction_seconds)
    parts = build_login_parts(ground, people, protocol)
    codes, messages, second, new = parts.codes, parts.messages, parts.second, parts.new
    releases, new_mobile, replacement = parts.releases, parts.new_mobile, parts.replacement
    own_mobile = OwnMobile(database=database, directory=people.directory, codes=codes, messages=messages, clock=clock)
    proofing = build_proofing(ground, people, protocol, interactions, own_mobile, messages)
    requests = RecoveryRequests(
        database=database,
        queue=protocol.queue,
        directory=people.directory,
        codes=codes,
        messages=messages,
        clock=clock,
    )
    logins = build_legacy_logins(ground, people)
    life_events = build_life_events(ground, people, protocol, messages, proofing)
    return Login(
        account=build_account(ground, people, protocol, parts),
        old_account=build_old_account(ground, logins, interactions),
        new_password=new,
        confirm_mobile=ConfirmMobileStep(
            database=database, interactions=interactions, own_mobile=own_mobile, clock=clock
        ),
        proofing=proofing,
        life_events=life_events,
        links=build_link_parts(ground, people, protocol, parts, own_mobile, life_events.two_persons, logins),
        levels=protocol.levels,
        clock=clock,
        staff_password=StaffPasswordStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            new=new,
            replacement=replacement,
        ),
        totp_enrolment=TotpEnrolmentStep(
            database=database,
            store=ground.store,
            interactions=interactions,
            directory=people.directory,
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            second=second,
            messages=messages,
            clock=clock,
        ),
        releases=releases,
        mobile_in_use=MobileInUse(interactions=interactions, releases=releases),
        mobile=MobileStep(
            database=database,
            interactions=interactions,
            codes=codes,
            new=new_mobile,
            releases=releases,
            clock=clock,
        ),
        recovery=RecoveryStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            devices=people.devices,
            codes=codes,
            requests=requests,
            second=second,
            new=new,
            recovered=RecoveredAccounts(
                directory=people.directory,
                devices=people.devices,
                totp=people.totp,
                tries=people.tries,
                ending=protocol.ending,
                messages=messages,
                keyring=ground.keyring,
                clock=clock,
            ),
            number=RegisteredNumber(
                database=database,
                identifiers=people.identifiers,
                keyring=ground.keyring,
                clock=clock,
                lock_seconds=settings.lock_seconds,
            ),
            waiting=WaitingRecoveries(
                messages=messages, clock=clock, waits=Waits(seconds(settings.recovery_wait_seconds))
            ),
            messages=messages,
            clock=clock,
        ),
        recovery_requests=requests,
        interactions=interactions,
        codes=codes,
        messages=messages,
        loop=LoginLoop(
            database=database,
            sessions=protocol.sessions,
            interactions=interactions,
            facts=FactReader(totp=people.totp),
            parties=Parties(database=database, clock=clock),
            snapshots=SnapshotReader(statements=ground.statements, sessions=protocol.sessions, clock=clock),
            directory=people.directory,
            devices=people.devices,
            ending=protocol.ending,
            levels=protocol.levels,
            offered_ial=reachable_ial(ground.settings.realname),
            clock=clock,
        ),
        password=PasswordStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            devices=people.devices,
            passwords=people.passwords,
            new=new,
            tries=people.tries,
            keyring=ground.keyring,
            clock=clock,
        ),
        sms_code=SmsCodeStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            devices=people.devices,
            codes=codes,
            messages=messages,
            clock=clock,
        ),
        totp=TotpStep(
            database=database,
            interactions=interactions,
            devices=people.devices,
            totp=people.totp,
            recovery_codes=people.recovery_codes,
            messages=messages,
            tries=people.tries,
            keyring=ground.keyring,
            clock=clock,
        ),
        party=PartyStep(database=database, interactions=interactions, directory=people.directory, clock=clock),
        consent=ConsentStep(database=database, interactions=interactions, keyring=ground.keyring, clock=clock),
        registration=RegistrationStep(
            database=database,
            interactions=interactions,
            registration=people.registration,
            prepared=people.prepared,
            newcomers=proofing.newcomers,
            directory=people.directory,
            passwords=people.passwords,
            codes=codes,
            messages=messages,
            releases=releases,
            clock=clock,
        ),
    )

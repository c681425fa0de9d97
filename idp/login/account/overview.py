"""What an account holds and what protects it, as its owner sees it at a glance."""

from dataclasses import dataclass, field
from datetime import datetime

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.login.account.current_password import Holder
from idp.login.released_mobiles import ReleasedMobiles
from idp.persons import credentials, mobile_releases, recoveries
from idp.persons.devices import known_since
from idp.persons.directory import Directory
from idp.persons.identifiers import Identifiers
from idp.persons.identity_level import SELF_DECLARED, identity_level, valid_until
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.roles import RoleHolder, is_staff, named_roles_of
from idp.persons.totp import Totp
from idp.persons.vocabulary import CredentialKind, IdentifierState
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile, mask_name
from realname.levels.level import LevelTable


@dataclass(frozen=True, slots=True)
class AboutPerson:
    """The person, masked, and the level of the present login."""

    masked_number: str = field(repr=False)
    number_verified: bool
    masked_name: str = field(repr=False)
    masked_mobile: str = field(repr=False)
    level: int
    ial: int
    proved_until: datetime | None
    by_network_identity: bool
    roles: tuple[RoleHolder, ...]


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects the account."""

    password_changed_at: datetime | None
    totp_enabled: bool
    recovery_codes_left: int
    holds_staff_role: bool


@dataclass(frozen=True, slots=True)
class ContestedMobile:
    """A mobile that is to be taken off; `may_keep` tells whether this login may object."""

    due_at: datetime
    may_keep: bool


class AccountOverview:
    """Reads both, and lets the owner object to a recovery and to a release of the mobile."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        identifiers: Identifiers,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        levels: LevelTable,
        releases: ReleasedMobiles,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._identifiers = identifiers
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._levels = levels
        self._releases = releases
        self._clock = clock

    def about(self, live: LiveSession) -> AboutPerson:
        """Return who this is; the level is computed now, from what still holds."""
        now = self._clock.now()
        with self._database.read() as session:
            profile = self._directory.profile(session, live.person_id)
            proved_until = valid_until(session, live.person_id, now) if live.is_vouched else None
            ial = identity_level(session, live.person_id, now, is_vouched=live.is_vouched)
            held = named_roles_of(session, live.person_id)
            is_named = bool(self._identifiers.application_ids(session, live.person_id))
        return AboutPerson(
            masked_number=profile.number_masked or "",
            number_verified=profile.number_state is IdentifierState.CURRENT,
            masked_name=mask_name(profile.full_name or ""),
            masked_mobile=mask_mobile(profile.mobile) if profile.mobile else "",
            level=self._levels.level_of(live.standing(ial, now)),
            ial=ial,
            proved_until=proved_until,
            by_network_identity=is_named and ial > SELF_DECLARED,
            roles=held,
        )

    def protection(self, person_id: str) -> Protection:
        """Return what protects the account."""
        with self._database.read() as session:
            found = credentials.credentials_of(session, person_id)
            password = next((each for each in found if each.kind is CredentialKind.PASSWORD), None)
            return Protection(
                password_changed_at=password.changed_at if password else None,
                totp_enabled=self._totp.is_enrolled(session, person_id),
                recovery_codes_left=self._recovery_codes.count_left(session, person_id),
                holds_staff_role=is_staff(session, person_id),
            )

    def recovery_opens_at(self, person_id: str) -> datetime | None:
        """Return when somebody who waits without proof may get in, None where nobody waits."""
        with self._database.read() as session:
            waiting = recoveries.open_of(session, person_id, at=self._clock.now())
        return waiting[0].opens_at if waiting else None

    def contested_mobile(self, live: LiveSession) -> ContestedMobile | None:
        """Return what is to become of a mobile that somebody else proved, None where nobody did."""
        with self._database.read() as session:
            running = mobile_releases.open_of_person(session, live.person_id)
            if running is None:
                return None
            since = known_since(session, live.device_id)
        # As at the login: two factors, or a device that was the person's before all this began.
        may_keep = live.aal > 1 or (since is not None and since < running.opened_at)
        return ContestedMobile(running.due_at, may_keep)

    def keep_mobile(self, live: LiveSession, *, origin: Origin) -> bool:
        """Object to the release; False where nothing is open any more, or this login does not suffice."""
        found = self.contested_mobile(live)
        if found is None or not found.may_keep:
            return False
        return self._releases.keep(live.person_id, by="account", origin=origin)

    def cancel_recovery(self, holder: Holder, *, origin: Origin) -> bool:
        """End every waiting recovery of the person; False where there was none."""
        with self._database.transaction() as session:
            now = self._clock.now()
            return recoveries.cancel(session, holder.person_id, reason="by_person", at=now, origin=origin) > 0

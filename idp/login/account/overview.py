"""What an account holds and what protects it, as its owner sees it at a glance."""

from dataclasses import dataclass, field
from datetime import datetime

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.login.account.current_password import Holder
from idp.persons import credentials, recoveries
from idp.persons.directory import Directory
from idp.persons.identity_level import identity_level
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.roles import RoleHolder, is_staff, named_roles_of
from idp.persons.totp import Totp
from idp.persons.vocabulary import CredentialKind, IdentifierState
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile, mask_name
from realname.levels.level import LevelTable, Standing


@dataclass(frozen=True, slots=True)
class AboutPerson:
    """The person, masked, and the level of the present login."""

    masked_number: str = field(repr=False)
    number_verified: bool
    masked_name: str = field(repr=False)
    masked_mobile: str = field(repr=False)
    level: int
    roles: tuple[RoleHolder, ...]


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects the account."""

    password_changed_at: datetime | None
    totp_enabled: bool
    recovery_codes_left: int
    holds_staff_role: bool


class AccountOverview:
    """Reads both, and lets the owner object to a recovery."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        levels: LevelTable,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._levels = levels
        self._clock = clock

    def about(self, live: LiveSession) -> AboutPerson:
        """Return who this is; the level is computed now, from what still holds."""
        with self._database.read() as session:
            profile = self._directory.profile(session, live.person_id)
            ial = identity_level(session, live.person_id, self._clock.now())
            held = named_roles_of(session, live.person_id)
        return AboutPerson(
            masked_number=profile.number_masked or "",
            number_verified=profile.number_state is IdentifierState.CURRENT,
            masked_name=mask_name(profile.full_name or ""),
            masked_mobile=mask_mobile(profile.mobile) if profile.mobile else "",
            level=self._levels.level_of(Standing(ial=ial, aal=live.aal, channel=live.channel)),
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

    def cancel_recovery(self, holder: Holder, *, origin: Origin) -> bool:
        """End every waiting recovery of the person; False where there was none."""
        with self._database.transaction() as session:
            now = self._clock.now()
            return recoveries.cancel(session, holder.person_id, reason="by_person", at=now, origin=origin) > 0

"""The login corridor below the pages: look at everything once, decide, and establish sessions."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from clients.client import Client
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock, seconds
from idp.core.errors import LoginRefused, PageError
from idp.login.facts import FactReader
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.next_step import Failed, PersonFacts, Step, next_step
from idp.login.parties import Parties
from idp.login.progress import Progress
from idp.login.refusal import Refusal
from idp.login.request import Demands
from idp.login.snapshot import SnapshotReader
from idp.persons import credentials, recoveries, roles
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.used_proofs import use_once
from idp.persons.vocabulary import PersonStatus
from idp.persons.vouching import present
from idp.sessions.ending import SessionEnding
from idp.sessions.service import Authentication, LiveSession, Sessions
from idp.storage.engine import Database
from realname.levels.level import LevelTable


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brings along: the secrets of its cookies, and how it calls itself.

    `session_handle` is of the cookie that the login at hand looks at: the citizen's, or that of staff.
    """

    session_handle: str | None
    device_secret: str
    device_label: str
    channel: str = "portal"


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens next, and what it was decided by."""

    step: Step | Failed
    session: LiveSession | None
    facts: PersonFacts | None
    #: Whom the answer is about: the session's person, or for whom they act; None where there is no session yet, or
    #: the person must say.
    party: str | None = None
    sub: str | None = None
    sid: str | None = None


class LoginLoop:
    """Decides the next step of a request and carries out the one that has no page: establishing the session."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        interactions: Interactions,
        facts: FactReader,
        snapshots: SnapshotReader,
        parties: Parties,
        directory: Directory,
        devices: Devices,
        ending: SessionEnding,
        levels: LevelTable,
        offered_ial: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._interactions = interactions
        self._facts = facts
        self._snapshots = snapshots
        self._parties = parties
        self._directory = directory
        self._devices = devices
        self._ending = ending
        self._levels = levels
        self._offered_ial = offered_ial
        self._clock = clock

    def decide(self, demands: Demands, progress: Progress, browser: Browser, client: Client | None) -> Decision:
        """Return the next step of a request, parked or not; `client` is None for our own pages."""
        now = self._clock.now()
        for_staff = demands.for_staff
        found = self._snapshots.read(browser.session_handle, client, for_staff=for_staff)
        facts, party = found.facts, None
        if progress.person_id is not None and progress.session_id is None:
            # Somebody proved something here without a session of it yet: the step depends on them.
            with self._database.read() as session:
                client_id = client.client_id if client else None
                facts = self._facts.of(session, progress.person_id, client_id, now, for_staff=for_staff)
        elif found.session is not None and facts is not None:
            of = self._parties.of(demands, progress, found.session.person_id, facts, client)
            facts, party = of.facts, of.person_id
            if self._sessions.is_touch_due(found.session.last_seen_at):
                with self._database.transaction() as session:
                    self._sessions.touch(session, found.session.id)
        step = next_step(
            demands,
            progress,
            found.session,
            facts,
            self._levels,
            channel=browser.channel,
            # Staff are proved as the citizens that they also are.
            offered_ial=0 if for_staff else self._offered_ial,
            now=now,
        )
        # The client knows the person by these, and a child whom they act for by others.
        is_own = found.session is not None and party == found.session.person_id
        return Decision(step, found.session, facts, party, found.sub if is_own else None, found.sid if is_own else None)

    def establish(self, interaction: Interaction, browser: Browser, origin: Origin) -> tuple[Interaction, str]:
        """Start or rotate the session that the proofs of this interaction earned; return its new handle.

        Raises PageError where nothing was proved, LoginRefused where the person may not log in any more.
        """
        progress = interaction.progress
        if progress.person_id is None or progress.proved_at is None or progress.session_id is not None:
            raise PageError(InteractionProblem.EXPIRED, detail="nothing to establish")
        with self._database.transaction() as session:
            # One session for one proof, also where two tabs go on at once or an old store comes back.
            proof = f"{interaction.id} {progress.proved_at.isoformat()} {' '.join(progress.amr)}"
            keep_until = progress.proved_at + seconds(self._interactions.life_seconds)
            if not use_once(session, "login", proof, at=self._clock.now(), keep_until=keep_until):
                raise PageError(InteractionProblem.EXPIRED, detail="established before")
            live, handle = self._start(session, progress, browser, origin, is_staff=interaction.for_staff)
        saved = self._interactions.save(interaction, progress=progress.established(live.id))
        return saved, handle

    def _start(
        self, session: Session, progress: Progress, browser: Browser, origin: Origin, *, is_staff: bool
    ) -> tuple[LiveSession, str]:
        assert progress.person_id is not None and progress.proved_at is not None  # noqa: S101
        now = self._clock.now()
        person = self._directory.load(session, progress.person_id, hold=True)
        if person is None or person.status is not PersonStatus.ACTIVE:
            raise LoginRefused(Refusal.CREDENTIALS)
        self._refuse_replaced_password(session, progress, person.id)
        if is_staff:
            self._refuse_without_role(session, progress, person.id)
        # Whoever can log in needs no recovery; one that waits is somebody else's, or no longer wanted.
        recoveries.cancel(session, person.id, reason="login", at=now, origin=origin)
        is_vouched = present(session, person.id, progress.amr, at=now)
        device_id = self._devices.remember(session, person.id, browser.device_secret, browser.device_label, at=now)
        before = self._sessions.find(session, browser.session_handle, is_staff=is_staff)
        if before is not None and before.person_id != person.id:
            # Somebody else logs in here: what the first person opened from this browser ends everywhere.
            self._ending.end(session, before.id, reason="replaced", origin=origin)
        live, handle = self._sessions.start(
            session,
            Authentication(person.id, progress.amr, progress.proved_at, is_vouched),
            channel=browser.channel,
            device_id=device_id,
            device_label=browser.device_label,
            is_staff=is_staff,
            replaces=before,
        )
        record(
            session,
            Event.LOGIN_SUCCEEDED,
            at=now,
            person_id=person.id,
            session_id=live.id,
            origin=origin,
            details={"amr": list(live.amr), "aal": live.aal} | ({"staff": True} if is_staff else {}),
        )
        return live, handle

    def _refuse_replaced_password(self, session: Session, progress: Progress, person_id: str) -> None:
        """Raise LoginRefused where the password was changed after this interaction proved it.

        A login that somebody left at its second step must not outlive the change that was to shut them out.
        """
        since = progress.password_at or progress.proved_at
        if "pwd" not in progress.amr or since is None:
            return
        if credentials.password_changed_since(session, person_id, since):
            raise LoginRefused(Refusal.CREDENTIALS, detail="the password was changed meanwhile")

    def _refuse_without_role(self, session: Session, progress: Progress, person_id: str) -> None:
        """Raise LoginRefused where no staff session may begin; holds the person until the transaction ends."""
        # A revocation under way is waited for, or waits for us and then finds the session to end.
        credentials.lock_person(session, person_id)
        if not {"pwd", "otp"} <= set(progress.amr) or not roles.is_staff(session, person_id):
            raise LoginRefused(Refusal.CREDENTIALS, detail="no staff role any more")

"""An account of an older system that two clerks make somebody's, with the person before them and their card read."""

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.linking.accounts import Accounts, AccountView
from idp.linking.activation import Activation, Answer, TwoClerks
from idp.linking.links import LinkProblem
from idp.linking.login_systems import active_systems, login_system
from idp.login.two_persons import Decision, TwoPersons
from idp.storage.engine import Database
from realname.documents.parse import parse_number


class CounterLinks:
    """Asks the two-person rule, then activates; a refusal by that rule is audited here, others where they are made."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        activation: Activation,
        two_persons: TwoPersons,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._activation = activation
        self._two_persons = two_persons
        self._keyring = keyring
        self._clock = clock

    def systems(self) -> tuple[tuple[str, str], ...]:
        """Return the codes and names of the systems that accounts can be of."""
        with self._database.read() as session:
            return active_systems(session)

    def activate(self, person_id: str, code: str, reference: str, decision: Decision, *, origin: Origin) -> Answer:
        """Make the account the person's; neither clerk is near to them, nor to whom the row's number belongs."""
        with self._database.read() as session:
            account = self._find(session, code, reference)
        if account is None:
            return Refused(LinkProblem.NOT_THERE)
        parsed = parse_number(account.row.number, today=civil_date(self._clock.now()))
        numbers = [parsed.value] if isinstance(parsed, Ok) else []
        problem = self._two_persons.problem(decision, about=[person_id], numbers=numbers)
        at = decision.origin(origin)
        with self._database.transaction() as session:
            if problem is not None:
                record(
                    session,
                    Event.LINK_REFUSED,
                    at=self._clock.now(),
                    outcome=Outcome.REFUSED,
                    reason=str(problem),
                    person_id=person_id,
                    origin=at,
                    details={"system": account.system_number, "account": account.account_id},
                )
                return Refused(problem)
            by = TwoClerks(decision.proposed_by, decision.decided_by, decision.office)
            return self._activation.at_counter(
                session, person_id, account.system_number, account.account_id, by, origin=at
            )

    def _find(self, session: Session, code: str, reference: str) -> AccountView | None:
        system = login_system(session, self._keyring, code)
        return self._accounts.by_login(session, system.number, reference) if system is not None else None

"""What a step of a staff login asks of the login so far, before it changes a credential."""

from sqlalchemy.orm import Session

from idp.core.errors import LoginRefused, PageError
from idp.login.interaction import Interaction, InteractionProblem
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.directory import Directory
from idp.persons.roles import is_staff
from idp.persons.vocabulary import PersonStatus


def person_at(interaction: Interaction, *others: str) -> str:
    """Return who proved a password and one of the `others` (RFC 8176 names) in this staff login.

    Raises PageError. The decider asks in the same order; a step that changes a credential does not rest on it.
    """
    progress = interaction.progress
    person_id = progress.person_id
    proved = "pwd" in progress.amr and (not others or bool(set(others) & set(progress.amr)))
    if not interaction.for_staff or person_id is None or progress.session_id is not None or not proved:
        raise PageError(InteractionProblem.EXPIRED, detail="not this far in a staff login")
    return person_id


def hold_staff(session: Session, directory: Directory, person_id: str) -> None:
    """Hold the person's row until the transaction ends; raises LoginRefused where they may log in no more."""
    credentials.lock_person(session, person_id)
    person = directory.load(session, person_id)
    if person is None or person.status is not PersonStatus.ACTIVE or not is_staff(session, person_id):
        raise LoginRefused(Refusal.CREDENTIALS, detail="not active, or no staff role any more")

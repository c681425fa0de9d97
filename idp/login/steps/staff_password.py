"""The step of staff whose password is below the policy for staff: choose another one."""

from idp.audit.log import Origin
from idp.core.errors import LoginRefused, PageError
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.new_password import NewPassword
from idp.login.password_replacement import PasswordReplacement
from idp.login.refusal import Refusal
from idp.login.staff_proof import hold_staff, person_at
from idp.persons import credentials
from idp.persons.directory import Directory
from idp.storage.engine import Database


class StaffPasswordStep:
    """Replaces the password of who proved it and a second thing in this very login."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        new: NewPassword,
        replacement: PasswordReplacement,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._new = new
        self._replacement = replacement

    def submit(self, interaction: Interaction, typed: str, *, locale: str, origin: Origin) -> Interaction:
        """Replace the password and return the interaction with a good one; raises LoginRefused or PageError."""
        person_id = person_at(interaction, "otp", "sms")
        weak_at = interaction.progress.weak_password_at
        if weak_at is None:
            raise PageError(InteractionProblem.EXPIRED, detail="the password is good")
        self._new.check(person_id, typed)
        new_hash = self._new.hash(typed)
        with self._database.transaction() as session:
            hold_staff(session, self._directory, person_id)
            # A password that was changed since is the owner's answer to whoever goes on with the old one.
            if credentials.password_changed_since(session, person_id, weak_at):
                raise LoginRefused(Refusal.CREDENTIALS, detail="password changed meanwhile")
            at = self._replacement.replace(session, person_id, new_hash, keep=None, locale=locale, origin=origin)
        progress = interaction.progress.with_password(at, is_weak=False)
        return self._interactions.save(interaction, progress=progress)

"""A parked login: who asked, what was done, and the browser that alone may go on with it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from idp.core.errors import PageError
from idp.core.hashing import hash_secret, secrets_equal
from idp.core.ids import new_id
from idp.login.progress import Progress
from idp.login.request import AuthorizationRequest
from idp.storage.short_lived.store import Kind, ShortLivedStore


class InteractionProblem(StrEnum):
    """Why an interaction cannot go on; each is a page."""

    EXPIRED = "expired_interaction"
    FOREIGN = "foreign_interaction"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One parked login; `request` is None where the account centre asked, then `return_to` is our own path.

    One that is `for_staff` ends in a staff session, whatever happens to the client meanwhile.
    """

    id: str
    browser_hash: str
    request: AuthorizationRequest | None
    return_to: str | None
    progress: Progress
    scratch: dict[str, Any]
    for_staff: bool = False

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        # Left out for citizens, so that the release before this one reads their logins on.
        staff = {"for_staff": True} if self.for_staff else {}
        return staff | {
            "browser_hash": self.browser_hash,
            "request": self.request.as_document() if self.request else None,
            "return_to": self.return_to,
            "progress": self.progress.as_document(),
            "scratch": self.scratch,
        }


class Interactions:
    """Parks logins and hands them to the browser that they belong to."""

    def __init__(self, *, store: ShortLivedStore, life_seconds: int) -> None:
        self._store = store
        self._life_seconds = life_seconds

    @property
    def life_seconds(self) -> int:
        """How long a login may take from its beginning."""
        return self._life_seconds

    def start(
        self,
        browser: str,
        *,
        request: AuthorizationRequest | None = None,
        return_to: str | None = None,
        for_staff: bool = False,
    ) -> Interaction:
        """Park a request for the browser that holds the secret `browser`."""
        interaction = Interaction(new_id(), hash_secret(browser), request, return_to, Progress(), {}, for_staff)
        self._store.put(Kind.INTERACTION, interaction.id, interaction.as_document(), seconds=self._life_seconds)
        return interaction

    def resume(self, interaction_id: str, browser: str | None) -> Interaction:
        """Return a parked login; raises PageError where it is over or belongs to another browser.

        Bound to the browser, so that a link to somebody's half-done login lets nobody else finish it.
        """
        document = self._store.get(Kind.INTERACTION, interaction_id)
        if document is None:
            raise PageError(InteractionProblem.EXPIRED)
        if browser is None or not secrets_equal(document["browser_hash"], hash_secret(browser)):
            raise PageError(InteractionProblem.FOREIGN)
        request = document["request"]
        return Interaction(
            id=interaction_id,
            browser_hash=document["browser_hash"],
            request=AuthorizationRequest.from_document(request) if request else None,
            return_to=document["return_to"],
            progress=Progress.from_document(document["progress"]),
            scratch=document["scratch"],
            for_staff=document.get("for_staff", False),
        )

    def save(
        self, before: Interaction, *, progress: Progress | None = None, scratch: dict[str, Any] | None = None
    ) -> Interaction:
        """Park the next state; raises PageError where another request of this browser was faster.

        `scratch` holds what a step needs between its pages; a value of None removes an entry.
        """
        kept = {**before.scratch, **(scratch or {})}
        after = replace(
            before,
            progress=progress or before.progress,
            scratch={name: value for name, value in kept.items() if value is not None},
        )
        if not self._store.update(Kind.INTERACTION, before.id, _plain(before), _plain(after)):
            raise PageError(InteractionProblem.EXPIRED, detail="changed meanwhile")
        return after

    def finish(self, interaction: Interaction) -> None:
        """Forget a login that was answered; raises PageError where it was answered before."""
        if self._store.take(Kind.INTERACTION, interaction.id) is None:
            raise PageError(InteractionProblem.EXPIRED, detail="answered before")


def _plain(interaction: Interaction) -> dict[str, Any]:
    """Return the document as it reads after a round through JSON, where tuples are lists."""
    return _as_lists(interaction.as_document())  # type: ignore[no-any-return]


def _as_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_lists(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_lists(each) for each in value]
    return value

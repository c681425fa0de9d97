"""The consent step: what exactly the client may have, decided by the person alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from clients import consents
from clients.consents import ConsentedItem
from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.login.interaction import Interaction, Interactions
from idp.storage.engine import Database
from idp.tokens.acting import may_act
from realname.release.identity_claims import APPROVABLE, PROVED_ITEMS

#: What gives sensitive personal data and needs a separate consent (PIPL art. 29): scopes, and identity claims
#: asked for by name.
SENSITIVE_ITEMS = frozenset({"phone", "address", *PROVED_ITEMS})


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One thing that the page asks for: a scope, or an identity claim asked for by name."""

    name: str
    separate: bool
    is_new: bool


class ConsentStep:
    """Records what a person lets a client have, with the digest of the text that they saw."""

    def __init__(self, *, database: Database, interactions: Interactions, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._interactions = interactions
        self._keyring = keyring
        self._clock = clock

    def items(self, needed: frozenset[str], granted: frozenset[str], *, is_ward: bool) -> tuple[AskedItem, ...]:
        """Return what the page shows: everything asked for, what is new marked."""
        return tuple(AskedItem(name, _is_separate(name, is_ward), name not in granted) for name in sorted(needed))

    def fingerprint(self, shown: Mapping[str, str], person_id: str) -> str:
        """Return what a page carries to tell later which texts it showed, and whose data it was about."""
        texts = [person_id, *(text for _, text in sorted(shown.items()))]
        return keyed_digest(self._keyring, "consent page", "\n\n".join(texts))

    def allow(
        self,
        interaction: Interaction,
        person_id: str,
        shown: Mapping[str, str],
        *,
        locale: str,
        origin: Origin,
    ) -> Interaction:
        """Keep the consent to the items in `shown`, each with the text that was shown for it.

        Where `origin` names an actor, it is given for the person under the actor's mandate (PIPL art. 31); the
        interaction comes back as it was where that does not stand any more, and the decider goes on from there.
        """
        assert interaction.request is not None  # noqa: S101 - only clients ask for consent
        claims = APPROVABLE.difference(interaction.request.scope)
        items = [
            ConsentedItem(
                name=name,
                kind="claim" if name in claims else "scope",
                separate=_is_separate(name, origin.actor_person is not None),
                text_digest=keyed_digest(self._keyring, "consent text", text),
            )
            for name, text in sorted(shown.items())
        ]
        actor = origin.actor_person
        with self._database.transaction() as session:
            now = self._clock.now()
            if actor is not None and not may_act(session, actor, person_id, at=now):
                return interaction
            consents.grant(
                session,
                person_id,
                interaction.request.client_id,
                items,
                locale=locale,
                at=now,
                origin=origin,
            )
        return self._interactions.save(interaction, progress=interaction.progress.answered(allowed=True))

    def deny(self, interaction: Interaction, person_id: str, *, origin: Origin) -> Interaction:
        """Keep a trace of the refusal; the request then ends with access_denied."""
        assert interaction.request is not None  # noqa: S101
        with self._database.transaction() as session:
            record(
                session,
                Event.CONSENT_DENIED,
                at=self._clock.now(),
                outcome=Outcome.REFUSED,
                person_id=person_id,
                client_id=interaction.request.client_id,
                origin=origin,
            )
        return self._interactions.save(interaction, progress=interaction.progress.answered(allowed=False))


def _is_separate(name: str, is_ward: bool) -> bool:
    """Whether an item is agreed to by itself; below 14 everything about a person is sensitive (PIPL art. 28)."""
    return is_ward or name in SENSITIVE_ITEMS

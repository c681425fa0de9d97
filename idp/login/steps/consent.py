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

#: Scopes that give sensitive personal data and need a separate consent (PIPL art. 29).
SENSITIVE_SCOPES = frozenset({"phone", "address"})


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One thing that the page asks for."""

    scope: str
    separate: bool
    is_new: bool


class ConsentStep:
    """Records what a person lets a client have, with the digest of the text that they saw."""

    def __init__(self, *, database: Database, interactions: Interactions, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._interactions = interactions
        self._keyring = keyring
        self._clock = clock

    def items(self, needed: frozenset[str], granted: frozenset[str]) -> tuple[AskedItem, ...]:
        """Return what the page shows: everything asked for, what is new marked."""
        return tuple(AskedItem(scope, scope in SENSITIVE_SCOPES, scope not in granted) for scope in sorted(needed))

    def allow(
        self,
        interaction: Interaction,
        person_id: str,
        shown: Mapping[str, str],
        *,
        locale: str,
        origin: Origin,
    ) -> Interaction:
        """Keep the consent to the scopes in `shown`, each with the text that was shown for it."""
        assert interaction.request is not None  # noqa: S101 - only clients ask for consent
        items = [
            ConsentedItem(
                name=scope,
                kind="scope",
                separate=scope in SENSITIVE_SCOPES,
                text_digest=keyed_digest(self._keyring, "consent text", text),
            )
            for scope, text in sorted(shown.items())
        ]
        with self._database.transaction() as session:
            consents.grant(
                session,
                person_id,
                interaction.request.client_id,
                items,
                locale=locale,
                at=self._clock.now(),
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

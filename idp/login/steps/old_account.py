"""Beginning with an account of an older system: it shows that the account is somebody's, and logs nobody in."""

from dataclasses import dataclass
from typing import Any

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.results import Refused
from idp.linking.kept_proofs import Keeper, KeptProof, KeptProofs
from idp.linking.legacy_logins import LegacyLogins
from idp.linking.login_systems import LoginSystem
from idp.login.interaction import Interaction, Interactions
from idp.login.refusal import Refusal

#: What was shown, until somebody is logged in for whom it can wait.
PARKED = "old_account"
#: The same for a page of its own once it waits for them.
HANDED_OVER = "old_account_handed_over"


@dataclass(frozen=True, slots=True)
class OldAccount:
    """What a page tells of an account that was shown: where it is, and whether its password proves anything."""

    system: str
    is_default: bool


class OldAccountStep:
    """Parks what was shown in the interaction, and keeps it for the person who logs in within it.

    The progress of the login is untouched: whoever knows an old password has proved nothing about who they are.
    """

    def __init__(self, *, logins: LegacyLogins, interactions: Interactions, kept: KeptProofs, clock: Clock) -> None:
        self._logins = logins
        self._interactions = interactions
        self._kept = kept
        self._clock = clock

    def systems(self) -> tuple[LoginSystem, ...]:
        """Return the older systems that somebody can begin with."""
        return self._logins.systems()

    def submit(self, interaction: Interaction, code: str, login: str, password: str, origin: Origin) -> Interaction:
        """Park the proof that an account is in these hands; raises LoginRefused, with one reason for everything."""
        shown = self._logins.prove(code, login, password, origin=origin)
        if isinstance(shown, Refused):
            raise LoginRefused(Refusal.OLD_ACCOUNT, detail=shown.reason)
        names = {system.code: system.name for system in self.systems()}
        parked = {"name": names.get(code, code), **shown.value.as_document()}
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def shown(self, interaction: Interaction) -> OldAccount | None:
        """Return what this interaction showed and still counts, None where it showed nothing."""
        parked = interaction.scratch.get(PARKED)
        if parked is None or not KeptProof.from_document(parked).is_fresh(self._clock.now()):
            return None
        return _told(parked)

    def handed_over(self, interaction: Interaction) -> OldAccount | None:
        """Return what waits since this interaction's login."""
        told = interaction.scratch.get(HANDED_OVER)
        return None if told is None else _told(told)

    def hand_over(self, interaction: Interaction, person_id: str) -> Interaction | None:
        """Let what was shown wait for whoever logged in here; None where there is nothing to hand over."""
        if PARKED not in interaction.scratch:
            return None
        parked = interaction.scratch[PARKED]
        # Taken from here first: of two tabs that go on at once, one finds it gone.
        told = {"name": parked["name"], "default": parked["default"]}
        saved = self._interactions.save(interaction, scratch={PARKED: None, HANDED_OVER: told})
        now, kept = self._clock.now(), KeptProof.from_document(parked)
        if not kept.is_fresh(now):
            return None
        self._kept.keep(Keeper(person_id, interaction.browser_hash), kept, now=now)
        return saved


def _told(parked: dict[str, Any]) -> OldAccount:
    return OldAccount(system=parked["name"], is_default=parked["default"])

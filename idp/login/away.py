"""A browser that was sent to the pages of a service: begun here, come back to here, once and in time.

The address to which the service sends a browser back holds a secret that this browser never saw before, so that
whoever begins for somebody else, and lets them finish, has nothing by it. What the service puts into that address
beside the secret is not read: results are fetched.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from idp.core.clock import Clock, seconds
from idp.core.errors import PageError
from idp.core.hashing import hash_secret, secrets_equal
from idp.core.ids import new_id, new_secret
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from realname.providers.verifier import Start


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun at a service: where the browser goes, and whether it came back."""

    url: str
    came: bool


@dataclass(frozen=True, slots=True)
class Departure:
    """What is drawn before anything is begun: our name for the attempt, and the secret of the way back."""

    attempt: str = field(default_factory=new_id, repr=False)
    secret: str = field(default_factory=new_secret, repr=False)

    def return_url(self, ours: str) -> str:
        """Return where the service sends the browser back to."""
        return f"{ours}?came={self.secret}"


class Away:
    """Keeps one such journey in the interaction, sealed, under the name of its step."""

    def __init__(self, *, interactions: Interactions, clock: Clock, parked: str) -> None:
        self._interactions = interactions
        self._clock = clock
        self._name = parked

    def park(self, interaction: Interaction, departure: Departure, start: Start, **more: Any) -> Interaction:
        """Keep what was begun, with whatever the step needs at its end."""
        journey = {
            "token": start.token,
            "url": start.url,
            "attempt": departure.attempt,
            "came_hash": hash_secret(departure.secret),
            "came": False,
            "ends_at": (self._clock.now() + seconds(start.life_seconds)).isoformat(),
            **more,
        }
        return self._interactions.save(interaction, scratch={self._name: journey})

    def begun(self, interaction: Interaction) -> Begun | None:
        """Return what was begun here, None where nothing was."""
        journey: dict[str, Any] | None = interaction.scratch.get(self._name)
        return Begun(journey["url"], journey["came"]) if journey is not None else None

    def come_back(self, interaction: Interaction, secret: str) -> Interaction:
        """Note that the browser which began came back from the service; raises PageError for any other."""
        journey = self._journey(interaction)
        if not secrets_equal(hash_secret(secret), journey["came_hash"]):
            raise PageError(InteractionProblem.FOREIGN, detail="not sent back by the service")
        return self._interactions.save(interaction, scratch={self._name: {**journey, "came": True}})

    def take(self, interaction: Interaction) -> tuple[Interaction, dict[str, Any]]:
        """Take a journey that came to its end, so that of two who come back at once one finds nothing.

        Raises PageError where nobody came back, or too late.
        """
        journey = self._journey(interaction)
        if not journey["came"] or datetime.fromisoformat(journey["ends_at"]) <= self._clock.now():
            raise PageError(InteractionProblem.EXPIRED, detail="nobody came back, or too late")
        return self._interactions.save(interaction, scratch={self._name: None}), journey

    def put_back(self, interaction: Interaction, journey: dict[str, Any]) -> None:
        """Keep a journey whose result was not there yet, to be asked about again."""
        self._interactions.save(interaction, scratch={self._name: journey})

    def _journey(self, interaction: Interaction) -> dict[str, Any]:
        journey: dict[str, Any] | None = interaction.scratch.get(self._name)
        if journey is None:
            raise PageError(InteractionProblem.EXPIRED, detail="nothing was begun at the service")
        return journey

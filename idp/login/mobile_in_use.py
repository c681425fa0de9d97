"""A mobile that another account has, in the interaction of who just proved by a code to hold it.

They may ask for its release, or find that the account is their own. What they proved is good for this
interaction alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.audit.log import Origin
from idp.core.errors import PageError
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.released_mobiles import Asked, ReleasedMobiles, Standing

_PARKED = "mobile_in_use"


@dataclass(frozen=True, slots=True)
class InUse:
    """The mobile, and what became of the request to release it, where one was made."""

    mobile: str
    asked: Asked | None


def offered(mobile: str) -> dict[str, Any]:
    """Return the entry of the scratch that offers a release; only for a mobile that was proved just now."""
    return {_PARKED: {"mobile": mobile}}


def in_use(interaction: Interaction) -> InUse | None:
    """Return what is offered in this interaction, or None."""
    parked = interaction.scratch.get(_PARKED)
    if parked is None:
        return None
    if "standing" not in parked:
        return InUse(parked["mobile"], None)
    due_at = datetime.fromisoformat(parked["due_at"]) if parked["due_at"] else None
    return InUse(parked["mobile"], Asked(Standing(parked["standing"]), due_at))


class MobileInUse:
    """Lets who proved the mobile ask for its release."""

    def __init__(self, *, interactions: Interactions, releases: ReleasedMobiles) -> None:
        self._interactions = interactions
        self._releases = releases

    def ask(self, interaction: Interaction, *, origin: Origin) -> Interaction:
        """Ask for the release; raises PageError where nothing was proved here."""
        found = in_use(interaction)
        if found is None:
            raise PageError(InteractionProblem.EXPIRED, detail="no mobile was proved")
        asked = self._releases.ask(found.mobile, origin=origin)
        parked = {
            "mobile": found.mobile,
            "standing": asked.standing,
            "due_at": asked.due_at.isoformat() if asked.due_at else None,
        }
        return self._interactions.save(interaction, scratch={_PARKED: parked})

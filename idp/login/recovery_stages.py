"""How far a recovery is within one interaction, as it is parked there between its pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from idp.core.ids import new_id
from idp.login.interaction import Interaction

#: Where the recovery lies in the interaction.
PARKED = "recovery"


class Stage(StrEnum):
    """How far a recovery is; each has its page."""

    CODE = "code"
    PROOF = "proof"
    NUMBER = "number"
    WAITING = "waiting"
    PASSWORD = "password"  # noqa: S105
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long one waits, and for how long the recovery can be used then."""

    wait: timedelta
    window: timedelta = timedelta(days=7)


def stage_of(interaction: Interaction) -> Stage | None:
    """Return how far the recovery is, None where none was begun."""
    parked = interaction.scratch.get(PARKED)
    return Stage(parked["stage"]) if parked else None


def may_set(person_id: str, mobile: str, recovery_id: str | None, at: datetime) -> dict[str, Any]:
    """Return the stage at which the password may be set, once: by the id drawn here, or by the recovery's.

    `mobile` is where the code went: it must still be the person's when the password is set.
    """
    granted = {"person_id": person_id, "mobile": mobile, "grant_id": new_id(), "recovery_id": recovery_id}
    return {"stage": Stage.PASSWORD, "at": at.isoformat(), **granted}

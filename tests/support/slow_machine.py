"""What tests expect of the machine: nothing. One that stands still for some seconds is no failure of the code.

Tests of silence set their own figures, and servers that run as processes of their own keep theirs.
"""

from idp.storage import engine
from idp.storage.patience import PatientConnection
from idp.storage.short_lived import redis

_SECONDS = 30


def be_patient(*, in_races: bool = False) -> None:
    """Let the stores of this process wait for their servers much longer than a request may take.

    In races many wait for one lock on purpose.
    """
    if in_races:
        engine.SERVER_LIMITS["lock_timeout"] = _SECONDS * 1000
    PatientConnection.patience_seconds = float(_SECONDS)
    engine.SERVER_LIMITS["statement_timeout"] = _SECONDS * 1000
    engine.WAITS["connect"] = _SECONDS
    redis._PATIENCE_SECONDS = _SECONDS

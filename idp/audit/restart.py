"""Going on with sealing after a restore from a backup, which lost seals that were published."""

from idp.audit.events import Event
from idp.audit.heads import RESUMED, HeadsFile, sign_note
from idp.audit.log import record
from idp.audit.seal import Seal, last_seal
from idp.audit.seal_key import SealKey
from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.storage.engine import Database


class NothingToResume(IdpError):
    """The table holds every seal that was published."""


def resume(database: Database, *, reason: str, key: SealKey, heads: HeadsFile, clock: Clock) -> int:
    """Let the sealer go on from the table's last seal and return how many published ones are given up.

    A signed note keeps the loss visible for ever. Raises NothingToResume.
    """
    published = heads.last_seal()
    with database.transaction() as session:
        last = last_seal(session)
        position = last.position if last else 0
        if published is None or published.position <= position:
            raise NothingToResume("every published seal is in the table; look into differences with: idp audit verify")
        facts = {
            "after": position,
            "lost": published.position - position,
            "reason": reason,
            "at": clock.now().isoformat(),
        }
        kept: tuple[Seal, ...] = (last,) if last else ()
        heads.append(sign_note(key, RESUMED, facts), *kept)
        record(session, Event.AUDIT_RESUMED, at=clock.now(), details={"after": position, "lost": facts["lost"]})
    return published.position - position

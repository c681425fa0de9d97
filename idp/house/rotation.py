"""Which rows hang on which key, and the rotations of this house.

A room that stores ciphertexts or blind indexes under a key has its rows here, or loses them with the key.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from clients.models import ClientSecret
from clients.secrets import place_of as place_of_secret
from idp.audit.events import Event
from idp.audit.log import record
from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.crypto.ciphertext import Place
from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.keyring import Keyring, Purpose
from idp.crypto.person_key import rewrap_person_key
from idp.house.ground import Ground, key_store
from idp.keys.barrier import Barrier
from idp.keys.kek import Rewrapped, rotate_kek
from idp.keys.models import PersonKey
from idp.keys.rotation import KeyPlan, Rotation
from idp.keys.rows import CiphertextRows
from idp.linking.cases import note_place
from idp.linking.link_models import MergeDecision
from idp.linking.login_systems import secret_place
from idp.linking.models import LegacySystem
from idp.linking.reindexing import AccountRows, MatchKeyRows, StagedRows
from idp.outbox.models import Delivery
from idp.outbox.queue import place_of as place_of_delivery
from idp.persons.reindexing import index_rows
from idp.storage.engine import Database
from idp.tokens.rewrapping import rewrap_signing_keys
from realname.providers.register.entry import place_of as place_of_entry
from realname.providers.register.models import RegisterEntry
from realname.providers.register.reindexing import RegisterRows

#: Nothing that is parked, and no code, cookie or form, lives longer.
_DAY_SECONDS = 86_400


def plans(settings: Settings, database: Database, clock: Clock | None = None) -> Mapping[Purpose, KeyPlan]:
    """Return what the rotation of each kind of key means."""
    clock = clock or Clock()
    parked = max(_DAY_SECONDS, settings.login.interaction_seconds, settings.login.recovery_wait_seconds)
    return {
        Purpose.DATA: KeyPlan(
            rows=(
                CiphertextRows(
                    database=database,
                    row_id=PersonKey.person_id,
                    column=PersonKey.wrapped,
                    rewrite=rewrap_person_key,
                ),
                CiphertextRows(
                    database=database,
                    row_id=ClientSecret.id,
                    column=ClientSecret.ciphertext,
                    rewrite=_rewrite(Purpose.DATA, place_of_secret),
                ),
                CiphertextRows(
                    database=database,
                    row_id=RegisterEntry.id,
                    column=RegisterEntry.content,
                    rewrite=_rewrite(Purpose.DATA, place_of_entry),
                ),
                CiphertextRows(
                    database=database,
                    row_id=LegacySystem.number,
                    column=LegacySystem.secret,
                    rewrite=_rewrite(Purpose.DATA, secret_place),
                ),
                CiphertextRows(
                    database=database,
                    row_id=MergeDecision.id,
                    column=MergeDecision.note,
                    rewrite=_rewrite(Purpose.DATA, note_place),
                ),
                AccountRows(database=database, clock=clock),
                StagedRows(database=database),
            )
        ),
        Purpose.INDEX: KeyPlan(
            rows=(
                *index_rows(database),
                RegisterRows(database=database),
                MatchKeyRows(database=database, clock=clock),
                AccountRows(database=database, clock=clock),
            ),
            lookups=True,
        ),
        Purpose.MESSAGE: KeyPlan(
            rows=(
                CiphertextRows(
                    database=database,
                    row_id=Delivery.id,
                    column=Delivery.payload,
                    rewrite=_rewrite(Purpose.MESSAGE, place_of_delivery),
                ),
            ),
            expire_seconds=parked,  # what lies in the short-lived store
        ),
        # A replayed code is recognised, and revokes its family, for as long.
        Purpose.CODE: KeyPlan(expire_seconds=_DAY_SECONDS),
        Purpose.ROTATION: KeyPlan(expire_seconds=_DAY_SECONDS),
        Purpose.SESSION_COOKIE: KeyPlan(expire_seconds=parked),
        # Digests of what is not stored: recovery codes, texts of consents, evidence.
        Purpose.DIGEST: KeyPlan(keeps_old=True),
        Purpose.AUDIT: KeyPlan(keeps_old=True),
        Purpose.SUBJECT: KeyPlan(keeps_old=True),
    }


def build_rotation(ground: Ground, *, report: Callable[[str], None]) -> Rotation:
    """Return the rotation of the house's data keys; `report` takes lines for the operator."""
    settings, database, clock = ground.settings, ground.database, ground.clock
    store = key_store(settings, database, ground.kek, clock)
    barrier = Barrier(
        database=database,
        store=store,
        clock=clock,
        reload_seconds=settings.keys.reload_seconds,
        report=report,
    )

    def audit(session: Session, purpose: Purpose, version: int, what: str) -> None:
        details = {"purpose": purpose, "version": version, "what": what}
        record(session, Event.KEY_ROTATED, at=clock.now(), details=details)

    return Rotation(
        database=database,
        store=store,
        clock=clock,
        plans=plans(settings, database, clock),
        reload_seconds=settings.keys.reload_seconds,
        wait_for_processes=barrier.wait,
        audit=audit,
        report=report,
    )


def rotate_key_encryption_key(
    database: Database, *, old: KeyEncryptionKey, new: KeyEncryptionKey, clock: Clock
) -> Rewrapped:
    """Take everything wrapped over from one key-encryption key to another; may be repeated."""

    def audit(session: Session, kek_id: str) -> None:
        record(session, Event.KEY_ROTATED, at=clock.now(), details={"purpose": "key-encryption", "kek": kek_id})

    return rotate_kek(database, old=old, new=new, clock=clock, others=(rewrap_signing_keys,), audit=audit)


def _rewrite(purpose: Purpose, place_of: Callable[[str], Place]) -> Callable[[Keyring, str, bytes], bytes]:
    def rewrite(keyring: Keyring, row_id: str, old: bytes) -> bytes:
        place = place_of(row_id)
        return keyring.encrypt(purpose, keyring.decrypt(purpose, old, place), place)

    return rewrite

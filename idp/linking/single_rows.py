"""What a single row from a living system is compared by: exactly what it would be, had a file brought it."""

from datetime import datetime

from idp.core.clock import civil_date
from idp.crypto.keyring import Keyring
from idp.linking.columns import Field
from idp.linking.contents import FIELD_NAMES, LegacyRow
from idp.linking.file_chunks import state_words_of
from idp.linking.login_systems import LoginSystem
from idp.linking.preparation import Preparation
from idp.linking.taking_in import Compared
from idp.linking.vocabulary import HolderKind, NumberState, SourceState

_PLACES = {Field(name): place for place, name in enumerate(FIELD_NAMES)}
# What it seals is thrown away: the batch of one has its own number.
_NO_BATCH = 0


def compare(keyring: Keyring, system: LoginSystem, row: LegacyRow, at: datetime) -> Compared:
    """Return the digests of a row under the active key, and what it is."""
    preparation = Preparation(
        keyring=keyring,
        system_number=system.number,
        batch_number=_NO_BATCH,
        places=_PLACES,
        width=len(FIELD_NAMES),
        today=civil_date(at),
        holds_organisations=system.holds_organisations,
        state_words=state_words_of(system.source),
    )
    prepared = preparation.prepare([1], [[getattr(row, name) for name in FIELD_NAMES]])
    # One row in, one row out: what no file could bring, such as an endless reference, no source gives.
    ((_, _, _, _, version, _, number, pair, name_mobile, mobile, state, holder, source, is_doubtful, _, _),) = (
        prepared.rows
    )
    return Compared(
        key_version=version,
        number_index=number,
        pair_index=pair,
        name_mobile_index=name_mobile,
        mobile_index=mobile,
        number_state=NumberState(state),
        holder_kind=HolderKind(holder),
        source_state=SourceState(source),
        is_contradictory=is_doubtful,
    )

"""What a single row from a living system is compared by.

Careful where a file's preparation is clever: what is not plainly a number, a name or a mobile is compared by nothing,
which can only keep an account from being proposed. The next file that brings the account prepares it in full.
"""

import re
from datetime import datetime

from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.crypto.keyring import Keyring
from idp.linking.contents import LegacyRow
from idp.linking.default_passwords import facts_of
from idp.linking.digests import Digests
from idp.linking.login_systems import LoginSystem
from idp.linking.taking_in import Compared
from idp.linking.vocabulary import HolderKind, NumberState
from idp.persons.contact_numbers import parse_mobile
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

# Han characters with middle dots between them: everything else needs the cleaning that files get.
_PLAIN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{1,20}(?:·[\u3400-\u9fff\U00020000-\U000323af]{1,20})*")


def compare(keyring: Keyring, system: LoginSystem, row: LegacyRow, at: datetime) -> Compared:
    """Return the digests of a row under the active key, and what it is."""
    digests = Digests(keyring=keyring)
    parsed = parse_number(row.number, today=civil_date(at))
    number = parsed.value if isinstance(parsed, Ok) and not parsed.value.needs_review else None
    name = row.name.strip() if _PLAIN_NAME.fullmatch(row.name.strip()) else None
    found = parse_mobile(row.mobile)
    mobile = found.value if isinstance(found, Ok) else None
    return Compared(
        key_version=digests.version,
        number_index=digests.number(number) if number else None,
        pair_index=digests.pair(number, name) if number and name else None,
        name_mobile_index=digests.name_mobile(name, mobile) if name and mobile else None,
        mobile_index=digests.mobile(mobile) if mobile else None,
        number_state=_state(row, number),
        holder_kind=HolderKind.ORGANISATION if _is_organisation(system, row) else HolderKind.PERSON,
        is_contradictory=_contradicts(row, number),
    )


def _state(row: LegacyRow, number: DocumentNumber | None) -> NumberState:
    if number is not None:
        return NumberState.VALID
    return NumberState.INVALID if row.number.strip() else NumberState.MISSING


def _is_organisation(system: LoginSystem, row: LegacyRow) -> bool:
    return system.holds_organisations and bool(row.organisation.strip())


def _contradicts(row: LegacyRow, number: DocumentNumber | None) -> bool:
    """Tell whether the birth date that the row says is another than its number's."""
    born = facts_of(row).birth_date
    return number is not None and born is not None and number.birth_date not in (None, born)

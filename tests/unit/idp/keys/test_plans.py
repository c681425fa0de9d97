"""No room keeps something under a key that a rotation does not know of."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[4]
ROOMS = ("idp", "clients", "connectors", "realname", "admin")
#: Files that encrypt or index under a data key, each of whose rows `idp/house/rotation.py` has.
KNOWN = {
    r"Purpose\.DATA|wrap_person_key\(": {
        "clients/authentication.py",
        "clients/secrets.py",
        "idp/linking/case_views.py",
        "idp/linking/cases.py",
        "idp/linking/contents.py",
        "idp/linking/login_systems.py",
        "idp/linking/reindexing.py",
        "idp/linking/taking_in.py",
        "idp/persons/bulk_registration.py",
        "idp/persons/ciphers.py",
        "realname/providers/register/entry.py",
    },
    r"Purpose\.INDEX|blind_index(?:_pair)?\(": {
        "idp/linking/accounts.py",
        "idp/linking/control.py",
        "idp/linking/digests.py",
        "idp/linking/login_candidates.py",
        "idp/linking/mapping.py",
        "idp/linking/match_keys.py",
        "idp/linking/matching.py",
        "idp/linking/reindexing.py",
        "idp/linking/taking_in.py",
        "idp/persons/bulk_registration.py",
        "idp/persons/contacts.py",
        "idp/persons/identifiers.py",
        "idp/persons/reindexing.py",
        "realname/providers/register/digests.py",
        "realname/providers/register/entries.py",
    },
    r"Purpose\.MESSAGE": {"idp/outbox/queue.py", "idp/storage/short_lived/store.py"},
}


@pytest.mark.parametrize("uses", KNOWN)
def test_every_use_of_a_key_that_rows_hang_on_is_known(uses: str) -> None:
    """Whoever adds one adds its rows to the plans in idp/house/rotation.py, and the file here."""
    owners = ("idp/crypto/", "idp/keys/", "idp/house/rotation.py")
    found = {
        str(path.relative_to(CHECKOUT))
        for room in ROOMS
        for path in (CHECKOUT / room).rglob("*.py")
        if re.search(uses, path.read_text())
    }
    assert {name for name in found if not name.startswith(owners)} == KNOWN[uses]

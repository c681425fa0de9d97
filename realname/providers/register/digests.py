"""Keyed digests of the register: where an entry is found, and what of it is compared without opening it.

Their kinds are the register's own, so that nobody sees in a copy of the database whose account has which entry.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.crypto.blind_index import blind_index, blind_index_pair
from idp.crypto.keyring import Keyring, Purpose
from realname.documents.document_number import DocumentNumber
from realname.documents.names import name_match_key
from realname.providers.question import Question
from realname.providers.register.entry import Entry

_SIZE = 43


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as digests, all under one key version."""

    version: int
    index: str
    name: str
    mobile: str | None


def number_indexes(keyring: Keyring, number: DocumentNumber) -> Mapping[int, str]:
    """Return the index of a number under every live key version."""
    return blind_index(keyring, f"register {number.type}", number.canonical)


def number_index(keyring: Keyring, number: DocumentNumber) -> tuple[int, str]:
    """Return key version and index to look a number up by."""
    version = keyring.active_version(Purpose.INDEX)
    return version, number_indexes(keyring, number)[version]


def asked(keyring: Keyring, question: Question) -> Asked:
    """Return what a question is looked up and compared by.

    Raises KeyError where the key version was dropped between two calls, which takes minutes otherwise.
    """
    number = question.number
    version, index = number_index(keyring, number)
    # All of one version, by name: another one may become active between two calls.
    return Asked(
        version=version,
        index=index,
        name=_names(keyring, number, question.name)[version],
        mobile=None if question.mobile is None else _mobiles(keyring, number, question.mobile)[version],
    )


def index_rows(keyring: Keyring, entry_id: int, entry: Entry) -> list[dict[str, Any]]:
    """Return the entry's rows of `register_indexes`, one for each live key version."""
    names = [_names(keyring, entry.number, name) for name in entry.names]
    mobiles = [_mobiles(keyring, entry.number, mobile) for mobile in entry.mobiles]
    return [
        {
            "entry_id": entry_id,
            "key_version": version,
            "index": index,
            "names": "".join(each[version] for each in names),
            "mobiles": "".join(each[version] for each in mobiles),
            "is_deceased": entry.deceased_on is not None,
        }
        for version, index in number_indexes(keyring, entry.number).items()
    ]


def holds(digests: str, digest: str) -> bool:
    """Tell whether `digest` is among these; the time does not tell which."""
    each = [digests[place : place + _SIZE] for place in range(0, len(digests), _SIZE)]
    return sum(hmac.compare_digest(one, digest) for one in each) > 0


def _names(keyring: Keyring, number: DocumentNumber, name: str) -> Mapping[int, str]:
    return blind_index_pair(keyring, f"register name {number.type}", number.canonical, name_match_key(name))


def _mobiles(keyring: Keyring, number: DocumentNumber, mobile: str) -> Mapping[int, str]:
    return blind_index_pair(keyring, f"register mobile {number.type}", number.canonical, mobile)

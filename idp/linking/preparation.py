"""From the cells of a legacy file to rows that can be loaded: read, judged, digested and sealed, chunk by chunk.

This is the path that hundreds of millions of rows take, so it is written for its cost: what is as it should be is
known at sight, what is not goes to `row_numbers`, `row_names` and `row_facts`, and both come to the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import itemgetter

from idp.crypto.keyring import Keyring
from idp.linking.columns import Field
from idp.linking.contents import FIELD_NAMES, LegacyRow, encode_password, encode_values, seal_rows
from idp.linking.digests import Digests, name_mobile_text, pair_text
from idp.linking.row_facts import SEXES, STATE_WORDS, read_mobile, says_dead, speaks_against
from idp.linking.row_names import NameRead, is_plain, read_name
from idp.linking.row_numbers import MISSING_WORDS, NumberRead, plain_numbers, read_number, sex_digit
from idp.linking.vocabulary import HolderKind, NumberState, SourceState
from realname.documents.document_number import DocumentNumber, DocumentType, Sex
from realname.documents.names import name_match_key

#: The columns of a prepared row, in order.
COLUMNS = (
    "row_number",
    "ref_index",
    "content",
    "content_digest",
    "key_version",
    "login_index",
    "number_index",
    "pair_index",
    "name_mobile_index",
    "mobile_index",
    "number_state",
    "holder_kind",
    "source_state",
    "is_contradictory",
    "credential",
    "credential_digest",
)

_PERSON, _ORGANISATION, _TEST = map(str, HolderKind)
_ACTIVE, _DECEASED = str(SourceState.ACTIVE), str(SourceState.DECEASED)
_LONGEST_REFERENCE = 200


class RowProblem(StrEnum):
    """Why a row that could be read cannot be taken."""

    REFERENCE_MISSING = "reference_missing"  # the account has no name of its own
    REFERENCE_TOO_LONG = "reference_too_long"
    REPEATED = "repeated"  # the same account stands in the file once more, saying the same
    CONFLICTING = "conflicting"  # the same account, saying something else than before


PreparedRow = tuple[
    int,
    bytes,
    bytes,
    bytes,
    int,
    bytes | None,
    bytes | None,
    bytes | None,
    bytes | None,
    bytes | None,
    str,
    str,
    str,
    bool,
    bytes | None,
    bytes | None,
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chunk as it is loaded: rows in the order of `COLUMNS`, and which ones cannot be taken and why."""

    rows: list[PreparedRow] = field(repr=False)
    faults: list[tuple[int, str]]


class Preparation:
    """Prepares the rows of one batch; `places` says in which cell each field stands.

    `state_words` are the system's own words and codes for the state of an account; `holds_organisations` says that an
    organisation in its column is whose account it is. Digests are under the active key unless a version is named.
    """

    def __init__(
        self,
        *,
        keyring: Keyring,
        system_number: int,
        batch_number: int,
        places: Mapping[Field, int],
        width: int,
        today: date,
        holds_organisations: bool,
        state_words: Mapping[str, SourceState],
        key_version: int | None = None,
    ) -> None:
        digests = Digests(keyring=keyring, version=key_version)
        self._keyring = keyring
        self._batch_number = batch_number
        self._today = today
        self._holds_organisations = holds_organisations
        self._states = {**STATE_WORDS, **state_words}
        self._plain_numbers = plain_numbers(today)
        # A cell more, which is empty, stands for every field that the file has not.
        self._fields = itemgetter(*(places.get(Field(name), width) for name in FIELD_NAMES))
        self._password_at, self._salt_at = places.get(Field.PASSWORD), places.get(Field.SALT, width)
        self._digests = digests
        self._reference = digests.references(system_number)
        self._login = digests.logins(system_number)
        self._number = digests.numbers(DocumentType.RESIDENT_ID)
        self._pair = digests.pairs(DocumentType.RESIDENT_ID)
        self._mobile = digests.mobiles()
        self._name_mobile = digests.name_mobiles()
        self._content = digests.contents()
        self._credential = digests.credentials(system_number)

    def prepare(self, numbers: Sequence[int], rows: Sequence[Sequence[str]]) -> Prepared:
        """Return a chunk of rows, with the number that each has in its file, ready to be loaded."""
        taken: list[int] = []
        references: list[bytes] = []
        contents: list[bytes] = []
        judged: list[_Judged] = []
        passwords: list[tuple[str, str] | None] = []
        faults: list[tuple[int, str]] = []
        at = self._password_at
        for number, cells in zip(numbers, rows, strict=True):
            cells = (*cells, "")
            values = self._fields(cells)
            reference = values[0].strip()
            if not reference or len(reference) > _LONGEST_REFERENCE:
                fault = RowProblem.REFERENCE_TOO_LONG if reference else RowProblem.REFERENCE_MISSING
                faults.append((number, str(fault)))
                continue
            taken.append(number)
            references.append(self._reference(_bytes(reference)))
            contents.append(encode_values(values))
            judged.append(self._judge(values))
            passwords.append((cells[at], cells[self._salt_at]) if at is not None and cells[at] else None)
        return Prepared(self._seal(taken, references, contents, judged, passwords), faults)

    def digests_of(self, row: LegacyRow, stored_password: str | None) -> dict[str, bytes | int | None]:
        """Return every digest of a row that was kept, by its column: made anew under this preparation's key."""
        values = [getattr(row, name) for name in FIELD_NAMES]
        login, number, pair, name_mobile, mobile, *_ = self._judge(values)
        return {
            "ref_index": self._reference(_bytes(row.reference.strip())),
            "content_digest": self._content(encode_values(values)),
            "key_version": self._digests.version,
            "login_index": login,
            "number_index": number,
            "pair_index": pair,
            "name_mobile_index": name_mobile,
            "mobile_index": mobile,
            "credential_digest": None if stored_password is None else self._credential(_bytes(stored_password)),
        }

    def _seal(
        self,
        taken: list[int],
        references: list[bytes],
        contents: list[bytes],
        judged: "list[_Judged]",
        passwords: list[tuple[str, str] | None],
    ) -> list[PreparedRow]:
        version, digest = self._digests.version, self._content
        sealed = seal_rows(self._keyring, self._batch_number, "content", taken, contents)
        credentials, credential_digests = self._credentials(taken, passwords)
        columns = (taken, references, sealed, contents, judged, credentials, credential_digests)
        return [
            (number, reference, content, digest(plain), version, *rest, credential, credential_digest)
            for number, reference, content, plain, rest, credential, credential_digest in zip(*columns, strict=True)
        ]

    def _credentials(
        self, taken: list[int], passwords: list[tuple[str, str] | None]
    ) -> tuple[Sequence[bytes | None], Sequence[bytes | None]]:
        """Return the stored passwords sealed, and their digests."""
        if self._password_at is None:
            return [None] * len(taken), [None] * len(taken)
        own = [number for number, password in zip(taken, passwords, strict=True) if password is not None]
        plain = [encode_password(*password) for password in passwords if password is not None]
        sealed = iter(seal_rows(self._keyring, self._batch_number, "credential", own, plain))
        return (
            [None if password is None else next(sealed) for password in passwords],
            [None if password is None else self._credential(_bytes(password[0])) for password in passwords],
        )

    def _judge(self, values: Sequence[str]) -> "_Judged":
        """Return what is compared of a row, and what it says of its holder."""
        # In the order of `LegacyRow`.
        _, login, kind, number, name, _, mobile, _, birth, gender, _, organisation, status, _, _, code, dead, _ = values
        note: NameRead | None = None
        sex: Sex | None
        # Fifteen digits of what is said to be another document only look like a number.
        canonical = None if len(number) == 15 and kind else self._plain_numbers.canonical(number)
        if canonical is not None:
            read, born, sex = _PLAIN_NUMBER, canonical[6:14], sex_digit(canonical)
            number_of, pair_of, doubtful = self._number, self._pair, False
        else:
            read = read_number(number, kind, today=self._today)
            canonical, born, sex = _said_by(read.number)
            number_of, pair_of = self._of_kind(read.number)
            doubtful = read.is_doubtful
        if is_plain(name):
            key: str | None = name
        else:
            note = read_name(name)
            key = _usable(note, read.number)
            doubtful = doubtful or note.is_doubtful
        called = read_mobile(mobile)
        # What the row says of birth and sex beside the number itself; where they differ one of them is another's.
        if born and birth and birth != born and birth.replace("-", "") != born:
            doubtful = doubtful or speaks_against(birth, date(int(born[:4]), int(born[4:6]), int(born[6:])))
        if sex is not None and gender and not doubtful:
            doubtful = SEXES.get(gender, sex) is not sex
        return (
            self._login(_bytes(login)) if login else None,
            number_of(canonical.encode()) if canonical else None,
            pair_of(pair_text(canonical, key)) if canonical and key else None,
            self._name_mobile(name_mobile_text(key, called)) if key and called else None,
            self._mobile(called.encode()) if called else None,
            read.state,
            self._holder(note, organisation or code, read),
            _DECEASED if dead and says_dead(dead) else self._state(note, status),
            doubtful,
        )

    def _of_kind(self, number: DocumentNumber | None) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
        """Return what makes the digests of a number, and of its pair with a name."""
        if number is None or number.type is DocumentType.RESIDENT_ID:
            return self._number, self._pair
        return self._digests.numbers(number.type), self._digests.pairs(number.type)

    def _holder(self, note: NameRead | None, organisation: str, read: NumberRead) -> str:
        if self._holds_organisations and organisation and organisation.strip().lower() not in MISSING_WORDS:
            return _ORGANISATION
        if note is None:
            return _PERSON
        if note.is_organisation:
            return _ORGANISATION
        # The names of handbooks are names: they count as no one's only where the number is no one's either.
        made_up = note.is_test or (note.is_example and read.state is NumberState.PLACEHOLDER)
        return _TEST if made_up else _PERSON

    def _state(self, note: NameRead | None, status: str) -> str:
        if note is not None and note.is_deceased:
            return _DECEASED
        return str(self._states.get(status.strip().lower(), _ACTIVE)) if status else _ACTIVE


_Judged = tuple[bytes | None, bytes | None, bytes | None, bytes | None, bytes | None, NumberState | str, str, str, bool]
_PLAIN_NUMBER = NumberRead(NumberState.VALID)


def _said_by(number: DocumentNumber | None) -> tuple[str, str, Sex | None]:
    """Return a number in its canonical form with the birth date and the sex that it says; empty for none."""
    if number is None:
        return "", "", None
    born = "" if number.birth_date is None else f"{number.birth_date:%Y%m%d}"
    return number.canonical, born, number.sex


def _usable(note: NameRead, number: DocumentNumber | None) -> str | None:
    """Return the match key of a name that may decide something.

    Pinyin stands for many names; in Latin letters only foreigners are called so.
    """
    if note.name is None:
        return None
    is_foreigner = number is not None and number.type is DocumentType.FOREIGNER_PERMANENT_RESIDENCE
    return None if note.is_latin and not is_foreigner else name_match_key(note.name)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

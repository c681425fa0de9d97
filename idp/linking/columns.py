"""Which column of an older system's files is which field of an account: guessed once, corrected, saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from idp.linking.date_formats import PATTERNS


class Field(StrEnum):
    """What a column of a legacy account can be; the names of `contents.LegacyRow` and a few that lead to its values."""

    REFERENCE = "reference"
    LOGIN = "login"
    DOCUMENT_TYPE = "document_type"
    NUMBER = "number"
    NAME = "name"
    FORMER_NAME = "former_name"
    MOBILE = "mobile"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    GENDER = "gender"
    ADDRESS = "address"
    ORGANISATION = "organisation"
    ORGANISATION_CODE = "organisation_code"
    PASSWORD = "password"  # noqa: S105
    SALT = "salt"
    STATUS = "status"
    VERIFIED = "verified"
    DECEASED = "deceased"
    REGISTERED_AT = "registered_at"
    UPDATED_AT = "updated_at"
    LAST_LOGIN_AT = "last_login_at"


#: The fields whose values are days or instants.
DATES = frozenset({Field.BIRTH_DATE, Field.REGISTERED_AT, Field.UPDATED_AT, Field.LAST_LOGIN_AT})

#: Without one of these nobody is found by an account.
_TELLING = frozenset({Field.NUMBER, Field.NAME, Field.MOBILE})


class ColumnProblem(StrEnum):
    """Why columns cannot be used."""

    NO_REFERENCE = "no_reference"
    NOTHING_TELLING = "nothing_telling"  # neither number nor name nor mobile
    UNKNOWN_COLUMN = "unknown_column"  # the file does not have it
    COLUMN_TWICE = "column_twice"
    NO_DATE = "no_date"  # a format of dates for what is none, or one that nobody knows


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The column of each field by its name in the header, and how dates are written (`date_formats.PATTERNS`)."""

    columns: Mapping[Field, str]
    date_formats: Mapping[Field, str] = field(default_factory=lambda: MappingProxyType({}))

    def problems(self, header: Sequence[str]) -> tuple[ColumnProblem, ...]:
        """Return what is wrong with these columns for files of that header; nothing where they can be used."""
        found = []
        if Field.REFERENCE not in self.columns:
            found.append(ColumnProblem.NO_REFERENCE)
        if not _TELLING & self.columns.keys():
            found.append(ColumnProblem.NOTHING_TELLING)
        if not set(self.columns.values()) <= set(header):
            found.append(ColumnProblem.UNKNOWN_COLUMN)
        if len(set(self.columns.values())) < len(self.columns):
            found.append(ColumnProblem.COLUMN_TWICE)
        if not self.date_formats.keys() <= DATES & self.columns.keys() or not set(self.date_formats.values()) <= set(
            PATTERNS
        ):
            found.append(ColumnProblem.NO_DATE)
        return tuple(found)

    def places(self, header: Sequence[str]) -> Mapping[Field, int]:
        """Return the place of each field's cell in a row; raises ValueError for a column that is not there."""
        return {each: header.index(name) for each, name in self.columns.items()}

    def as_document(self) -> dict[str, Any]:
        """Return the form that is saved with the system."""
        return {"format": 1, "columns": dict(self.columns), "date_formats": dict(self.date_formats)}

    @classmethod
    def from_document(cls, document: object) -> "ColumnMap":
        """Return what `as_document` wrote; raises ValueError for anything else."""
        if not isinstance(document, dict) or document.get("format") != 1:
            raise ValueError("not a map of columns")
        return cls(_named(document.get("columns")), _named(document.get("date_formats")))


def _named(found: object) -> Mapping[Field, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("not a map of columns")
    return MappingProxyType({Field(key): value for key, value in found.items()})

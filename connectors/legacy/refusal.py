"""Why a file is not read at all."""

from enum import StrEnum

from idp.core.errors import ConnectorError


class SourceProblem(StrEnum):
    """Why a file is no source of accounts, or not the one that was agreed on."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    OLD_SPREADSHEET = "old_spreadsheet"  # .xls: to be saved as .xlsx or CSV
    ENCODING = "encoding"
    NO_ROWS = "no_rows"
    HEADER_DIFFERS = "header_differs"  # columns are missing, new, or in another order
    TOO_MANY_COLUMNS = "too_many_columns"
    LAYOUT = "layout"  # it lacks what this kind needs
    BROKEN = "broken"  # against the grammar of its format, or the file ends too early
    TABLE = "table"  # the dump does not have it
    LDIF_CHANGES = "ldif_changes"  # change records say what to do, not what is
    ARCHIVE_FILES = "archive_files"  # not exactly one file
    ARCHIVE_NESTED = "archive_nested"
    ARCHIVE_PATH = "archive_path"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    ARCHIVE_RATIO = "archive_ratio"  # unpacks to too many times its size
    ARCHIVE_SIZE = "archive_size"
    XML_DECLARATIONS = "xml_declarations"  # a document type, so entities
    STRINGS_SIZE = "strings_size"  # the spreadsheet's shared strings


class SourceRefused(ConnectorError):
    """The file, or the rest of it, cannot be read; `reason` is worded where somebody reads it."""

    def __init__(self, reason: SourceProblem) -> None:
        super().__init__(reason.value)
        self.reason = reason

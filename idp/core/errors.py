"""The project's error tree below the protocol errors."""

from enum import StrEnum


class IdpError(Exception):
    """Base of every error that this project raises on purpose."""

    #: True where the transaction that met the error commits all the same, because what it
    #: recorded before refusing (a failed try, a revocation, an audit row) must survive.
    keeps_records = False


class ConfigError(IdpError):
    """A setting is missing, unknown or unsafe; the text names the key and the remedy."""


class StoreUnavailable(IdpError):
    """The database or the short-lived store cannot be reached; the same request may be tried again."""


class LoginRefused(IdpError):
    """A person could not be let in; the page words `reason`, the audit keeps it."""

    keeps_records = True

    def __init__(self, reason: StrEnum, *, detail: str = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = detail


class PageError(IdpError):
    """The client or its redirect_uri cannot be trusted, so the person gets a page, never a redirect.

    RFC 6749 §4.1.2.1, RFC 9700 §4.11. `reason` is worded by the web floor; `detail` goes to the log.
    """

    def __init__(self, reason: StrEnum, *, detail: str = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = detail


class ConnectorError(IdpError):
    """An outside system answered wrongly or not at all."""

"""The one error of decryption, which tells nothing about key or content."""

from enum import StrEnum

from idp.core.errors import IdpError


class DecryptionFailure(StrEnum):
    """Why a ciphertext was refused; for the log, never for the one who sent it."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    NOT_AUTHENTIC = "not_authentic"


class DecryptionFailed(IdpError):
    """A ciphertext is malformed, of an unknown key, altered, or not in the place it was written for."""

    def __init__(self, reason: DecryptionFailure) -> None:
        super().__init__(f"decryption failed: {reason}")
        self.reason = reason

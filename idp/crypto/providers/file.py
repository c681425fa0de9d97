"""A key-encryption key in a file: 32 random bytes as base64url text, readable by its owner alone."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from idp.core.errors import ConfigError
from idp.core.hashing import decode_base64url, encode_base64url
from idp.crypto.ciphertext import parse
from idp.crypto.encoding import encode_fields
from idp.crypto.suites import INTERNATIONAL, SUITES, Suite
from idp.crypto.working_key import MATERIAL_SIZE, WorkingKey

_LABEL = "kek"
_VERSION = 1
_CHECK_SIZE = 16
_MAX_FILE_SIZE = 64


class FileKey:
    """A key-encryption key in memory; wraps under `suite`, unwraps what either suite wrapped."""

    __slots__ = ("_keys", "_suite")

    def __init__(self, *, material: bytes, suite: Suite = INTERNATIONAL) -> None:
        self._suite = suite
        self._keys = {
            each.code: WorkingKey(suite=each, label=_LABEL, version=_VERSION, material=material) for each in SUITES
        }

    @property
    def id(self) -> str:
        """Which key this is: `file.` and its check value."""
        return f"file.{self.check_value()}"

    def wrap(self, material: bytes, context: bytes) -> bytes:
        """Return the wrapped material, bound to `context`."""
        return self._keys[self._suite.code].encrypt(material, encode_fields("wrapped key", context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the material; raises DecryptionFailed for another key, another context or altered bytes."""
        parsed = parse(wrapped)
        return self._keys[parsed.suite.code].decrypt(parsed, encode_fields("wrapped key", context))

    def check_value(self) -> str:
        """Return 22 characters that only this key gives, whichever suite it wraps under."""
        mac = self._keys[INTERNATIONAL.code].mac(encode_fields("key check value"))
        return encode_base64url(mac[:_CHECK_SIZE])


def load_key_file(path: Path, *, suite: Suite = INTERNATIONAL) -> FileKey:
    """Return the key in the file; raises ConfigError when it is missing, exposed or damaged."""
    return FileKey(material=read_key_material(path), suite=suite)


def read_key_material(path: Path) -> bytes:
    """Return the 32 bytes in the file; raises ConfigError when it is missing, exposed or damaged."""
    return _decode(_read_private(path), path)


def create_key_file(path: Path) -> None:
    """Write a new random key to a file of mode 0600, whole or not at all.

    Raises ConfigError when the file exists (a key is never overwritten) or cannot be written.
    """
    text = encode_base64url(secrets.token_bytes(MATERIAL_SIZE)) + "\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            _write_private(draft, text.encode("ascii"))
            # A link fails when the name is taken, which a rename does not; and the file appears whole,
            # which a direct write does not give.
            os.link(draft, path)
            _sync_folder(path.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
    except FileExistsError:
        raise ConfigError(f"key file {path} exists already; use it, or move it away first") from None
    except OSError as error:
        raise ConfigError(f"key file {path} cannot be written: {error.strerror}; check the folder") from None


def _read_private(path: Path) -> bytes:
    try:
        # O_NONBLOCK: a pipe under this name must be refused, not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise ConfigError(f"key file {path} is missing; restore it, or create it with: idp keys init") from None
    except OSError as error:
        raise ConfigError(f"key file {path} cannot be read: {error.strerror}; check owner and folder") from None
    try:
        # The open file is asked, not the name, which could point elsewhere a moment later.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"key file {path} is not a regular file; name the file itself")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"key file {path} is open to other users; run: chmod 600 {path}")
        return os.read(descriptor, _MAX_FILE_SIZE + 1)
    finally:
        os.close(descriptor)


def _decode(content: bytes, path: Path) -> bytes:
    try:
        text = content.removesuffix(b"\n").decode("ascii")
        material = decode_base64url(text)
    except ValueError:
        material, text = b"", ""
    # Encoded again and compared, so that one key has one spelling.
    if len(material) != MATERIAL_SIZE or encode_base64url(material) != text:
        raise ConfigError(f"key file {path} does not hold 32 bytes as base64url text; restore it from its backup")
    return material


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The key file is made whole and private, and refused with a remedy when it is not."""

import os
from pathlib import Path

import pytest

from idp.core.errors import ConfigError
from idp.core.hashing import encode_base64url
from idp.crypto.providers.file import create_key_file, load_key_file
from idp.crypto.suites import NATIONAL

GOOD = encode_base64url(b"\xfb" * 32)


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_created_file_is_private_and_loads(tmp_path: Path) -> None:
    """A created file has mode 0600, holds a new key, and nothing else is left in the folder."""
    path = tmp_path / "kek"
    old_mask = os.umask(0)
    try:
        create_key_file(path)
    finally:
        os.umask(old_mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    first, second = load_key_file(path), load_key_file(path, suite=NATIONAL)
    assert second.unwrap(first.wrap(b"material", b"c"), b"c") == b"material"
    create_key_file(tmp_path / "other")
    assert load_key_file(tmp_path / "other").check_value() != first.check_value()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """An existing file, or a dangling link of that name, stays as it is."""
    path = write(tmp_path / "kek", b"anything")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for taken in (path, tmp_path / "link"):
        with pytest.raises(ConfigError, match="exists already"):
            create_key_file(taken)
    assert path.read_bytes() == b"anything"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["kek", "link"]


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    """Where the folder is missing the error names the file and the reason."""
    with pytest.raises(ConfigError, match="cannot be written: No such file"):
        create_key_file(tmp_path / "missing" / "kek")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_files_open_to_others_are_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is refused, with the command that removes it."""
    with pytest.raises(ConfigError, match="chmod 600"):
        load_key_file(write(tmp_path / "kek", GOOD.encode(), mode))


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_private_files_are_accepted(tmp_path: Path, mode: int, end: bytes) -> None:
    """Owner-only files load, with or without the final newline, also through a mounted link."""
    path = write(tmp_path / "kek", GOOD.encode() + end, mode)
    (tmp_path / "link").symlink_to(path)
    assert load_key_file(tmp_path / "link").check_value() == load_key_file(path).check_value()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        GOOD[:-1].encode(),
        GOOD.encode() + b"A",
        GOOD.encode() + b"=",
        GOOD.encode() + b"\n\n",
        GOOD.encode() + b"\r\n",
        b" " + GOOD.encode(),
        GOOD.replace("-", "+").encode(),
        GOOD[:-1].encode() + b"t",  # the same bytes but for bits that base64 drops
        b"\xfb" * 32,
        encode_base64url(bytes(31)).encode(),
        encode_base64url(bytes(33)).encode(),
        encode_base64url(bytes(5000)).encode(),
        "错".encode() * 14,
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """Anything but 32 bytes in their one spelling is refused, and the content is not shown."""
    with pytest.raises(ConfigError, match="32 bytes") as caught:
        load_key_file(write(tmp_path / "kek", content))
    assert GOOD[:20] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    """A missing file is not silently replaced by a new key."""
    with pytest.raises(ConfigError, match=r"is missing.*idp keys init"):
        load_key_file(tmp_path / "kek")
    assert list(tmp_path.iterdir()) == []


def test_other_things_than_files_are_refused(tmp_path: Path) -> None:
    """A folder or a pipe is refused, and a pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, text in [
        (tmp_path, "not a regular file"),
        (tmp_path / "pipe", "not a regular file"),
        (tmp_path / "loop", "cannot be read"),
    ]:
        with pytest.raises(ConfigError, match=text):
            load_key_file(path)

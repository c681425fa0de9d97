"""The sealing key and the list of public keys."""

import os
from pathlib import Path

import pytest

from idp.audit.seal_key import create_seal_key, load_public_keys, load_seal_key, public_file, publish_seal_key
from idp.core.errors import ConfigError
from idp.crypto.suites import INTERNATIONAL, NATIONAL


def test_a_signature_verifies_by_the_listed_key(tmp_path: Path) -> None:
    """What the private key signed, its listed public key verifies, and nothing else."""
    path = tmp_path / "seal.key"
    create_seal_key(path, INTERNATIONAL)
    key = load_seal_key(path, INTERNATIONAL)
    listed = load_public_keys(public_file(path))[key.public.key_id]
    signature = key.sign(b"statement")
    assert listed.verifies(b"statement", signature)
    assert not listed.verifies(b"another", signature)
    assert not listed.verifies(b"statement", "not base64!")
    assert os.stat(path).st_mode & 0o077 == 0


def test_earlier_keys_stay_listed(tmp_path: Path) -> None:
    """A new key is added to the list of those that verify earlier seals; one that is listed is not added again."""
    path = tmp_path / "seal.key"
    create_seal_key(path, INTERNATIONAL)
    first = load_seal_key(path, INTERNATIONAL)
    publish_seal_key(path, first)
    path.unlink()
    create_seal_key(path, NATIONAL)
    second = load_seal_key(path, NATIONAL)
    assert list(load_public_keys(public_file(path))) == [first.public.key_id, second.public.key_id]


def test_a_key_listed_under_another_name_is_not_taken(tmp_path: Path) -> None:
    """An id must be its key's own, so no key can take over another's seals."""
    path = tmp_path / "seal.key"
    create_seal_key(path, INTERNATIONAL)
    key_id = load_seal_key(path, INTERNATIONAL).public.key_id
    listed = public_file(path)
    listed.write_text(listed.read_text().replace(key_id, "A" * len(key_id)))
    assert load_public_keys(listed) == {}


@pytest.mark.parametrize("content", [None, "not json\n", '{"key_id": "x"}\n', '["x"]\n'])
def test_an_unreadable_list_is_refused(tmp_path: Path, content: str | None) -> None:
    """A list that is missing or damaged is named, never taken for an empty one."""
    path = tmp_path / "seal.pub"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match="audit keys"):
        load_public_keys(path)


def test_a_missing_private_key_is_refused(tmp_path: Path) -> None:
    """A host without the key cannot seal, and says so."""
    with pytest.raises(ConfigError, match="missing"):
        load_seal_key(tmp_path / "seal.key", INTERNATIONAL)

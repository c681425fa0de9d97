"""The store over its backends: kinds apart, values sealed, handles hashed, old epochs void."""

from typing import Any

import pytest

from idp.core.hashing import hash_secret
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from idp.storage.short_lived.backend import Backend, Epoch
from idp.storage.short_lived.store import Kind, ShortLivedStore
from tests.contract.short_lived.conftest import Subject

HANDLE = "handle-of-somebody"
DOCUMENT: dict[str, Any] = {"person": "somebody", "name": "张小明", "list": [1, None, {"a": True}]}


@pytest.fixture
def store(backend: Backend, keyring: Keyring) -> ShortLivedStore:
    return ShortLivedStore(backend=backend, keyring=keyring)


def test_a_document_is_parked_read_changed_and_taken(store: ShortLivedStore) -> None:
    """What was parked comes back equal, until it is taken."""
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    assert store.get(Kind.INTERACTION, HANDLE) == DOCUMENT
    changed = {**DOCUMENT, "step": 2}
    assert store.update(Kind.INTERACTION, HANDLE, DOCUMENT, changed) is True
    assert store.update(Kind.INTERACTION, HANDLE, DOCUMENT, {}) is False
    assert store.take(Kind.INTERACTION, HANDLE) == changed
    assert store.take(Kind.INTERACTION, HANDLE) is None
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    store.delete(Kind.INTERACTION, HANDLE)
    assert store.get(Kind.INTERACTION, HANDLE) is None


def test_kinds_never_mix(store: ShortLivedStore) -> None:
    """A handle of one kind is nothing under any other, for any call."""
    store.put(Kind.PARKED_REQUEST, HANDLE, DOCUMENT, seconds=60)
    for kind in set(Kind) - {Kind.PARKED_REQUEST}:
        assert store.get(kind, HANDLE) is None
        assert store.take(kind, HANDLE) is None
        assert store.update(kind, HANDLE, DOCUMENT, {}) is False
        assert store.add_once(kind, HANDLE, seconds=60) is True
        store.delete(kind, HANDLE)
        assert store.increment(kind, HANDLE, seconds=60) == 1
        store.delete(kind, HANDLE)
    assert store.get(Kind.PARKED_REQUEST, HANDLE) == DOCUMENT


def test_the_backend_sees_neither_handles_nor_values(store: ShortLivedStore, subject: Subject) -> None:
    """Whoever reads the backend's bytes learns no handle, and nothing that is parked."""
    store.put(Kind.AUTHORIZATION_CODE, HANDLE, DOCUMENT, seconds=60)
    store.add_once(Kind.ASSERTION_JTI, HANDLE, seconds=60)
    store.increment(Kind.LIMIT, HANDLE, seconds=60)
    raw = subject.raw()
    assert hash_secret(HANDLE).encode() in raw
    for secret in (HANDLE, "somebody", "张小明", "person"):
        assert secret.encode() not in raw


def test_a_value_fits_only_its_own_handle(store: ShortLivedStore, backend: Backend) -> None:
    """Sealed bytes that are moved to another key open nothing."""
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    sealed = backend.get(f"interaction:{hash_secret(HANDLE)}")
    assert sealed is not None
    backend.put(f"code:{hash_secret(HANDLE)}", sealed, 60)
    backend.put(f"interaction:{hash_secret('other')}", sealed, 60)
    assert store.get(Kind.AUTHORIZATION_CODE, HANDLE) is None
    assert store.get(Kind.INTERACTION, "other") is None


@pytest.mark.parametrize("damage", [b"", b"1", b"{}", b"\x00" * 80])
def test_what_was_not_sealed_here_is_nothing(store: ShortLivedStore, backend: Backend, damage: bytes) -> None:
    """Bytes that somebody else wrote are an unknown handle, not an error."""
    backend.put(f"interaction:{hash_secret(HANDLE)}", damage, 60)
    assert store.get(Kind.INTERACTION, HANDLE) is None
    assert store.update(Kind.INTERACTION, HANDLE, DOCUMENT, {}) is False
    assert store.take(Kind.INTERACTION, HANDLE) is None


def test_another_key_opens_nothing(store: ShortLivedStore, backend: Backend) -> None:
    """A value sealed under a key that this process has not is an unknown handle."""
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    stranger = Keyring([generate_data_key(Purpose.MESSAGE, 1, suite_by_name("international"), KeyState.ACTIVE)])
    assert ShortLivedStore(backend=backend, keyring=stranger).get(Kind.INTERACTION, HANDLE) is None


class _Restored:
    """A backend whose epoch the test turns over, as a restart with an old snapshot does."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.name = "first"

    def epoch(self, key: str) -> Epoch:
        return Epoch(self.name, self._inner.epoch(key).since)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_what_another_epoch_parked_is_void(backend: Backend, keyring: Keyring) -> None:
    """A snapshot that brings a used handle back makes it no more useful than a lost one."""
    restored = _Restored(backend)
    store = ShortLivedStore(backend=restored, keyring=keyring)
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    restored.name = "second"
    assert store.get(Kind.INTERACTION, HANDLE) is None
    assert store.update(Kind.INTERACTION, HANDLE, DOCUMENT, {}) is False
    assert store.take(Kind.INTERACTION, HANDLE) is None
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    assert store.take(Kind.INTERACTION, HANDLE) == DOCUMENT


def test_what_is_parked_while_the_store_restarts_is_good(backend: Backend, keyring: Keyring) -> None:
    """Sealed before the restart was noticed, it is parked again for the new epoch."""
    restored = _Restored(backend)
    put = backend.put

    def restart_first(key: str, value: bytes, seconds: int) -> None:
        restored.name = "second"
        put(key, value, seconds)

    restored.put = restart_first  # type: ignore[attr-defined]
    store = ShortLivedStore(backend=restored, keyring=keyring)
    store.put(Kind.INTERACTION, HANDLE, DOCUMENT, seconds=60)
    assert store.get(Kind.INTERACTION, HANDLE) == DOCUMENT

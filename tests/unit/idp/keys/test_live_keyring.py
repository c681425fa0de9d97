"""The keyring of a running process follows the database, and never uses keys that are past their lease."""

import threading

import pytest

from idp.core.errors import ConfigError, StoreUnavailable
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import INTERNATIONAL
from idp.keys.live import LiveKeyring
from idp.keys.store import LoadedKeys

RELOAD = 30.0


class Source:
    """Keys that a test exchanges, and that may be out of reach."""

    def __init__(self) -> None:
        self.version = 1
        self.problem: Exception | None = None
        self.loads = 0
        self.looks = 0

    def load(self) -> LoadedKeys:
        if self.problem is not None:
            raise self.problem
        self.loads += 1
        keys = [generate_data_key(purpose, self.version, INTERNATIONAL, KeyState.ACTIVE) for purpose in Purpose]
        return LoadedKeys(str(self.version), Keyring(keys))

    def fingerprint(self) -> str:
        self.looks += 1
        if self.problem is not None:
            raise self.problem
        return str(self.version)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def time() -> list[float]:
    """The present moment of the keyring's clock, to be changed."""
    return [1000.0]


@pytest.fixture
def keyring(source: Source, time: list[float]) -> LiveKeyring:
    return LiveKeyring(source=source, reload_seconds=RELOAD, monotonic=lambda: time[0])


def test_new_keys_are_noticed_after_their_time(keyring: LiveKeyring, source: Source, time: list[float]) -> None:
    """Every method works with the new keys once the time is over, and with the old ones before."""
    source.version = 2
    time[0] += RELOAD - 1
    assert keyring.active_version(Purpose.DATA) == 1 and source.looks == 0
    time[0] += 1
    assert keyring.active_version(Purpose.DATA) == 2 and keyring.versions(Purpose.INDEX) == (2,)
    assert keyring.fingerprint == "2"


def test_unchanged_keys_are_not_loaded_again(keyring: LiveKeyring, source: Source, time: list[float]) -> None:
    """Looking is one small question; nothing is unwrapped for it."""
    for _ in range(3):
        time[0] += RELOAD
        keyring.mac(Purpose.DIGEST, b"x")
    assert source.looks == 3 and source.loads == 1


@pytest.mark.parametrize("problem", [StoreUnavailable("away"), ConfigError("of another key")])
def test_keys_that_cannot_be_looked_after_serve_until_their_lease_ends(
    keyring: LiveKeyring, source: Source, time: list[float], problem: Exception
) -> None:
    """A short outage is bridged; past the lease nothing is encrypted, decrypted or indexed any more."""
    source.problem = problem
    time[0] += 2 * RELOAD - 1
    assert keyring.active_version(Purpose.DATA) == 1
    time[0] += 1
    for use in (
        lambda: keyring.mac(Purpose.DIGEST, b"x"),
        lambda: keyring.versions(Purpose.DATA),
        lambda: keyring.decrypt(Purpose.DATA, b"\x01\x01\x06data.1" + bytes(40), None),  # type: ignore[arg-type]
        lambda: keyring.derive(Purpose.SESSION_COOKIE, "x"),
        lambda: keyring.fingerprint,
    ):
        with pytest.raises(StoreUnavailable):
            use()
    source.problem, source.version = None, 2
    assert keyring.active_version(Purpose.DATA) == 2


def test_an_outage_is_not_asked_about_all_the_time(keyring: LiveKeyring, source: Source, time: list[float]) -> None:
    """While the store is away a process asks about once a second, not at every use of a key."""
    source.problem = StoreUnavailable("away")
    time[0] += RELOAD
    for _ in range(100):
        keyring.mac(Purpose.DIGEST, b"x")
    assert source.looks == 1


def test_one_thread_looks_while_the_others_go_on(source: Source, time: list[float]) -> None:
    """A look that takes long holds nobody up within the lease."""
    keyring = LiveKeyring(source=source, reload_seconds=RELOAD, monotonic=lambda: time[0])
    looking, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        looking.set()
        assert go_on.wait(30)
        return "1"

    source.fingerprint = slow  # type: ignore[method-assign]
    time[0] += RELOAD
    looker = threading.Thread(target=lambda: keyring.mac(Purpose.DIGEST, b"x"))
    looker.start()
    assert looking.wait(30)
    assert keyring.active_version(Purpose.DATA) == 1
    go_on.set()
    looker.join()

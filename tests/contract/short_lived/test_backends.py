"""What every backend of the short-lived store promises, call by call."""

import pytest

from idp.storage.short_lived.backend import Backend
from tests.contract.short_lived.conftest import Subject

VALUES = [b"plain", b"", bytes(range(256)), b"\x00\xff\r\n$5\r\n", "值".encode(), b"x" * 200_000]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_any_bytes_come_back_as_they_were(backend: Backend, value: bytes) -> None:
    """Binary, empty and long values survive put, get, update and take unchanged."""
    backend.put("a", value, 60)
    assert backend.get("a") == value
    assert backend.update("a", value, value + b"!") and backend.get("a") == value + b"!"
    assert backend.take("a") == value + b"!"


@pytest.mark.parametrize("key", ["plain", "interaction:a-b_c", "空格 und\n'quotes'\"%s*?[]", "x" * 500])
def test_any_key_names_one_entry(backend: Backend, key: str) -> None:
    """A key is a name, never a pattern or a part of a statement."""
    backend.put("other", b"other", 60)
    backend.put(key, b"mine", 60)
    assert (backend.get(key), backend.take(key), backend.get(key)) == (b"mine", b"mine", None)
    assert backend.get("other") == b"other"


def test_put_replaces_and_begins_a_new_life(subject: Subject) -> None:
    """The later value counts, for its own time."""
    subject.backend.put("a", b"first", 10)
    subject.let_pass(6)
    subject.backend.put("a", b"second", 10)
    subject.let_pass(6)
    assert subject.backend.get("a") == b"second"


def test_what_was_never_put_is_not_there(backend: Backend) -> None:
    """Absence is None and False, and no error."""
    assert backend.get("a") is None and backend.take("a") is None
    assert backend.update("a", b"", b"x") is False
    backend.delete("a")
    assert backend.get("a") is None


def test_an_expired_entry_is_gone_for_every_call(subject: Subject) -> None:
    """After its life an entry can neither be read, taken nor changed, and its place is free again."""
    backend = subject.backend
    for key in ("get", "take", "update", "add", "count"):
        backend.put(key, b"1", 10)
    subject.let_pass(9)
    assert backend.get("get") == b"1"
    subject.let_pass(2)
    assert backend.get("get") is None
    assert backend.take("take") is None
    assert backend.update("update", b"1", b"2") is False
    assert backend.get("update") is None
    assert backend.add_once("add", b"new", 10) is True
    assert backend.increment("count", 10) == 1


def test_take_gives_once(backend: Backend) -> None:
    """What was taken is gone, also for a second look."""
    backend.put("a", b"code", 60)
    assert [backend.take("a"), backend.take("a"), backend.get("a")] == [b"code", None, None]


def test_update_changes_only_what_was_expected(backend: Backend) -> None:
    """Of two changes that started from the same value, the later is refused."""
    backend.put("a", b"one", 60)
    assert backend.update("a", b"one", b"two") is True
    assert backend.update("a", b"one", b"three") is False
    assert backend.get("a") == b"two"


def test_update_keeps_the_remaining_life(subject: Subject) -> None:
    """A change does not make an entry live longer."""
    subject.backend.put("a", b"one", 10)
    subject.let_pass(6)
    assert subject.backend.update("a", b"one", b"two")
    assert subject.backend.get("a") == b"two"
    subject.let_pass(6)
    assert subject.backend.get("a") is None


def test_add_once_remembers_for_its_life(subject: Subject) -> None:
    """The second is refused until the first one's life is over, and leaves it as it was."""
    backend = subject.backend
    assert backend.add_once("jti", b"first", 10) is True
    assert backend.add_once("jti", b"second", 99) is False
    assert backend.get("jti") == b"first"
    subject.let_pass(11)
    assert backend.add_once("jti", b"third", 10) is True


def test_add_once_after_delete_or_take_is_the_first_again(backend: Backend) -> None:
    """Only what lives stands in the way."""
    for forget in (backend.delete, backend.take):
        assert backend.add_once("a", b"1", 60) is True
        forget("a")
        assert backend.add_once("a", b"1", 60) is True
        backend.delete("a")


def test_increment_counts_within_a_window_of_its_first_use(subject: Subject) -> None:
    """The window starts with the first count and is not stretched by later ones."""
    backend = subject.backend
    assert [backend.increment("n", 10) for _ in range(3)] == [1, 2, 3]
    assert backend.increment("other", 10) == 1
    subject.let_pass(6)
    assert backend.increment("n", 10) == 4
    subject.let_pass(6)
    assert backend.increment("n", 10) == 1


def test_epoch_stays_while_nothing_is_lost(subject: Subject) -> None:
    """An undisturbed store stays in one epoch, that began when it did."""
    first = subject.backend.epoch("a")
    subject.let_pass(100)
    subject.backend.put("a", b"1", 60)
    subject.backend.add_once("b", b"1", 60)
    assert subject.backend.epoch("a") == first
    assert first.since < subject.clock.now()


def test_ping_answers(backend: Backend) -> None:
    """A backend that can be reached says nothing."""
    backend.ping()

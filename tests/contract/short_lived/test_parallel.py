"""Of many callers at the same instant exactly one wins: threads of one process, and of two."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from idp.storage.short_lived.backend import Backend
from tests.contract.short_lived.conftest import Subject
from tests.contract.short_lived.taker import race
from tests.support.tools import CHECKOUT

THREADS = 4
ROUNDS = 20


def _park(backend: Backend, number: int) -> None:
    backend.put(f"take {number}", b"code", 60)
    backend.put(f"update {number}", b"old", 60)


def _check(told: dict[str, list[object]], callers: int) -> None:
    assert sorted(told["take"], key=str) == [""] * (callers - 1) + ["code"]
    assert sorted(told["add"], key=str) == [False] * (callers - 1) + [True]
    assert sorted(told["update"], key=str) == [False] * (callers - 1) + [True]
    assert sorted(told["count"], key=int) == list(range(1, callers + 1))  # type: ignore[call-overload]


def test_threads_of_one_process(backend: Backend) -> None:
    """take, add_once and update have one winner, and no increment is lost."""
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            _park(backend, number)
            _check(race(pool, backend, THREADS, number), THREADS)


@pytest.mark.parametrize("subject", ["sql", "redis", "sentinel", "cluster"], indirect=True)
def test_threads_of_two_processes(subject: Subject) -> None:
    """The same between two processes on the same store, as two web workers are."""
    assert subject.arguments is not None
    with _taker(subject.arguments) as one, _taker(subject.arguments) as two:
        for number in range(ROUNDS):
            _park(subject.backend, number)
            both = (one, two)
            for process in both:
                assert process.stdin
                process.stdin.write(f"{number}\n")
                process.stdin.flush()
            told = [json.loads(process.stdout.readline()) for process in both if process.stdout]
            _check({name: told[0][name] + told[1][name] for name in told[0]}, 2 * THREADS)


@contextmanager
def _taker(arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.contract.short_lived.taker", str(THREADS), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
        assert process.stdin and process.stdout
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.stdin.close()
            process.wait(20)

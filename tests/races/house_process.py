"""A process with a house of its own on given stores, that makes requests at the very instant others do."""

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from idp.app import create_app
from idp.config.settings import Settings
from idp.house.build import House, build_house
from tests.support.frozen_clock import FrozenClock
from tests.support.slow_machine import be_patient

PROCESSES = 2
THREADS = 4
#: How many requests start together.
RACERS = PROCESSES * THREADS
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    path: str
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    location: str
    body: dict[str, Any]
    text: str = field(repr=False)


class HouseProcesses:
    """Two processes, each as a web worker is: its own house, pool and application."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._barrier = context.Barrier(RACERS)  # kept: the children open it by name when they start
        self._pipes: list[Connection[Any, Any]] = []
        self._processes: list[BaseProcess] = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._barrier), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def open(self, settings: Settings) -> None:
        """Build the houses."""
        self._tell(*[settings] * PROCESSES)

    def close_houses(self) -> None:
        """Give their connections back."""
        self._tell(*[None] * PROCESSES)

    def race(self, calls: Sequence[Call], *, at: datetime) -> list[Answer]:
        """Start all calls together, spread over both processes, and return their answers."""
        assert len(calls) == RACERS
        answers: list[Answer] = self._tell(*[(at, calls[number::PROCESSES]) for number in range(PROCESSES)])
        return answers

    def end(self) -> None:
        """End the processes."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(_PATIENCE_SECONDS)

    def _tell(self, *messages: object) -> list[Any]:
        for pipe, message in zip(self._pipes, messages, strict=True):
            pipe.send(message)
        answers: list[Any] = []
        for pipe in self._pipes:
            assert pipe.poll(_PATIENCE_SECONDS), "a process of the race does not answer"
            answers += pipe.recv()
        return answers


def _serve(pipe: Connection, barrier: Barrier) -> None:
    be_patient(in_races=True)
    clock = FrozenClock()
    built: tuple[House, Flask] | None = None
    with ThreadPoolExecutor(THREADS) as pool:
        while True:
            try:
                message = pipe.recv()
            except EOFError:
                return
            if isinstance(message, Settings):
                house = build_house(message, clock=clock)
                built = house, create_app(house)
                pipe.send([])
            elif message is None:
                if built is not None:
                    built[0].close()
                pipe.send([])
            else:
                clock.instant, calls = message
                assert built is not None
                futures = [pool.submit(_make, built[1], call, barrier) for call in calls]
                pipe.send([future.result() for future in futures])


def _make(app: Flask, call: Call, barrier: Barrier) -> Answer:
    client = app.test_client(use_cookies=False)
    barrier.wait(_PATIENCE_SECONDS)
    method = "GET" if call.form is None and call.json is None else "POST"
    content_type = None if call.json is None else "application/json"
    data = call.form if call.json is None else call.json
    response = client.open(call.path, method=method, data=data, headers=dict(call.headers), content_type=content_type)
    body = response.get_json() if response.is_json else {}
    return Answer(response.status_code, response.headers.get("Location", ""), body, response.get_data(as_text=True))

"""One connection's walk through a flow: which request comes next, and whether its answer is the right one."""

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bench.wire import Answer

_NAME = re.compile(r"\{([a-z_]+)\}")
_SAMPLE_LENGTH = 300

Variables = dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a flow; `{name}` in its texts is replaced by the account's variable of that name.

    A good answer has one of `statuses`, holds `must`, and gives each of `captures` (variable: place and
    pattern); `books` names what the provider must have written down when it answered.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""
    statuses: tuple[int, ...] = (200,)
    must: str = ""
    captures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    books: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return the step as JSON takes it."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Step":
        """Return the step that `as_document` gave, before or after JSON."""
        captures = {name: (where, pattern) for name, (where, pattern) in document["captures"].items()}
        return cls(**{**document, "statuses": tuple(document["statuses"]), "captures": captures})


@dataclass(slots=True)
class Tally:
    """What was counted: whole flows, bad answers, and what the provider acknowledged or left unanswered."""

    flows: int = 0
    requests: int = 0
    bad: int = 0
    sample: str = ""
    latencies: list[float] = field(default_factory=list)
    acknowledged: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)


class Walker:
    """Walks the steps again and again, each time for the next of its accounts."""

    def __init__(self, steps: list[Step], accounts: list[Variables]) -> None:
        self.accounts = accounts
        self.tally = Tally()
        self._steps = steps
        self._patterns = [
            {name: (where, re.compile(pattern)) for name, (where, pattern) in step.captures.items()} for step in steps
        ]
        self._unique = secrets.token_hex(6)
        self._begun = 0
        self._step = 0
        self._started_at = 0.0

    @property
    def is_between_flows(self) -> bool:
        """True where nothing is under way."""
        return self._step == 0

    @property
    def passes(self) -> int:
        """How often every account has had its turn, whole passes."""
        return self._begun // len(self.accounts)

    def next_request(self, now: float) -> bytes:
        """Return the next request; a flow begins with the next account."""
        if self._step == 0:
            self._started_at = now
            self._account["unique"] = f"{self._unique}{self._begun:x}"
        step = self._steps[self._step]
        body = self._fill(step.body).encode()
        lines = [f"{step.method} {self._fill(step.path)} HTTP/1.1"]
        lines += [f"{name}: {self._fill(value)}" for name, value in step.headers.items()]
        if body or step.method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def take(self, answer: Answer, now: float) -> None:
        """Judge an answer and go on."""
        step = self._steps[self._step]
        self.tally.requests += 1
        if answer.status in step.statuses and step.books:
            self.tally.acknowledged[step.books] += 1
        if not self._is_good(step, answer):
            self.tally.bad += 1
            self.tally.sample = self.tally.sample or _sample(step, answer)
            self._begin_next()
        elif self._step + 1 < len(self._steps):
            self._step += 1
        else:
            self.tally.flows += 1
            self.tally.latencies.append(now - self._started_at)
            self._begin_next()

    def lose(self, why: str) -> None:
        """Note that a request was sent and no answer came."""
        step = self._steps[self._step]
        self.tally.bad += 1
        self.tally.sample = self.tally.sample or f"{step.method} {step.path.partition('?')[0]}: {why}"
        if step.books:
            self.tally.unanswered[step.books] += 1
        self._begin_next()

    @property
    def _account(self) -> Variables:
        return self.accounts[self._begun % len(self.accounts)]

    def _begin_next(self) -> None:
        self._begun += 1
        self._step = 0

    def _fill(self, text: str) -> str:
        return _NAME.sub(lambda match: self._account[match[1]], text) if "{" in text else text

    def _is_good(self, step: Step, answer: Answer) -> bool:
        if answer.status not in step.statuses or step.must.encode() not in answer.body:
            return False
        for name, (where, pattern) in self._patterns[self._step].items():
            text = answer.header("location") if where == "location" else answer.body.decode("utf-8", "replace")
            found = pattern.search(text)
            if found is None:
                return False
            # Codes and tokens go into forms next.
            self._account[name] = quote(found[1], safe="") if where == "body" else found[1]
        return True


def _sample(step: Step, answer: Answer) -> str:
    text = answer.header("location") or answer.body.decode("utf-8", "replace")
    return f"{step.method} {step.path.partition('?')[0]}: status {answer.status} {text[:_SAMPLE_LENGTH]}"

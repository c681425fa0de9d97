"""What every application of this process compiles alike, compiled once: templates, and the builders of addresses.

A server does this once in its life. The tests make an application a thousand times, and compiling would take
a quarter of a run.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Templates(BytecodeCache):
    """The templates' code; a bucket's key names the file, and its checksum the content."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def _kept_builders(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method of a rule that keeps its results; they get the rule as an argument, and keep nothing of it."""
    kept: dict[Any, Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return builder


@pytest.fixture(scope="session", autouse=True)
def _warm_apps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _Templates()})
        patch.setattr(Rule, "_compile_builder", _kept_builders(Rule._compile_builder))
        yield

"""What every application of this process compiles alike, compiled once: templates, and the rules of addresses.

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


def _compiling_once(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Return the method of a rule that keeps its results; they are read only, and know nothing of the rule."""
    kept: dict[Any, Any] = {}

    def compiled(rule: Rule) -> None:
        if rule.defaults:
            return compile_rule(rule)
        converters = frozenset(rule.map.converters.items())
        key = (rule.rule, rule.subdomain, rule.host, rule.map.host_matching, rule.merge_slashes, converters)
        if key not in kept:
            compile_rule(rule)
            builders = (rule._build.__func__, rule._build_unknown.__func__)  # type: ignore[attr-defined]
            kept[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments), builders)
        rule._parts, rule._trace, rule._converters, arguments, builders = kept[key]
        rule.arguments |= arguments
        rule._build, rule._build_unknown = (builder.__get__(rule, None) for builder in builders)
        return None

    return compiled


@pytest.fixture(scope="session", autouse=True)
def _warm_apps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _Templates()})
        patch.setattr(Rule, "compile", _compiling_once(Rule.compile))
        yield

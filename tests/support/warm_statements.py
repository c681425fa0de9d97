"""Statements that every database of this process compiles alike, compiled once.

A server has one engine and compiles each statement once in its life; the tests open an engine or two for each test,
and compiling for every one of them would take a seventh of a run.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.sql.elements import ClauseElement


def _compiling_once(compile_statement: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method of a statement that keeps what it compiled for all engines, not for one.

    A key of SQLAlchemy's cache names the dialect, which is an engine's own: here the first of its kind stands for all.
    """
    kept: dict[Any, Any] = {}
    dialects: dict[Any, Dialect] = {}

    def compiled(statement: ClauseElement, dialect: Dialect, *, compiled_cache: Any, **options: Any) -> Any:
        if compiled_cache is not None:  # None: this statement is not to be kept
            dialect = dialects.setdefault((type(dialect), dialect.server_version_info), dialect)
            compiled_cache = kept
        return compile_statement(statement, dialect, compiled_cache=compiled_cache, **options)

    return compiled


@pytest.fixture(scope="session", autouse=True)
def _warm_statements() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClauseElement, "_compile_w_cache", _compiling_once(ClauseElement._compile_w_cache))
        yield

"""The account at the end of a run: which servers were used, what was left out, and why.

With IDP_TEST_STRICT=1 a test that was left out counts as a failure of the run.
"""

import os
from collections import defaultdict
from typing import Any

import pytest

from tests.support.run_folder import notes_of, run_folder_of
from tests.support.tools import presence, tool_of

ENVIRONMENT = "IDP_TEST_STRICT"


def is_strict() -> bool:
    """Tell whether leaving tests out is forbidden in this run."""
    return os.environ.get(ENVIRONMENT, "") not in ("", "0")


def left_out(reporter: Any) -> list[tuple[str, str]]:
    """Return each test that was left out, with the reason."""
    found = []
    for report in reporter.stats.get("skipped", []) if reporter else []:
        longrepr = report.longrepr
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        found.append((report.nodeid, reason.removeprefix("Skipped: ")))
    return sorted(found)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a strict run, fail where a test was left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if is_strict() and left_out(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the account."""
    skipped = left_out(terminalreporter)
    terminalreporter.section("servers and tools")
    notes = notes_of(run_folder_of(config))
    for kind in ("PostgreSQL", "Redis"):
        named = [line for line in notes if kind.upper() in line.upper() or (kind == "Redis" and "Valkey" in line)]
        terminalreporter.line("; ".join(named) or f"{kind} was not needed")
    for line in presence():
        terminalreporter.line(line)
    by_tool: dict[str, list[str]] = defaultdict(list)
    for name, reason in skipped:
        by_tool[tool_of(reason) or ""].append(name)
    for tool, names in sorted(by_tool.items()):
        lack = f"for lack of {tool}" if tool else "for another reason"
        terminalreporter.line(f"left out {lack}, {len(names)}:")
        for name in names:
            terminalreporter.line(f"  {name}")
    if skipped and is_strict():
        terminalreporter.line(f"{ENVIRONMENT}: the run fails, because {len(skipped)} tests were left out", red=True)

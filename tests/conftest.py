"""Takes in what all tests share; each piece explains itself in tests/support."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Before the first of them is imported: they import one another.
pytest.register_assert_rewrite("tests.support")

pytest_plugins = [
    "pytester",
    "tests.support.workers",
    "tests.support.run_folder",
    "tests.support.order",
    "tests.support.no_network",
    "tests.support.postgres_databases",
    "tests.support.redis_fixtures",
    "tests.support.redis_groups",
    "tests.support.tools",
    "tests.support.softhsm",
    "tests.support.chromium",
    "tests.support.password_hashes",
    "tests.support.short_marks",
    "tests.support.warm_apps",
    "tests.support.warm_keys",
    "tests.support.warm_statements",
    "tests.support.houses",
    "tests.support.summary",
]

# A loaded machine is no failure of the code: no deadline. The same examples each time where nobody looks on.
settings.register_profile(
    "project",
    deadline=None,
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

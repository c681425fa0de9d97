"""The account at the end of a run."""

import pytest

PLUGINS = ("-p", "tests.support.run_folder", "-p", "tests.support.summary", "-p", "no:randomly")
SKIPPING = """
import pytest

def test_passes():
    pass

def test_left_out():
    pytest.skip("needs Chromium: not found")

@pytest.mark.xfail(strict=True)
def test_known_fault():
    raise AssertionError
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test file of its own with the summary, strict or not."""

    def start(source: str, *, strict: bool, workers: int = 0):
        monkeypatch.setenv("IDP_TEST_STRICT", "1" if strict else "0")
        pytester.makepyfile(source)
        options = ("-n", str(workers)) if workers else ("-p", "no:xdist")
        return pytester.runpytest_inprocess(*PLUGINS, *options)

    return start


def test_skip_is_accepted_where_not_strict(run):
    """Without strict mode a skip leaves the run successful, and the summary names the tool and the test."""
    result = run(SKIPPING, strict=False)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["left out for lack of Chromium, 1:", "  *::test_left_out"])


def test_skip_fails_strict_run(run):
    """In strict mode a skip fails the run and is named; an expected failure is no skip."""
    result = run(SKIPPING, strict=True)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  *::test_left_out", "IDP_TEST_STRICT: the run fails, because 1 *"])
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)


def test_whole_module_left_out_fails_strict_run(run):
    """A module that leaves itself out while it is collected counts too."""
    source = "import pytest\npytest.skip('needs Node: not installed', allow_module_level=True)"
    result = run(source + "\ndef test_never(): pass", strict=True)
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["left out for lack of Node, 1:"])


def test_strict_run_without_skips_succeeds(run):
    """Strict mode changes nothing where all tests ran."""
    result = run("def test_passes(): pass", strict=True)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["PostgreSQL was not needed", "Redis was not needed", "Chromium *"])


def test_skip_in_worker_fails_strict_run(run):
    """Skips are counted over all workers."""
    result = run(SKIPPING, strict=True, workers=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["left out for lack of Chromium, 1:"])


def test_failure_stays_failure(run):
    """A failing test fails the run whether strict or not."""
    assert run("def test_fails(): assert False", strict=False).ret == pytest.ExitCode.TESTS_FAILED

"""A changed registry is acknowledged after a hundredth of a second, which is what such a change costs a test.

The tests' workers are applications beside one another in one process; processes of their own keep the product's time.
"""

from collections.abc import Iterator

import pytest

from clients import memory


@pytest.fixture(scope="session", autouse=True)
def _short_marks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "MARK_SECONDS", 0.01)
        yield

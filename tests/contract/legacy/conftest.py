"""One file of every kind, written once a run."""

import pytest

from tests.support.legacy_files import SAMPLE_NAMES, LegacySample, make_samples


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LegacySample]:
    """Return the files by name."""
    made = make_samples(tmp_path_factory.mktemp("legacy"), 60)
    assert tuple(sample.name for sample in made) == SAMPLE_NAMES
    return {sample.name: sample for sample in made}


@pytest.fixture(params=SAMPLE_NAMES)
def sample(request: pytest.FixtureRequest, samples: dict[str, LegacySample]) -> LegacySample:
    """Return one file after the other."""
    return samples[request.param]

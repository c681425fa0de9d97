"""What counts once."""

from datetime import timedelta

from idp.persons.used_proofs import forget_expired, use_once

from .conftest import race


def _use(database, clock, kind="totp", proof="p"):
    with database.transaction() as session:
        return use_once(session, kind, proof, at=clock.now(), keep_until=clock.now() + timedelta(60))


def test_a_proof_counts_once_for_its_kind(database, clock):
    """The second use is refused; another kind or proof is not."""
    assert _use(database, clock)
    assert not _use(database, clock)
    assert _use(database, clock, kind="code")
    assert _use(database, clock, proof="q")


def test_a_proof_counts_once_in_a_race(database, clock):
    """Of many uses at the same moment one is the first."""
    assert sum(race(6, lambda _: _use(database, clock))) == 1


def test_expired_records_go(database, clock):
    """A sweep removes what nobody would accept any more, and nothing else."""
    _use(database, clock)
    clock.advance(60 * 86_400)
    _use(database, clock, proof="q")
    with database.transaction() as session:
        assert forget_expired(session, at=clock.now()) == 1
    assert not _use(database, clock, proof="q")

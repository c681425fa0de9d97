"""Hashing and verifying passwords."""

import pytest
from passlib.hash import argon2

from idp.core.results import Ok, Refused
from idp.persons import passwords as module
from idp.persons.password_policy import PasswordPolicy, PasswordProblem
from idp.persons.passwords import Passwords


@pytest.fixture(scope="module")
def passwords(real_hashes):
    policy = PasswordPolicy(citizen_length=10, staff_length=15, blocklist=["Long but common words"])
    return Passwords(policy=policy)


@pytest.fixture(scope="module")
def stored(passwords):
    return passwords.hash("correct horse 青海")


class CountingHash:
    """Counts what the library is asked to verify."""

    def __init__(self, real):
        self.real = real
        self.calls = 0

    def identify(self, stored):
        return self.real.identify(stored)

    def verify(self, password, stored):
        self.calls += 1
        return self.real.verify(password, stored)


@pytest.fixture
def counting(monkeypatch):
    counter = CountingHash(module._ARGON2)
    monkeypatch.setattr(module, "_ARGON2", counter)
    return counter


def test_the_right_password_verifies_and_others_do_not(passwords, stored):
    """A password is verified exactly as typed: no trimming, no change of case or width (ASVS 6.2.8)."""
    assert passwords.verify("correct horse 青海", stored)
    for other in ("correct horse 青海 ", "Correct horse 青海", "correct horse", "ｃorrect horse 青海", ""):
        assert not passwords.verify(other, stored)


def test_the_cost_is_the_agreed_one(passwords, stored):
    """Hashes are argon2id with 19 MiB, two passes and one lane (OWASP minimum)."""
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != passwords.hash("correct horse 青海")
    assert not passwords.needs_rehash(stored)


def test_an_older_cost_verifies_and_asks_for_a_new_hash(passwords):
    """A hash of another cost is still verified and is to be made anew; so is one of an unknown scheme."""
    weaker = argon2.using(type="ID", rounds=1, memory_cost=1024, parallelism=1).hash("correct horse")
    assert passwords.verify("correct horse", weaker)
    assert passwords.needs_rehash(weaker)
    assert passwords.needs_rehash("$1$x")


@pytest.mark.parametrize("hashed", [None, "", "plain", "$1$abc$def", "$argon2id$v=19$m=19456,t=2,p=1$AA$"])
def test_no_hash_costs_one_hash(passwords, counting, hashed):
    """Without a person, a password or a sound hash the answer is no, at the price of one hash."""
    before = counting.calls
    assert not passwords.verify("correct horse", hashed)
    # A damaged hash is given up before anything is computed, hence the second call.
    assert counting.calls - before == (2 if hashed and hashed.startswith("$argon2") else 1)


def test_a_known_person_costs_one_hash_too(passwords, stored, counting):
    """Right or wrong, a stored hash is computed once."""
    assert passwords.verify("correct horse 青海", stored)
    assert not passwords.verify("wrong", stored)
    assert counting.calls == 2


def test_the_dummy_is_nobodys(passwords):
    """The hash that stands in for missing ones never lets anybody in."""
    assert not passwords.verify("", None)
    assert not passwords.verify("password", None)


def test_too_long_is_refused_before_hashing(passwords, stored, counting):
    """Over 256 characters nothing is hashed, for nobody."""
    assert not passwords.verify("x" * 257, stored)
    assert not passwords.verify("x" * 257, None)
    assert counting.calls == 0
    with pytest.raises(ValueError, match="at most 256"):
        passwords.hash("x" * 257)


def test_strange_characters_are_a_password_like_any(passwords):
    """NUL and lone surrogates are hashed as they are and raise nothing."""
    stored = passwords.hash("a\x00b\ud800")
    assert passwords.verify("a\x00b\ud800", stored)
    assert not passwords.verify("a", stored)


def test_the_policy_is_asked_through_the_same_door(passwords):
    """check_policy answers by the lengths and the list that were handed in."""
    assert passwords.check_policy("a plateau of clouds", is_staff=True) == Ok(None)
    assert passwords.check_policy("long BUT common words", is_staff=False) == Refused(PasswordProblem.BLOCKLISTED)
    assert passwords.check_policy("ten or more", is_staff=True) == Refused(PasswordProblem.TOO_SHORT)
    assert passwords.check_policy("the word zhaxi", is_staff=False, context=["zhaxi"]) == Refused(
        PasswordProblem.CONTAINS_CONTEXT
    )

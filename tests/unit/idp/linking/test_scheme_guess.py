"""Which scheme a column is in: known by its form, and made certain by first passwords that open it."""

import hashlib
from datetime import date

import pytest

from idp.linking.contents import StoredPassword
from idp.linking.default_passwords import RowFacts
from idp.linking.scheme_guess import Sample, guess_scheme
from tests.unit.idp.linking.test_schemes import MADE


def column(scheme, passwords, salts=None):
    """Return samples as an older system would have them, made by code of its own."""
    salts = salts or [""] * len(passwords)
    return [
        Sample(
            StoredPassword(MADE[scheme](password.encode(), salt.encode()), salt=salt), RowFacts(mobile="15400001234")
        )
        for password, salt in zip(passwords, salts, strict=True)
    ]


def best(samples):
    return guess_scheme(samples)[0]


SALTS = ["k3j2", "aaaa", "9zq1"]


@pytest.mark.parametrize("scheme", sorted(set(MADE) - {"ldap"}))
def test_one_first_password_makes_the_scheme_certain(scheme):
    salts = SALTS if "salt" in scheme else None
    guess = best(column(scheme, ["qh8-Nian-tou", "123456", "nobody guesses this"], salts))
    assert (guess.scheme, guess.fitting, guess.opened) == (scheme, 3, 1)


def test_the_rows_own_facts_open_as_well():
    guess = best(column("sm3_salt_password", ["001234", "x9-Huang-he"], SALTS[:2]))
    assert (guess.scheme, guess.opened) == ("sm3_salt_password", 1)


def test_where_nothing_opens_every_scheme_of_the_form_is_named():
    """A human must ask then; the usual one comes first."""
    names = [guess.scheme for guess in guess_scheme(column("md5", ["qh8-Nian-tou"]))]
    assert names[0] == "md5"
    assert {"md5_md5_salt", "nthash"} <= set(names)


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("{SSHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "ldap"),
        ("{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG", "spring"),
        ("$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG", "modular_crypt"),
        ("pbkdf2_sha256$600000$salt$aaaa", "django"),
        ("$shiro1$SHA-256$500000$c2FsdA==$" + "A" * 43 + "=", "shiro"),
        ("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7", "mysql41"),
        ("df2d7PnwlCI=", "des_ecb"),
        ("md53e44107170a520582ade522fa73c1d15", "postgres_md5"),
        ("0x0100B3D6DABB5B8F239D46272FDAF2FAA5BE76FF649FCEA9C757", "mssql2005"),
        ("S:74EBE838C730190B855B783A50EEFB32B8E6F145918D09B4A3813068713F", "oracle11"),
        ("Tang-shan 2019", "plain"),
    ],
)
def test_forms_that_name_themselves(value, scheme):
    guess = best([Sample(StoredPassword(value), RowFacts(birth_date=date(1990, 1, 1)))])
    assert (guess.scheme, guess.opened) == (scheme, 0)


def test_a_column_without_passwords_is_none():
    assert best([Sample(StoredPassword("  "), RowFacts())]).scheme == "none"
    assert best([]).scheme == "none"


def test_only_so_many_samples_are_read():
    samples = column("md5", ["123456"]) * 300
    assert best(samples).opened == 200
    assert hashlib.md5(b"123456").hexdigest() == samples[0].stored.stored

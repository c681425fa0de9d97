"""Passwords of older systems: each scheme opens for its own password and for no other."""

import base64
import hashlib
import struct
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passlib import hash as passlib_hash

from idp.linking import schemes
from idp.linking.contents import StoredPassword
from idp.linking.password_rule import PasswordEncoding, PasswordRule, Verdict
from idp.linking.schemes import KEYED_SCHEMES, NO_PASSWORDS, SCHEMES, dummy, verify

PASSWORD = "青海abc123"
KEYS = {"des_ecb": b"zw@2008!", "triple_des_ecb": b"0123456789abcdef"}


def _hash(name):
    return lambda data: hashlib.new(name, data).digest()


def _ssha(password, salt):
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password + salt).digest() + salt).decode()


# Each scheme's stored value, made from password and salt by other code than the product's.
MADE = {
    "plain": lambda p, s: p.decode(),
    "md5": lambda p, s: hashlib.md5(p).hexdigest(),
    "md5_middle": lambda p, s: hashlib.md5(p).hexdigest()[8:24],
    "md5_md5_salt": lambda p, s: hashlib.md5(hashlib.md5(p).hexdigest().encode() + s).hexdigest(),
    "md5_password_salt": lambda p, s: hashlib.md5(p + s).hexdigest(),
    "md5_salt_password": lambda p, s: hashlib.md5(s + p).hexdigest(),
    "sha1": lambda p, s: hashlib.sha1(p).hexdigest(),
    "sha1_password_salt": lambda p, s: hashlib.sha1(p + s).hexdigest(),
    "sha1_salt_password": lambda p, s: hashlib.sha1(s + p).hexdigest(),
    "sha256": lambda p, s: hashlib.sha256(p).hexdigest(),
    "sha256_password_salt": lambda p, s: hashlib.sha256(p + s).hexdigest(),
    "sha256_salt_password": lambda p, s: hashlib.sha256(s + p).hexdigest(),
    "sha512": lambda p, s: hashlib.sha512(p).hexdigest(),
    "sha512_password_salt": lambda p, s: hashlib.sha512(p + s).hexdigest(),
    "sha512_salt_password": lambda p, s: hashlib.sha512(s + p).hexdigest(),
    # hashlib's SM3 is OpenSSL's, the product's is that of its cryptography library.
    "sm3": lambda p, s: _hash("sm3")(p).hex(),
    "sm3_password_salt": lambda p, s: _hash("sm3")(p + s).hex(),
    "sm3_salt_password": lambda p, s: _hash("sm3")(s + p).hex(),
    "ldap": _ssha,
}

# Written down by other programs: OpenSSL's command line, and the documents of Spring Security.
WRITTEN = [
    ("des_ecb", "123456", "", "df2d7PnwlCI="),
    ("triple_des_ecb", "p000042", "", "MHpGmE2qMQg="),
    ("sm3", "123456", "", "207cf410532f92a47dee245ce9b11ff71f578ebd763eb3bbea44ebd043d018fb"),
    ("sm3_salt_password", "123456", "abc", "31af9f9da40849a2f43682bb334d53d3b1153e13b1c137bfb3774a028a5479d1"),
    ("spring", "password", "", "{noop}password"),
    ("spring", "password", "", "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG"),
    (
        "spring",
        "password",
        "",
        "{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc",
    ),
    (
        "spring",
        "password",
        "",
        "{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$"
        "OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc=",
    ),
    (
        "spring",
        "password",
        "",
        "{sha256}97cde38028ad898ebc02e690819fa220e88c62e0699403e94fff291cfffaf8410849f27605abcbc0",
    ),
]

# What passlib writes is compared with what the product says of it.
BY_PASSLIB = [
    "bcrypt",
    "bcrypt_sha256",
    "argon2",
    "scrypt",
    "md5_crypt",
    "apr_md5_crypt",
    "des_crypt",
    "bsdi_crypt",
    "sha1_crypt",
    "sha256_crypt",
    "sha512_crypt",
    "sun_md5_crypt",
    "phpass",
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha512",
    "atlassian_pbkdf2_sha1",
    "grub_pbkdf2_sha512",
    "fshp",
    "django_pbkdf2_sha1",
    "django_pbkdf2_sha256",
    "django_bcrypt_sha256",
    "django_salted_md5",
    "django_salted_sha1",
    "mysql323",
    "mysql41",
    "mssql2000",
    "mssql2005",
    "oracle10",
    "oracle11",
    "postgres_md5",
    "nthash",
    "lmhash",
    "msdcc",
    "msdcc2",
]
CHEAPLY = {
    "bcrypt": {"rounds": 4},
    "bcrypt_sha256": {"rounds": 4},
    "django_bcrypt_sha256": {"rounds": 4},
    "argon2": {"rounds": 1, "memory_cost": 8, "parallelism": 1},
    "scrypt": {"rounds": 4},
    "phpass": {"rounds": 7},
    "bsdi_crypt": {"rounds": 101},
    "sun_md5_crypt": {"rounds": 10},
}
CHEAPLY |= {name: {"rounds": 1000} for name in ("sha256_crypt", "sha512_crypt", "sha1_crypt")}
CHEAPLY |= {name: {"rounds": 10} for name in BY_PASSLIB if "pbkdf2" in name or name == "fshp"}
del CHEAPLY["atlassian_pbkdf2_sha1"]


def rule(scheme, encoding=PasswordEncoding.UTF_8):
    return PasswordRule(scheme, encoding=encoding, secret=KEYS.get(scheme, b""))


def made_by_passlib(name, password, login="zhang01"):
    handler = getattr(passlib_hash, name)
    user = {"user": login} if "user" in handler.context_kwds else {}
    if name in CHEAPLY:
        handler = handler.using(**CHEAPLY[name])
    return StoredPassword(handler.hash(password, **user))


@pytest.mark.parametrize("scheme", MADE)
@given(
    password=st.text(min_size=1, max_size=40).filter(lambda text: text.strip()), salt=st.text("abcXYZ019", max_size=12)
)
@settings(max_examples=25)
def test_a_home_made_scheme_opens_for_its_password_alone(scheme, password, salt):
    """What another program made of a password and a salt is opened by that password and by no neighbour of it."""
    raw = password.encode("utf-8", "replace")
    password = raw.decode()
    stored = StoredPassword(MADE[scheme](raw, salt.encode() or b"s"), salt=salt or "s")
    assert verify(rule(scheme), stored, password) is Verdict.MATCH
    assert verify(rule(scheme), stored, password + "x") is Verdict.MISMATCH
    assert verify(rule(scheme), stored, password.swapcase() + "!") is Verdict.MISMATCH


@pytest.mark.parametrize(("scheme", "password", "salt", "value"), WRITTEN)
def test_what_other_programs_wrote_down(scheme, password, salt, value):
    stored = StoredPassword(value, salt=salt)
    assert verify(rule(scheme), stored, password) is Verdict.MATCH
    assert verify(rule(scheme), stored, password + "1") is Verdict.MISMATCH


@pytest.mark.parametrize("name", BY_PASSLIB)
def test_what_passlib_writes(name):
    password = "Secret12" if name in ("lmhash", "des_crypt") else PASSWORD
    stored = made_by_passlib(name, password)
    assert verify(rule(name), stored, password, login="zhang01") is Verdict.MATCH
    assert verify(rule(name), stored, "other", login="zhang01") is Verdict.MISMATCH


@pytest.mark.parametrize("name", ["postgres_md5", "oracle10", "msdcc", "msdcc2"])
def test_where_the_login_is_hashed_too_another_accounts_hash_opens_nothing(name):
    stored = made_by_passlib(name, PASSWORD)
    assert verify(rule(name), stored, PASSWORD, login="zhang01") is Verdict.MATCH
    assert verify(rule(name), stored, PASSWORD, login="li02") is Verdict.MISMATCH


def test_hex_may_be_of_either_case_and_stand_among_blanks():
    upper = StoredPassword(f"  {hashlib.md5(b'123456').hexdigest().upper()}   ")
    assert verify(rule("md5"), upper, "123456") is Verdict.MATCH
    assert verify(rule("md5"), upper, "123457") is Verdict.MISMATCH


def test_a_password_is_hashed_in_the_systems_own_encoding():
    stored = StoredPassword(hashlib.md5("密码".encode("gbk")).hexdigest())
    assert verify(rule("md5", PasswordEncoding.GBK), stored, "密码") is Verdict.MATCH
    assert verify(rule("md5"), stored, "密码") is Verdict.MISMATCH
    wide = StoredPassword(hashlib.md5("密码".encode("utf-16-le")).hexdigest())
    assert verify(rule("md5", PasswordEncoding.UTF_16_LE), wide, "密码") is Verdict.MATCH


@pytest.mark.parametrize(
    ("encoding", "password"), [(PasswordEncoding.GBK, "😀123456"), (PasswordEncoding.UTF_8, "a\udc80b")]
)
def test_what_the_encoding_cannot_write_is_a_wrong_password(encoding, password):
    stored = StoredPassword(hashlib.md5(b"123456").hexdigest())
    assert verify(rule("md5", encoding), stored, password) is Verdict.MISMATCH
    assert verify(rule("md5", encoding), stored, "123456") is Verdict.MATCH


LDAP = {
    "{MD5}": lambda p: base64.b64encode(hashlib.md5(p).digest()),
    "{SHA}": lambda p: base64.b64encode(hashlib.sha1(p).digest()),
    "{ssha}": lambda p: base64.b64encode(hashlib.sha1(p + b"salt").digest() + b"salt"),
    "{SMD5}": lambda p: base64.b64encode(hashlib.md5(p + b"saltsalt").digest() + b"saltsalt"),
    "{SSHA256}": lambda p: base64.b64encode(hashlib.sha256(p + b"s" * 20).digest() + b"s" * 20),
    "{SSHA512}": lambda p: base64.b64encode(hashlib.sha512(p + b"salt").digest() + b"salt"),
    "{SSM3}": lambda p: base64.b64encode(_hash("sm3")(p + b"salt") + b"salt"),
    "{CRYPT}": lambda p: passlib_hash.sha512_crypt.using(rounds=1000).hash(p).encode(),
    "{PBKDF2-SHA256}": lambda p: passlib_hash.ldap_pbkdf2_sha256.using(rounds=10).hash(p).encode()[15:],
    "{CLEARTEXT}": lambda p: p,
    "": lambda p: p,
}


@pytest.mark.parametrize("prefix", LDAP)
def test_a_directorys_password_says_its_scheme_before_it(prefix):
    stored = StoredPassword(prefix + LDAP[prefix](PASSWORD.encode()).decode())
    assert verify(rule("ldap"), stored, PASSWORD) is Verdict.MATCH
    assert verify(rule("ldap"), stored, "other") is Verdict.MISMATCH


SPRING = {
    "{MD5}": lambda p: "{salt}" + hashlib.md5(p + b"{salt}").hexdigest(),
    "{SHA-1}": lambda p: hashlib.sha1(p).hexdigest(),
    "{SHA-256}": lambda p: "{x}" + hashlib.sha256(p + b"{x}").hexdigest(),
    "{SM3}": lambda p: _hash("sm3")(p).hex(),
    "{ldap}": lambda p: _ssha(p, b"salt"),
    "{argon2}": lambda p: passlib_hash.argon2.using(rounds=1, memory_cost=8, parallelism=1).hash(p),
    "{pbkdf2@SpringSecurity_v5_8}": lambda p: (b"s" * 16 + hashlib.pbkdf2_hmac("sha256", p, b"s" * 16, 310_000)).hex(),
}


@pytest.mark.parametrize("prefix", SPRING)
def test_springs_password_says_its_encoder_before_it(prefix):
    stored = StoredPassword(prefix + SPRING[prefix](PASSWORD.encode()))
    assert verify(rule("spring"), stored, PASSWORD) is Verdict.MATCH
    assert verify(rule("spring"), stored, "other") is Verdict.MISMATCH


def _shiro(password, times):
    digest = b"salt" + password
    for _ in range(times):
        digest = hashlib.sha256(digest).digest()
    return f"$shiro1$SHA-256${times}${base64.b64encode(b'salt').decode()}${base64.b64encode(digest).decode()}"


def _aspnet(password, times):
    key = hashlib.pbkdf2_hmac("sha256", password, b"s" * 16, times)
    return base64.b64encode(struct.pack(">BIII", 1, 1, times, 16) + b"s" * 16 + key).decode()


def _aspnet_old(password):
    return base64.b64encode(b"\0" + b"s" * 16 + hashlib.pbkdf2_hmac("sha1", password, b"s" * 16, 1000, 32)).decode()


@pytest.mark.parametrize(
    ("scheme", "make"),
    [
        ("shiro", partial(_shiro, times=500)),
        ("aspnet_identity", partial(_aspnet, times=100)),
        ("aspnet_identity", _aspnet_old),
        ("django", lambda p: passlib_hash.django_pbkdf2_sha256.using(rounds=10).hash(p)),
        ("django", lambda p: "bcrypt$" + passlib_hash.bcrypt.using(rounds=4).hash(p)),
        ("django", lambda p: "argon2" + passlib_hash.argon2.using(rounds=1, memory_cost=8, parallelism=1).hash(p)),
        ("modular_crypt", lambda p: passlib_hash.md5_crypt.hash(p)),
        ("modular_crypt", lambda p: passlib_hash.phpass.using(rounds=7).hash(p)),
    ],
)
def test_formats_that_carry_their_own_parameters(scheme, make):
    stored = StoredPassword(make(PASSWORD.encode()))
    assert verify(rule(scheme), stored, PASSWORD) is Verdict.MATCH
    assert verify(rule(scheme), stored, "other") is Verdict.MISMATCH


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("bcrypt", "$2b$31$e8iYxLv0IEmuPS0EkdtiquX4.oRfJe/U/kc3xYFSXQ4hP6Frw5SjS"),
        ("argon2", "$argon2id$v=19$m=4194304,t=3,p=4$JGSM8T6n1HoPIQRg7P0/Rw$tvp8xvv/rRhImIKJtvp8xvv/rRhImIKJaaa"),
        ("argon2", "$argon2id$v=19$m=65536,t=900000,p=4$JGSM8T6n1HoPIQRg7P0/Rw$tvp8xvv/rRhImIKJtvp8xvv/rRhImIKJaaa"),
        ("scrypt", "$scrypt$ln=24,r=8,p=1$PsdYi1EqZax1rlVqrZXS+g$g24E8Wl3+Fz1v2ck8CVhrFwl9g24E8Wl3+Fz1v2ck8A"),
        (
            "pbkdf2_sha256",
            "$pbkdf2-sha256$4000000000$4XwvRWitFSIkRKiV8v5/jw$TBs2RmVYspFWjMlYbH1XY8XR5RTBs2RmVYspFWjMlYY",
        ),
        ("django", "pbkdf2_sha256$4000000000$GDAJdiki5PbN$YdbKdw6Tanl/eZFg/K0ewp3NUe5E8T+oSNvaAYdbKdw="),
        ("sha512_crypt", f"$6$rounds=999999999$7tQjeU0SRO8InO8G${'E' * 85}/"),
        ("spring", "{scrypt}$1f0801$8bWJaSu2IKSn$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc="),
        ("spring", "{bcrypt}$2b$31$e8iYxLv0IEmuPS0EkdtiquX4.oRfJe/U/kc3xYFSXQ4hP6Frw5SjS"),
        ("shiro", f"$shiro1$SHA-256$2000000000$AAAA${'A' * 43}="),
        ("aspnet_identity", base64.b64encode(struct.pack(">BIII", 1, 1, 2**31, 16) + bytes(48)).decode()),
    ],
)
def test_a_stored_value_that_asks_for_absurd_work_is_refused_undone(scheme, value):
    """Whoever wrote the file must not decide how long our processors are busy."""
    assert verify(rule(scheme), StoredPassword(value), PASSWORD) is Verdict.TOO_COSTLY


@pytest.mark.parametrize("scheme", sorted(SCHEMES - {NO_PASSWORDS, "plain", "ldap", "fshp"}))
@given(value=st.text(max_size=80), salt=st.text(max_size=5))
@settings(max_examples=15)
def test_a_damaged_value_is_nobodys_password_and_raises_nothing(scheme, value, salt):
    # By chance it may have the form of one; it is still nobody's.
    assert verify(rule(scheme), StoredPassword(value, salt), PASSWORD, login="zhang01") is not Verdict.MATCH


# passlib says so of such a value, and compares it all the same.
@pytest.mark.filterwarnings("ignore:encountered a bcrypt hash with incorrectly set padding bits")
@given(
    scheme=st.sampled_from(
        ["bcrypt", "argon2", "pbkdf2_sha256", "spring", "ldap", "shiro", "django", "des_ecb", "sha1"]
    ),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_value_with_one_character_changed_never_raises(scheme, data):
    value = {
        "spring": SPRING["{argon2}"](PASSWORD.encode()),
        "ldap": _ssha(PASSWORD.encode(), b"salt"),
        "shiro": _shiro(PASSWORD.encode(), 5),
        "django": f"pbkdf2_sha256$10$salt${base64.b64encode(bytes(32)).decode()}",
        "des_ecb": "AAAAAAAAAAA=",
        "sha1": "0" * 40,
    }.get(scheme) or made_by_passlib(scheme, PASSWORD).stored
    place = data.draw(st.integers(0, len(value) - 1))
    changed = value[:place] + data.draw(st.characters()) + value[place + 1 :]
    assert verify(rule(scheme), StoredPassword(changed), "another password") is not Verdict.MATCH


@pytest.mark.parametrize("scheme", sorted(SCHEMES - {NO_PASSWORDS}))
def test_an_empty_password_proves_nothing(scheme):
    """Not even where the system itself stored the digest of an empty one."""
    empty = StoredPassword(MADE[scheme](b"", b"") if scheme in MADE else "x")
    assert verify(rule(scheme), empty, "") in (Verdict.MISMATCH, Verdict.NO_PASSWORD)


@pytest.mark.parametrize("value", ["", "   "])
def test_an_account_without_a_password_has_none(value):
    assert verify(rule("plain"), StoredPassword(value), value) is Verdict.NO_PASSWORD
    assert verify(rule(NO_PASSWORDS), StoredPassword("123456"), "123456") is Verdict.NO_PASSWORD
    assert verify(rule("plain"), StoredPassword("123456"), "123456") is Verdict.MATCH


def test_lengths_are_bounded():
    long = "a" * 256
    stored = StoredPassword(hashlib.md5(long.encode()).hexdigest())
    assert verify(rule("md5"), stored, long) is Verdict.MATCH
    longer = StoredPassword(hashlib.md5((long + "a").encode()).hexdigest())
    assert verify(rule("md5"), longer, long + "a") is Verdict.MISMATCH
    assert verify(rule("md5"), StoredPassword("0" * 2000), "123456") is Verdict.MALFORMED


def test_bcrypt_of_older_libraries_cuts_at_72_bytes():
    """Their hashes of long passwords open still; today's library refuses such a password."""
    password = "密" * 30
    stored = StoredPassword(passlib_hash.bcrypt.using(rounds=4).hash(password.encode()[:72]))
    assert verify(rule("bcrypt"), stored, password) is Verdict.MATCH
    assert verify(rule("bcrypt"), stored, "密" * 23) is Verdict.MISMATCH


def test_a_password_with_nul_was_never_set_in_crypt():
    stored = made_by_passlib("bcrypt", "abc")
    assert verify(rule("bcrypt"), stored, "abc\0def") is Verdict.MISMATCH
    assert verify(rule("bcrypt"), stored, "abc") is Verdict.MATCH


@pytest.mark.parametrize("scheme", sorted(KEYED_SCHEMES))
def test_a_reversible_scheme_needs_its_own_key(scheme):
    value = next(value for name, _, _, value in WRITTEN if name == scheme)
    password = next(typed for name, typed, _, _ in WRITTEN if name == scheme)
    assert verify(rule(scheme), StoredPassword(value), password) is Verdict.MATCH
    other = PasswordRule(scheme, secret=bytes(reversed(KEYS[scheme])))
    assert verify(other, StoredPassword(value), password) is Verdict.MISMATCH
    assert verify(PasswordRule(scheme, secret=b"short"), StoredPassword(value), password) is Verdict.MALFORMED


def test_an_unknown_scheme_is_named():
    assert verify(PasswordRule("rot13"), StoredPassword("nopqrs"), "abcdef") is Verdict.UNKNOWN_SCHEME


@pytest.mark.parametrize("scheme", sorted(SCHEMES - {NO_PASSWORDS}))
def test_the_dummy_of_a_scheme_is_worked_on_and_opens_nothing(scheme):
    """It is compared with to the end, so that an account which is not there costs the same as one that is."""
    assert verify(rule(scheme), dummy(rule(scheme)), PASSWORD) is Verdict.MISMATCH


def test_no_password_shows_in_a_repr():
    shown = repr((StoredPassword("hunter2", salt="pepper"), PasswordRule("des_ecb", secret=b"hunter2")))
    assert "hunter2" not in shown
    assert "pepper" not in shown


def test_every_scheme_of_the_registry_is_tried_here():
    """A scheme added to the registry without a test of its own fails this."""
    tried = {*MADE, *BY_PASSLIB, *(name for name, *_ in WRITTEN), "django", "modular_crypt", "shiro", "aspnet_identity"}
    assert tried | {NO_PASSWORDS} == schemes.SCHEMES

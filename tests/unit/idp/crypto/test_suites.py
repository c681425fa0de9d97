"""The suites against published vectors, and what they refuse."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.errors import ConfigError
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.suites import INTERNATIONAL, NATIONAL, SUITES, Suite, suite_by_code, suite_by_name

# GB/T 32905-2016 A.1 and A.2
GBT32905_SM3 = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]
# GM/T 0042-2015 D.3
GMT0042_HMAC_SM3 = (
    bytes(range(1, 33)),
    b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
    "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
)
# RFC 4231 §4.2 and §4.3
RFC4231_HMAC_SHA256 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
]
FIPS180_SHA256_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
# RFC 8998 appendix A.1
RFC8998_SM4_GCM = {
    "key": "0123456789abcdeffedcba9876543210",
    "nonce": "00001234567800000000abcd",
    "associated": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "plaintext": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
    "sealed": "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec",
}
# The GCM specification submitted to NIST, appendix B, test case 16
NIST_AES256_GCM_16 = {
    "key": "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "nonce": "cafebabefacedbaddecaf888",
    "associated": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "plaintext": "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "sealed": "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b",
}


@pytest.mark.parametrize(("data", "digest"), GBT32905_SM3)
def test_sm3_vectors(data: bytes, digest: str) -> None:
    """The national digest is SM3 (GB/T 32905 appendix A)."""
    assert NATIONAL.digest(data).hex() == digest


def test_sha256_vector() -> None:
    """The international digest is SHA-256 (FIPS 180-4)."""
    assert INTERNATIONAL.digest(b"abc").hex() == FIPS180_SHA256_ABC


def test_hmac_sm3_vector() -> None:
    """The national MAC is HMAC-SM3 (GM/T 0042 D.3)."""
    key, data, mac = GMT0042_HMAC_SM3
    assert NATIONAL.mac(key, data).hex() == mac


@pytest.mark.parametrize(("key", "data", "mac"), RFC4231_HMAC_SHA256)
def test_hmac_sha256_vectors(key: bytes, data: bytes, mac: str) -> None:
    """The international MAC is HMAC-SHA-256 (RFC 4231 §4)."""
    assert INTERNATIONAL.mac(key, data).hex() == mac


def test_hkdf_expand_vector() -> None:
    """Keys are expanded by HKDF-Expand (RFC 5869 appendix A.1)."""
    key = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    expanded = INTERNATIONAL.expand(key, bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"), 42)
    assert expanded.hex().startswith("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")


@pytest.mark.parametrize(
    ("suite", "vector"),
    [(NATIONAL, RFC8998_SM4_GCM), (INTERNATIONAL, NIST_AES256_GCM_16)],
    ids=["RFC8998-A.1", "NIST-GCM-16"],
)
def test_gcm_vectors(suite: Suite, vector: dict[str, str]) -> None:
    """Both suites give and accept the published ciphertext and tag."""
    raw = {name: bytes.fromhex(value) for name, value in vector.items()}
    cipher = suite.cipher(raw["key"])
    assert cipher.encrypt(raw["nonce"], raw["plaintext"], raw["associated"]) == raw["sealed"]
    assert suite.open(raw["key"], raw["nonce"] + raw["sealed"], raw["associated"]) == raw["plaintext"]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@given(plaintext=st.binary(max_size=200), associated=st.binary(max_size=50))
def test_round_trip(suite: Suite, plaintext: bytes, associated: bytes) -> None:
    """What was sealed opens again, with overhead of nonce and tag only."""
    key = bytes(suite.key_size)
    sealed = suite.seal(key, plaintext, associated)
    assert len(sealed) == len(plaintext) + 28
    assert suite.open(key, sealed, associated) == plaintext


def test_nonces_are_fresh(suite: Suite) -> None:
    """No two calls use one nonce, which would break GCM (NIST SP 800-38D §8)."""
    cipher_key = bytes(suite.key_size)
    assert len({suite.seal(cipher_key, b"same", b"")[:12] for _ in range(500)}) == 500


def test_altered_input_is_refused(suite: Suite) -> None:
    """Every flipped bit, every cut, other associated data and another key are refused."""
    key, other = bytes(suite.key_size), b"\x01" * suite.key_size
    sealed = suite.seal(key, b"content", b"here")
    flipped = [
        sealed[:i] + bytes([sealed[i] ^ (1 << bit)]) + sealed[i + 1 :] for i in range(len(sealed)) for bit in range(8)
    ]
    cut = [sealed[:size] for size in range(len(sealed))]
    for bad in [*flipped, *cut, sealed + b"\0"]:
        with pytest.raises(DecryptionFailed):
            suite.open(key, bad, b"here")
    for wrong_key, associated in [(key, b"there"), (key, b""), (other, b"here")]:
        with pytest.raises(DecryptionFailed) as caught:
            suite.open(wrong_key, sealed, associated)
        assert caught.value.reason is DecryptionFailure.NOT_AUTHENTIC


def test_short_data_is_refused_by_the_sm4_cipher() -> None:
    """A national ciphertext shorter than its tag is not authentic."""
    with pytest.raises(DecryptionFailed):
        NATIONAL.open(bytes(16), bytes(27), b"")


@pytest.mark.parametrize("size", [0, 15, 17, 24, 31, 33])
def test_wrong_key_sizes_are_refused(suite: Suite, size: int) -> None:
    """A key of another size never works, not even one that the cipher would take."""
    with pytest.raises(ValueError, match="bytes"):
        suite.cipher(bytes(size))


def test_one_cipher_object_serves_threads(suite: Suite) -> None:
    """A cipher object is shared by worker threads without mixing their messages."""
    cipher, failures = suite.cipher(bytes(suite.key_size)), []

    def work(number: int) -> None:
        message = bytes([number]) * (number + 1)
        nonces = [bytes([number]) * 8 + i.to_bytes(4, "big") for i in range(200)]
        failures.extend(
            nonce for nonce in nonces if cipher.decrypt(nonce, cipher.encrypt(nonce, message, b""), b"") != message
        )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_look_up() -> None:
    """A suite is found by its name and by its byte; an unknown name is a configuration error."""
    assert suite_by_name("national") is NATIONAL
    assert suite_by_code(1) is INTERNATIONAL
    assert suite_by_code(0) is None
    with pytest.raises(ConfigError, match="international, national"):
        suite_by_name("rot13")
    assert len({suite.code for suite in SUITES}) == len({suite.name for suite in SUITES}) == len(SUITES)

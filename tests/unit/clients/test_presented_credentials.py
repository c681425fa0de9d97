"""Reading what a request presents to authenticate its client."""

import base64

import pytest

from clients.client import AuthMethod
from clients.presented import (
    ASSERTION_TYPE,
    NamedClient,
    PresentedAssertion,
    PresentedCredentials,
    read_presented,
)
from idp.core.oauth_errors import InvalidClient, InvalidRequest


def basic(raw: bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    ("raw", "client_id", "secret"),
    [
        (b"portal:secret", "portal", "secret"),
        (b"portal:a:b", "portal", "a:b"),
        (b"portal:", "portal", ""),
        (b"https%3A%2F%2Fportal.cn%2F:p%2B+%25", "https://portal.cn/", "p+ %"),
        (b"%e9%97%a8:x", "门", "x"),
    ],
)
def test_basic_is_form_decoded(raw: bytes, client_id: str, secret: str) -> None:
    """Both parts went through application/x-www-form-urlencoded (RFC 6749 §2.3.1)."""
    for scheme in ("Basic", "basic", "BASIC"):
        presented = read_presented(PresentedCredentials(authorization_header=basic(raw, scheme)))
        assert presented == NamedClient(client_id, AuthMethod.CLIENT_SECRET_BASIC, secret)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Bearer abc",
        "Basic YTpi, Basic YTpi",
        basic(b"no-colon"),
        basic(b"portal:%zz"),
        basic(b"portal:%"),
        basic(b"portal:sec ret"),
        basic(b"portal:sec\x00ret"),
        basic(b"por%00tal:secret"),
        basic(b"por%0atal:secret"),
        basic(b"\xff:secret"),
        basic(b"%ff:secret"),
        basic(b"portal:" + b"a" * 5_000),
        "Basic YTpi\n",
        "Basic ＹＴｐｉ",
    ],
)
def test_malformed_header_is_invalid_client(header: str) -> None:
    """401 with a challenge, not 400 or 500 (RFC 6749 §5.2)."""
    with pytest.raises(InvalidClient) as refused:
        read_presented(PresentedCredentials(authorization_header=header))
    assert refused.value.status == 401


def test_each_method_is_recognised() -> None:
    """The method follows from what is there; a parameter without a value is not there (RFC 6749 §3.2)."""
    post = read_presented(PresentedCredentials(client_id="portal", client_secret="s"))
    none = read_presented(PresentedCredentials(client_id="portal", client_secret="", client_assertion=""))
    by_jwt = read_presented(
        PresentedCredentials(client_id="portal", client_assertion="a.b.c", client_assertion_type=ASSERTION_TYPE)
    )
    assert post == NamedClient("portal", AuthMethod.CLIENT_SECRET_POST, "s")
    assert none == NamedClient("portal", AuthMethod.NONE)
    assert by_jwt == PresentedAssertion("a.b.c", "portal")


def test_same_client_id_beside_basic_is_fine() -> None:
    """It is no second authentication as long as it is equal."""
    header = basic(b"portal:secret")
    assert read_presented(PresentedCredentials(authorization_header=header, client_id="portal"))
    with pytest.raises(InvalidRequest):
        read_presented(PresentedCredentials(authorization_header=header, client_id="other"))


@pytest.mark.parametrize(
    "credentials",
    [
        PresentedCredentials(authorization_header=basic(b"a:b"), client_id="a", client_secret="b"),
        PresentedCredentials(
            authorization_header=basic(b"a:b"), client_assertion="x", client_assertion_type=ASSERTION_TYPE
        ),
        PresentedCredentials(
            client_id="a", client_secret="b", client_assertion="x", client_assertion_type=ASSERTION_TYPE
        ),
        PresentedCredentials(client_id="a", client_assertion="x"),
        PresentedCredentials(client_id="a", client_assertion_type=ASSERTION_TYPE),
    ],
)
def test_two_methods_or_half_a_method_are_refused(credentials: PresentedCredentials) -> None:
    """Not more than one method per request (RFC 6749 §2.3)."""
    with pytest.raises(InvalidRequest):
        read_presented(credentials)


@pytest.mark.parametrize(
    "credentials",
    [
        PresentedCredentials(),
        PresentedCredentials(client_secret="secret"),
        PresentedCredentials(client_assertion="a.b.c", client_assertion_type="urn:example:saml2"),
    ],
)
def test_nothing_usable_is_invalid_client(credentials: PresentedCredentials) -> None:
    """No name, or a kind of assertion that we do not know (RFC 7521 §4.2.1)."""
    with pytest.raises(InvalidClient):
        read_presented(credentials)


def test_repr_shows_no_secret() -> None:
    """Credentials can be logged by mistake without harm."""
    credentials = PresentedCredentials(
        authorization_header=basic(b"portal:hidden"), client_secret="hidden", client_assertion="hidden"
    )
    assert "hidden" not in repr(credentials)
    assert "aGlkZGVu" not in repr(credentials)
    assert "hidden" not in repr(read_presented(PresentedCredentials(authorization_header=basic(b"p:hidden"))))

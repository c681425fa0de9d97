"""OpenID Connect Front-Channel Logout 1.0: the logout page loads each client's own."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from tests.protocol.provider import EMBEDDED, Provider, query

pytestmark = EMBEDDED
FRAME = "https://portal.example.gov.cn/front?tenant=7"
RETURN = "https://portal.example.gov.cn/bye"


def frames_of(page: str) -> list[str]:
    """Return the addresses of the page's frames."""
    return [unescape(uri) for uri in re.findall(r'<iframe[^>]* src="([^"]*)"', page)]


def test_each_client_that_took_part_gets_a_frame(provider: Provider) -> None:
    """With issuer and session where it asked for them (§2, §3); the policy lets exactly these places in."""
    with_sid = provider.client(frontchannel_logout_uri=FRAME, frontchannel_logout_session_required=True)
    without = provider.client(
        redirect_uris=["https://tax.example.gov.cn/callback"], frontchannel_logout_uri="https://tax.example.gov.cn/f"
    )
    provider.client(frontchannel_logout_uri=FRAME)  # took no part
    browser = provider.browser(provider.person())
    sid = provider.claims_of(provider.tokens(browser, with_sid)["id_token"])["sid"]
    provider.tokens(browser, without)
    browser.open("/logout")
    browser.submit({"decision": "yes"})
    frames = {urlsplit(uri).netloc: uri for uri in frames_of(browser.text)}
    assert frames.pop("tax.example.gov.cn") == "https://tax.example.gov.cn/f"
    (uri,) = frames.values()
    assert uri.startswith(FRAME + "&")
    assert parse_qs(urlsplit(uri).query) == {"tenant": ["7"], "iss": [provider.issuer], "sid": [sid]}
    assert browser.response is not None
    policy = browser.response.headers["Content-Security-Policy"]
    assert "frame-src https://portal.example.gov.cn https://tax.example.gov.cn;" in policy


def test_with_frames_the_way_back_is_a_link(provider: Provider) -> None:
    """The page stays until the frames have loaded (§3); without frames it is a redirect."""
    party = provider.client(frontchannel_logout_uri=FRAME, post_logout_redirect_uris=[RETURN])
    browser = provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    browser.open("/oauth/logout?" + query(id_token_hint=hint, post_logout_redirect_uri=RETURN, state="s"))
    assert frames_of(browser.text) == [FRAME] and f'href="{RETURN}?state=s"' in browser.text


def test_nothing_is_framed_otherwise(provider: Provider) -> None:
    """A second look at the page, or a logout without a session, loads nobody's page (§3)."""
    browser = provider.browser()
    response = browser.open("/logout/done")
    assert frames_of(browser.text) == [] and "frame-src 'none'" in response.headers["Content-Security-Policy"]


def test_our_own_pages_cannot_be_framed(provider: Provider) -> None:
    """No page of ours, and no error, shows in a foreign frame (RFC 9700 §4.16)."""
    party = provider.client()
    browser = provider.browser()
    for path in (party.authorize_path(), "/oauth/logout?state=%00", "/oauth/authorize"):
        browser.open(path)
        assert browser.response is not None
        assert "frame-ancestors 'none'" in browser.response.headers["Content-Security-Policy"]

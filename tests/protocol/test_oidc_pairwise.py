"""OpenID Connect Core §8: pairwise subjects by sector, public ones on request."""

from tests.protocol.provider import Provider
from tests.support.relying_party import RelyingParty


def sub_at(provider: Provider, browser: object, party: RelyingParty) -> str:
    """Return the subject that a client knows the browser's person by."""
    tokens = provider.tokens(browser, party)  # type: ignore[arg-type]
    sub: str = provider.claims_of(tokens["id_token"])["sub"]
    assert provider.userinfo(tokens["access_token"]).get_json()["sub"] == sub
    assert provider.claims_of(tokens["access_token"], typ="at+jwt")["sub"] == sub
    return sub


def at(host: str, **metadata: object) -> dict[str, object]:
    """Return metadata of a client at a host."""
    return {"redirect_uris": [f"https://{host}/callback"], **metadata}


def test_one_sector_shares_a_subject_and_no_other_does(provider: Provider) -> None:
    """Clients of one host know the person alike, those of another do not (§8.1); it stays from login to login."""
    person = provider.person()
    browser = provider.browser(person)
    one, same = provider.client(**at("portal.example.gov.cn")), provider.client(**at("portal.example.gov.cn"))
    other = provider.client(**at("tax.example.gov.cn"))
    first = sub_at(provider, browser, one)
    assert sub_at(provider, browser, same) == first != sub_at(provider, browser, other)
    assert sub_at(provider, provider.browser(person), one) == first


def test_public_subjects_are_had_on_request(provider: Provider) -> None:
    """Clients that registered subject_type public share one, which no pairwise client sees (§8)."""
    browser = provider.browser(provider.person())
    public = [provider.client(**at(host, subject_type="public")) for host in ("a.example.cn", "b.example.cn")]
    pairwise = provider.client(**at("a.example.cn"))
    subs = [sub_at(provider, browser, party) for party in public]
    assert subs[0] == subs[1] != sub_at(provider, browser, pairwise)


def test_two_persons_never_share_one(provider: Provider) -> None:
    """A subject names one person, and nothing about them: it is random (§8.1; decision 10)."""
    party, persons = provider.client(), [provider.person(), provider.person()]
    subs = {sub_at(provider, provider.browser(person), party) for person in persons}
    assert len(subs) == 2
    for sub, person in zip(sorted(subs), persons, strict=True):
        assert person.id not in sub and person.mobile not in sub and len(sub) == 22

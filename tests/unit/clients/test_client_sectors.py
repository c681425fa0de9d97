"""Which sector a client's addresses name (OIDC Registration §5)."""

from typing import Any

import pytest
from joserfc.jwk import ECKey

from clients.metadata import ValidMetadata, validate_metadata
from clients.sector import PUBLIC_SECTOR
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import POLICY, WEB

EC_PUBLIC = ECKey.generate_key("P-256").as_dict(private=False)
JWKS = {"keys": [EC_PUBLIC]}


def validate(**members: Any) -> ValidMetadata:
    return validate_metadata({**WEB, **members}, policy=POLICY)


def refuses(**members: Any) -> None:
    with pytest.raises(InvalidClientMetadata) as refusal:
        validate(**members)
    assert refusal.value.description.isascii()
    assert '"' not in refusal.value.description


def test_several_hosts_need_a_sector_document() -> None:
    """Without one the sector would be a guess; public subjects need none (OIDC Core §8.1)."""
    hosts = ["https://a.example.cn/cb", "https://b.example.cn/cb"]
    refuses(redirect_uris=hosts)
    assert validate(redirect_uris=hosts, subject_type="public").sector == PUBLIC_SECTOR


def test_sector_document_must_list_every_redirect_uri() -> None:
    """The listed host vouches for the client, exactly (OIDC Registration §5)."""
    hosts = ["https://a.example.cn/cb", "https://b.example.cn/cb"]
    document = {"redirect_uris": hosts, "sector_identifier_uri": "https://Sector.example.cn/list"}
    valid = validate_metadata(document, policy=POLICY, resolve_sector=lambda _: [*hosts, "https://c.cn/"])
    assert valid.sector == "sector.example.cn"
    with pytest.raises(InvalidClientMetadata):
        validate_metadata(document, policy=POLICY, resolve_sector=lambda _: hosts[:1])


@pytest.mark.parametrize(
    "uri", ["http://sector.example.cn/list", "https://sector.example.cn/#x", "https://sector.example.cn/list"]
)
def test_sector_document_must_be_reachable(uri: str) -> None:
    """Plain http, a fragment, and any at all where none may be fetched, are refused."""
    refuses(sector_identifier_uri=uri)


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "cn.example.app:/cb", "https://localhost/cb"])
def test_shared_address_names_no_sector(uri: str) -> None:
    """Loopback and custom schemes belong to everybody, so such clients share subjects with nobody."""
    assert validate(redirect_uris=[uri], application_type="native").sector == ""

"""Looking clients up."""

from typing import Any

import pytest
import sqlalchemy as sa

from clients.client import AuthMethod
from clients.overrides import Overrides
from tests.unit.clients.rooms import BOTH_DATABASES, WEB, Rooms

pytestmark = BOTH_DATABASES


def test_client_comes_back_as_registered(rooms: Rooms) -> None:
    """Metadata, our rules and the live secret of a row become one Client."""
    created = rooms.administration.create(
        {**WEB, "client_name#zh-CN": "门户", "scope": "openid profile"},
        client_id="portal",
        overrides=Overrides(require_consent=False, allowed_resources=("https://api.example.cn/",)),
    )
    found = rooms.registry.find("portal")
    assert found == created.client
    assert found is not None
    assert found.scope == {"openid", "profile"}
    assert found.token_endpoint_auth_method is AuthMethod.CLIENT_SECRET_BASIC
    assert found.id_token_signed_response_alg == "RS256"
    assert found.allowed_resources == ("https://api.example.cn/",)
    assert (found.require_pkce, found.require_consent, found.assertion_audience) == (True, False, "issuer")
    assert found.localized_name("zh-CN") == "门户"
    assert len(found.secrets) == 1


def test_unknown_client_is_none(rooms: Rooms) -> None:
    """Nobody registered it."""
    assert rooms.registry.find("nobody") is None


@pytest.mark.parametrize("client_id", ["", "a" * 256, "por\x00tal", "por\ntal", "por tal", "门户", "\ud800"])
def test_impossible_id_asks_no_database(rooms: Rooms, client_id: str) -> None:
    """An id that we never issue does not reach the database, which may refuse it (NUL)."""
    statements: list[str] = []

    @sa.event.listens_for(rooms.database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    assert rooms.registry.find(client_id) is None
    assert statements == []
    assert rooms.registry.find("portal") is None
    assert statements != []


def test_repr_shows_no_secret(rooms: Rooms) -> None:
    """Neither the secret nor its hash is in what a log could print."""
    created = rooms.administration.create(WEB)
    shown = repr(created) + repr(created.client.secrets)
    assert created.client_secret
    assert created.client_secret not in shown
    assert created.client.secrets[0].secret_hash not in shown

"""Telling a client that a session ended (OpenID Connect Back-Channel Logout 1.0 §2.5)."""

from urllib.parse import urlencode

from clients.registry import ClientRegistry
from idp.outbound.fetcher import Fetcher, OutboundRefused
from idp.outbox.queue import Claimed
from idp.outbox.worker import Attempt, Ending
from idp.tokens.issue import TokenIssuer


class LogoutDelivery:
    """Handles deliveries of kind `backchannel_logout`."""

    def __init__(self, *, clients: ClientRegistry, issuer: TokenIssuer, fetcher: Fetcher) -> None:
        self._clients = clients
        self._issuer = issuer
        self._fetcher = fetcher

    def __call__(self, delivery: Claimed) -> Attempt:
        """Mint a fresh logout token and post it; 200 and 204 mean that the client ended its session."""
        client = self._clients.find(delivery.payload["client_id"])
        if client is None or not client.backchannel_logout_uri:
            return Attempt(Ending.HOPELESS, "client gone")
        token = self._issuer.logout_token(
            client_id=client.client_id,
            sub=delivery.payload["sub"],
            sid=delivery.payload["sid"],
            algorithm=client.id_token_signed_response_alg,
        )
        try:
            answer = self._fetcher.post(
                client.backchannel_logout_uri,
                body=urlencode({"logout_token": token}).encode(),
                content_type="application/x-www-form-urlencoded",
            )
        except OutboundRefused as error:
            return Attempt(Ending.FAILED, f"refused: {error.reason}")
        if answer.status in (200, 204):
            return Attempt(Ending.DELIVERED)
        return Attempt(Ending.FAILED, f"status {answer.status}")

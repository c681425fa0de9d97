"""Client authentication at every endpoint that asks for it (RFC 6749 §2.3, OpenID Connect Core §9)."""

from collections.abc import Sequence
from datetime import datetime

from joserfc.jwk import OctKey

from clients.assertion import UnverifiedAssertion, check_claims, is_signed_by, read_assertion
from clients.client import AuthMethod, Client, ClientState
from clients.client_keys import ClientKeys
from clients.metadata import ASSERTION_ALGORITHMS
from clients.presented import NamedClient, PresentedAssertion, PresentedCredentials, read_presented
from clients.public_keys import VerificationKey
from clients.registry import ClientRegistry
from clients.secrets import is_secret_of, place_of
from idp.core.clock import Clock, seconds
from idp.core.oauth_errors import InvalidClient
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring, Purpose
from idp.persons.used_proofs import use_once
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore

__all__ = ["ClientAuthenticator", "PresentedCredentials"]

# RFC 7518 §3.2: the key is at least as long as the hash.
_HMAC_KEY_OCTETS = {"HS256": 32, "HS384": 48, "HS512": 64}


class ClientAuthenticator:
    """Proves which client a request comes from.

    It may fetch keys and write in transactions of its own: call it before opening another one.
    """

    def __init__(
        self,
        *,
        database: Database,
        registry: ClientRegistry,
        keys: ClientKeys,
        keyring: Keyring,
        store: ShortLivedStore,
        clock: Clock,
        issuer: str,
        token_endpoint: str,
    ) -> None:
        self._database = database
        self._registry = registry
        self._keys = keys
        self._keyring = keyring
        self._store = store
        self._clock = clock
        self._issuer = issuer
        self._token_endpoint = token_endpoint

    def authenticate(self, credentials: PresentedCredentials, *, endpoint_url: str) -> Client:
        """Return the active client that presented these credentials at `endpoint_url`.

        Raises InvalidRequest for two methods at once and InvalidClient for all else, always with the same
        text: an unknown client and a wrong secret look alike.
        """
        presented = read_presented(credentials)
        if isinstance(presented, PresentedAssertion):
            return self._by_assertion(presented, endpoint_url)
        return self._by_name(presented)

    def _by_name(self, named: NamedClient) -> Client:
        client = self._registry.find(named.client_id)
        # Compared before anything is decided, whether the client exists or not.
        is_right = is_secret_of(client, named.secret or "")
        client = _usable(client, named.method)
        if named.method is not AuthMethod.NONE and not is_right:
            raise InvalidClient(detail="wrong secret", client_id=client.client_id)
        return client

    def _by_assertion(self, presented: PresentedAssertion, endpoint_url: str) -> Client:
        """1 read, 2 find the client, 3 signature, 4 claims, 5 once (RFC 7523 §3)."""
        assertion = read_assertion(presented.assertion)
        # RFC 7521 §4.2: client_id beside the assertion names the same client.
        if presented.client_id not in (None, assertion.client_id):
            raise InvalidClient(detail="client_id differs from the assertion")
        client = _usable(
            self._registry.find(assertion.client_id), AuthMethod.CLIENT_SECRET_JWT, AuthMethod.PRIVATE_KEY_JWT
        )
        if assertion.algorithm not in _allowed_algorithms(client):
            raise InvalidClient(detail="assertion: alg", client_id=client.client_id)
        if not is_signed_by(assertion, self._keys_for(client, assertion)):
            raise InvalidClient(detail="assertion: signature", client_id=client.client_id)
        is_legacy = client.assertion_audience == "legacy"
        audiences = {self._issuer, self._token_endpoint, endpoint_url} if is_legacy else {self._issuer}
        now = self._clock.now()
        once = check_claims(assertion, audiences=frozenset(audiences), sole=not is_legacy, now=now.timestamp())
        # No id holds a line break, so no two pairs share a handle.
        handle = f"{client.client_id}\n{once.jti}"
        if not self._store.add_once(Kind.ASSERTION_JTI, handle, seconds=once.seconds):
            raise InvalidClient(detail="assertion: jti was used before", client_id=client.client_id)
        # Asked after `add_once`, so that it covers the very store that answered.
        epoch = self._store.epoch(Kind.ASSERTION_JTI, handle)
        if once.is_older_than(epoch):
            raise InvalidClient(detail="assertion: older than the store of used ones", client_id=client.client_id)
        # SQL survives what the store forgets; only clients whose clocks are ahead pay for it.
        if once.is_doubtful(epoch, now=now.timestamp()) and not self._use_for_good(handle, now, once.seconds):
            raise InvalidClient(detail="assertion: jti was used in an epoch before", client_id=client.client_id)
        return client

    def _use_for_good(self, handle: str, now: datetime, life_seconds: int) -> bool:
        keep_until = now + seconds(life_seconds)
        with self._database.transaction() as session:
            return use_once(session, "client_assertion", handle, at=now, keep_until=keep_until)

    def _keys_for(self, client: Client, assertion: UnverifiedAssertion) -> Sequence[VerificationKey | OctKey]:
        if client.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY_JWT:
            found = self._keys.find(client, algorithm=assertion.algorithm, kid=assertion.kid)
            return [key.key for key in found]
        keys = []
        for secret in client.secrets:
            if secret.ciphertext is None:
                continue
            try:
                plain = self._keyring.decrypt(Purpose.DATA, secret.ciphertext, place_of(secret.id))
            except DecryptionFailed:
                continue  # written under a key that was withdrawn: this secret no longer authenticates
            if len(plain) >= _HMAC_KEY_OCTETS[assertion.algorithm]:
                keys.append(OctKey.import_key(plain))
        return keys


def _usable(client: Client | None, *methods: AuthMethod) -> Client:
    """Return the client if it is active and registered for the method presented; raises InvalidClient."""
    if client is None:
        raise InvalidClient(detail="unknown client")
    if client.state is not ClientState.ACTIVE:
        raise InvalidClient(detail=f"client is {client.state}", client_id=client.client_id)
    # OpenID Connect Core §9: only the registered method counts.
    if client.token_endpoint_auth_method not in methods:
        raise InvalidClient(detail="not the registered method", client_id=client.client_id)
    return client


def _allowed_algorithms(client: Client) -> tuple[str, ...]:
    registered = client.token_endpoint_auth_signing_alg
    allowed = ASSERTION_ALGORITHMS[client.token_endpoint_auth_method]
    if registered is None:
        return allowed
    return (registered,) if registered in allowed else ()

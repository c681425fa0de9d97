"""The public keys of a client: registered by value, or fetched from its jwks_uri and kept."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from clients.client import Client
from clients.json_documents import MalformedJson, read_json
from clients.models import ClientKey, ClientRow
from clients.public_keys import PublicKey, UnusableKey, import_usable_keys
from idp.core.clock import Clock
from idp.outbound.fetcher import Fetcher, OutboundRefused
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore

#: After this long a kept set is fetched again, so that a key the client withdrew stops working.
MAX_AGE_SECONDS = 3_600
FETCH_EVERY_SECONDS = 60
# Where nothing is kept yet, several workers may meet the client at once and each needs its keys.
_FETCHES_WITHOUT_KEYS = 5


class ClientKeys:
    """Gives out the keys that may have signed something for a client.

    It writes in a transaction of its own, so it is never called within another one.
    """

    def __init__(self, *, database: Database, fetcher: Fetcher, store: ShortLivedStore, clock: Clock) -> None:
        self._database = database
        self._fetcher = fetcher
        self._store = store
        self._clock = clock

    def find(self, client: Client, *, algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
        """Return the candidates for a signature: those named `kid`, or all that fit where none is named.

        An unknown `kid` makes the jwks_uri be fetched again, at most once a minute per client; while that
        fails, the kept keys go on. Raises StoreUnavailable.
        """
        if client.jwks is not None:
            return _fitting(import_usable_keys(client.jwks), algorithm, kid)
        if client.jwks_uri is None:
            return ()
        kept, is_fresh = self._kept(client)
        fitting = _fitting(kept, algorithm, kid)
        if fitting and is_fresh:
            return fitting
        budget = 1 if kept else _FETCHES_WITHOUT_KEYS
        if self._store.increment(Kind.LIMIT, f"jwks:{client.client_id}", seconds=FETCH_EVERY_SECONDS) > budget:
            return fitting
        fetched = self._fetch(client.jwks_uri)
        if fetched is None:
            return fitting
        self._keep(client, fetched)
        return _fitting(fetched, algorithm, kid)

    def _kept(self, client: Client) -> tuple[tuple[PublicKey, ...], bool]:
        with self._database.read() as session:
            rows = session.execute(
                sa.select(ClientKey.public_jwk, ClientKey.fetched_at).where(ClientKey.client_id == client.client_id)
            ).all()
        if not rows:
            return (), False
        oldest = self._clock.now() - timedelta(seconds=MAX_AGE_SECONDS)
        keys = import_usable_keys({"keys": [row.public_jwk for row in rows]})
        return keys, all(row.fetched_at > oldest for row in rows)

    def _fetch(self, uri: str) -> tuple[PublicKey, ...] | None:
        """Return the keys behind the address, or None where it gives none that we understand."""
        try:
            response = self._fetcher.get(uri)
            if response.status != 200:
                return None
            return import_usable_keys(read_json(response.body)) or None
        except (OutboundRefused, MalformedJson, UnusableKey):
            return None

    def _keep(self, client: Client, keys: Sequence[PublicKey]) -> None:
        now = self._clock.now()
        # The key's own digest where it has no name; of two with one name the last stays.
        rows = {
            key.kid or key.key.thumbprint(): {
                "client_id": client.client_id,
                "kid": key.kid or key.key.thumbprint(),
                "public_jwk": key.jwk,
                "fetched_at": now,
            }
            for key in keys
        }
        with self._database.transaction() as session:
            # Held so that two workers replace the set one after the other. A client whose address changed
            # meanwhile keeps nothing from the old one.
            current = session.scalar(
                sa.select(ClientRow.version).where(ClientRow.client_id == client.client_id).with_for_update()
            )
            if current != client.version:
                return
            session.execute(sa.delete(ClientKey).where(ClientKey.client_id == client.client_id))
            session.execute(sa.insert(ClientKey), list(rows.values()))


def _fitting(keys: Sequence[PublicKey], algorithm: str, kid: str | None) -> tuple[PublicKey, ...]:
    """Choose by name and algorithm; a key without a name may answer to every name (RFC 7515 §4.1.4)."""
    return tuple(key for key in keys if key.may_verify(algorithm) and (kid is None or key.kid in (kid, None)))

"""Changing clients: every change raises the version and leaves an audit row in the same transaction."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.changes import ChangeRefusal, ClientChangeRefused, ClientSource, CreatedClient
from clients.client import AuthMethod, Client, ClientState
from clients.client_rows import forget_fetched_keys, locked, new_row
from clients.memory import RegistryMark
from clients.metadata import RegistrationPolicy, ValidMetadata, validate_metadata
from clients.models import ClientRow
from clients.overrides import (
    NO_OVERRIDES,
    Overrides,
    apply_overrides,
    check_acting_for,
    check_for_staff,
    check_overrides,
    check_unchanged,
)
from clients.registry import ClientRegistry, is_client_id
from clients.secrets import (
    SECRET_METHODS,
    add_secret,
    check_supplied_secret,
    draw_secret,
    fit_secrets_to,
    retire_secrets,
    revoke_secret,
)
from clients.sector import SectorResolver, no_sector_documents, own_sector
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.core.oauth_errors import InvalidClientMetadata
from idp.crypto.keyring import Keyring
from idp.storage.engine import Database

MAX_KEEP_OLD_SECONDS = 7_776_000
#: What the audit is told beside the version.
Details = Mapping[str, Any] | None
RowChange = Callable[[Session, ClientRow, datetime], Details]


class ClientAdministration:
    """Creates, changes, disables and deletes clients, and exchanges their secrets.

    Each method opens its own transaction; metadata is checked, and sector documents are fetched, before it.
    `api_scopes` gives the scopes of resource servers, which may be registered like those of `policy`.
    """

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        registry: ClientRegistry,
        policy: RegistrationPolicy,
        resolve_sector: SectorResolver = no_sector_documents,
        api_scopes: Callable[[], frozenset[str]] = frozenset,
        mark: RegistryMark | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._registry = registry
        self._policy = policy
        self._resolve_sector = resolve_sector
        self._api_scopes = api_scopes
        self._mark = mark

    def create(
        self,
        document: Mapping[str, Any],
        *,
        origin: Origin = NOWHERE,
        source: ClientSource = ClientSource.CONSOLE,
        state: ClientState = ClientState.ACTIVE,
        client_id: str | None = None,
        client_secret: str | None = None,
        overrides: Overrides = NO_OVERRIDES,
        registration_token_hash: str | None = None,
        allow_weak_secret: bool = False,
    ) -> CreatedClient:
        """Register a client; raises InvalidRedirectUri or InvalidClientMetadata."""
        valid = self._validate(document)
        client_id = new_id() if client_id is None else client_id
        if not is_client_id(client_id):
            raise InvalidClientMetadata("The client_id must be printable ASCII of at most 255 characters.")
        check_overrides(overrides, method=valid.auth_method, require_pkce=overrides.require_pkce is not False)
        check_for_staff(overrides.for_staff is True, valid.document["scope"])
        check_acting_for(overrides.acting_for is True, for_staff=overrides.for_staff is True)
        secret = _first_secret(valid.auth_method, client_secret, allow_weak=allow_weak_secret)
        row = new_row(client_id, valid, at=self._clock.now())
        row.state, row.origin, row.registration_token_hash = state, source, registration_token_hash
        apply_overrides(row, overrides)
        try:
            with self._database.transaction() as session:
                session.add(row)
                session.flush()
                if secret is not None:
                    self._add_secret(session, client_id, secret, valid.auth_method)
                return CreatedClient(self._recorded(session, row, Event.CLIENT_REGISTERED, source, origin), secret)
        except sa.exc.IntegrityError:
            # From None: its text may quote the statement's parameters.
            raise InvalidClientMetadata("The client_id is taken, or the department is unknown.") from None

    def update(
        self,
        client_id: str,
        document: Mapping[str, Any],
        *,
        origin: Origin = NOWHERE,
        overrides: Overrides = NO_OVERRIDES,
        expected_version: int | None = None,
        allow_new_sector: bool = False,
    ) -> CreatedClient:
        """Replace the metadata as a whole, and the rules that `overrides` names.

        A new sector gives every person another `sub` at this client, so it must be allowed expressly.
        Raises InvalidRedirectUri, InvalidClientMetadata or ClientChangeRefused.
        """
        valid = self._validate(document)
        with self._database.transaction() as session:
            row = locked(session, client_id)
            if expected_version not in (None, row.version):
                raise ClientChangeRefused(ChangeRefusal.VERSION_CONFLICT)
            required = row.require_pkce if overrides.require_pkce is None else overrides.require_pkce
            check_overrides(overrides, method=valid.auth_method, require_pkce=required)
            check_unchanged(row, overrides)
            check_for_staff(row.for_staff, valid.document["scope"])
            check_acting_for(overrides.acting_for is True, for_staff=row.for_staff)
            sector = valid.sector or own_sector(client_id)
            if sector != row.sector and not allow_new_sector:
                raise InvalidClientMetadata("The change would give the client another sector.")
            before = row.client_metadata
            secret = fit_secrets_to(
                session,
                self._keyring,
                client_id=client_id,
                before=AuthMethod(before["token_endpoint_auth_method"]),
                after=valid.auth_method,
                at=self._clock.now(),
            )
            if before.get("jwks_uri") != valid.document.get("jwks_uri"):
                forget_fetched_keys(session, client_id)
            row.client_metadata = valid.document
            row.sector, row.subject_type = sector, valid.subject_type
            apply_overrides(row, overrides)
            return CreatedClient(self._changed(session, row, "metadata", origin), secret)

    def disable(self, client_id: str, *, origin: Origin = NOWHERE) -> Client:
        """Refuse the client from now on; raises ClientChangeRefused."""
        return self._set_state(client_id, ClientState.DISABLED, origin)

    def enable(self, client_id: str, *, origin: Origin = NOWHERE) -> Client:
        """Let a pending or disabled client be used; raises ClientChangeRefused."""
        return self._set_state(client_id, ClientState.ACTIVE, origin)

    def set_acting_for(self, client_id: str, acting_for: bool, *, origin: Origin = NOWHERE) -> Client:
        """Let the client be told of whom somebody else acts for, or no more, also by tokens that it holds.

        Raises InvalidClientMetadata or ClientChangeRefused.
        """

        def set_it(_session: Session, row: ClientRow, _now: datetime) -> Details:
            check_acting_for(acting_for, for_staff=row.for_staff)
            row.acting_for = acting_for
            return {"acting_for": acting_for}

        return self.change(client_id, "acting_for", set_it, origin=origin)

    def delete(self, client_id: str, *, origin: Origin = NOWHERE) -> None:
        """End the client for good, with its secrets and keys; raises ClientChangeRefused.

        Its row stays for consents and the audit, so its id is never given out again.
        """
        with self._database.transaction() as session:
            row = locked(session, client_id)
            row.state, row.registration_token_hash = ClientState.DELETED, None
            retire_secrets(session, client_id, at=self._clock.now(), keep_seconds=0)
            forget_fetched_keys(session, client_id)
            self._touch(row)
            session.flush()
            self._make_known_after(session)
            record(session, Event.CLIENT_DELETED, at=row.updated_at, client_id=client_id, origin=origin)

    def rotate_secret(
        self,
        client_id: str,
        *,
        keep_old_seconds: int = 0,
        client_secret: str | None = None,
        origin: Origin = NOWHERE,
    ) -> CreatedClient:
        """Give the client a new secret; the last one lives on for `keep_old_seconds`, older ones end now.

        Raises ClientChangeRefused or InvalidClientMetadata.
        """
        if not 0 <= keep_old_seconds <= MAX_KEEP_OLD_SECONDS:
            raise InvalidClientMetadata("An old secret may live on for at most ninety days.")
        supplied = None if client_secret is None else check_supplied_secret(client_secret)
        with self._database.transaction() as session:
            row = locked(session, client_id)
            method = AuthMethod(row.client_metadata["token_endpoint_auth_method"])
            if method not in SECRET_METHODS:
                raise ClientChangeRefused(ChangeRefusal.METHOD_WITHOUT_SECRET)
            secret = supplied or draw_secret(method)
            retire_secrets(session, client_id, at=self._clock.now(), keep_seconds=keep_old_seconds)
            self._add_secret(session, client_id, secret, method)
            return CreatedClient(self._changed(session, row, "secret_rotated", origin), secret)

    def withdraw_secret(self, client_id: str, secret_id: str, *, origin: Origin = NOWHERE) -> Client:
        """End one secret at once; raises ClientChangeRefused."""

        def revoke(session: Session, _row: ClientRow, now: datetime) -> None:
            if not revoke_secret(session, client_id, secret_id, at=now):
                raise ClientChangeRefused(ChangeRefusal.UNKNOWN_SECRET)

        return self.change(client_id, "secret_withdrawn", revoke, origin=origin)

    def change(self, client_id: str, what: str, act: RowChange, *, origin: Origin = NOWHERE) -> Client:
        """Carry out `act` on the row, which is held meanwhile, as one audited change; raises ClientChangeRefused."""
        with self._database.transaction() as session:
            row = locked(session, client_id)
            details = act(session, row, self._clock.now())
            return self._changed(session, row, what, origin, details)

    def _validate(self, document: Mapping[str, Any]) -> ValidMetadata:
        policy = replace(self._policy, scopes=self._policy.scopes | self._api_scopes())
        return validate_metadata(document, policy=policy, resolve_sector=self._resolve_sector)

    def _set_state(self, client_id: str, state: ClientState, origin: Origin) -> Client:
        def set_state(_session: Session, row: ClientRow, _now: datetime) -> None:
            row.state = state

        reason = "enabled" if state is ClientState.ACTIVE else "disabled"
        return self.change(client_id, reason, set_state, origin=origin)

    def _add_secret(self, session: Session, client_id: str, secret: str, method: AuthMethod) -> None:
        now = self._clock.now()
        add_secret(session, self._keyring, client_id=client_id, secret=secret, method=method, at=now)

    def _touch(self, row: ClientRow) -> None:
        row.version += 1
        row.updated_at = self._clock.now()

    def _changed(self, session: Session, row: ClientRow, what: str, origin: Origin, details: Details = None) -> Client:
        self._touch(row)
        self._make_known_after(session)
        return self._recorded(session, row, Event.CLIENT_UPDATED, what, origin, details)

    def _make_known_after(self, session: Session) -> None:
        """See to it that no worker goes by what it remembers; nobody remembers what was not there."""
        if self._mark is not None:
            self._mark.renew_after(session)

    def _recorded(
        self, session: Session, row: ClientRow, event: Event, what: str, origin: Origin, details: Details = None
    ) -> Client:
        session.flush()
        record(
            session,
            event,
            at=row.updated_at,
            reason=what,
            client_id=row.client_id,
            origin=origin,
            details={"version": row.version, **(details or {})},
        )
        client = self._registry.find_in(session, row.client_id)
        if client is None:
            raise ClientChangeRefused(ChangeRefusal.UNKNOWN_CLIENT)
        return client


def _first_secret(method: AuthMethod, supplied: str | None, *, allow_weak: bool) -> str | None:
    if method in SECRET_METHODS:
        return draw_secret(method) if supplied is None else check_supplied_secret(supplied, allow_weak=allow_weak)
    if supplied is not None:
        raise InvalidClientMetadata("A client of this method has no secret.")
    return None

"""Logins with accounts of older systems: what compares their passwords, and the live sources of the settings."""

from dataclasses import replace
from pathlib import Path

from connectors.legacy.http import HttpSource
from connectors.legacy.live import LIVE_FIELDS, TIMEOUT_SECONDS, GuardedSource, LiveSource
from connectors.legacy.sql import SqlSource
from idp.config.settings import LiveSourceSettings
from idp.core.errors import ConfigError
from idp.house.ground import Ground, outbound_policy
from idp.house.people import People, password_policy
from idp.linking.default_passwords import DefaultPasswords
from idp.linking.kept_proofs import KeptProofs
from idp.linking.legacy_logins import LegacyLogins
from idp.linking.live_arrivals import Arrivals
from idp.login.interaction import Interactions
from idp.login.steps.old_account import OldAccountStep
from idp.outbound.fetcher import Fetcher
from realname.providers.breaker import Breaker


def build_legacy_logins(ground: Ground, people: People) -> LegacyLogins:
    """Return what compares the passwords of older systems; raises ConfigError where a live source cannot be one."""
    login = ground.settings.login
    return LegacyLogins(
        database=ground.database,
        keyring=ground.keyring,
        passwords=people.passwords,
        defaults=DefaultPasswords(policy=password_policy(login.citizen_password_length, login.staff_password_length)),
        tries=people.tries,
        arrivals=Arrivals(keyring=ground.keyring),
        live=build_live_sources(ground),
        clock=ground.clock,
    )


def build_old_account(ground: Ground, logins: LegacyLogins, interactions: Interactions) -> OldAccountStep | None:
    """Return the step, None where it is not offered."""
    if not ground.settings.legacy_logins.offered:
        return None
    kept = KeptProofs(store=ground.store)
    return OldAccountStep(logins=logins, interactions=interactions, kept=kept, clock=ground.clock)


def build_live_sources(ground: Ground) -> dict[str, GuardedSource]:
    """Return the older systems that can be asked, by code, each behind a circuit breaker of its own."""
    settings = ground.settings.legacy_logins
    return {
        code: GuardedSource(
            source=_source(ground, code, source),
            breaker=Breaker(
                failures=settings.breaker_failures, pause_seconds=settings.breaker_seconds, clock=ground.clock
            ),
            clock=ground.clock,
        )
        for code, source in settings.live.items()
    }


def _source(ground: Ground, code: str, settings: LiveSourceSettings) -> LiveSource:
    if unknown := set(settings.columns) - LIVE_FIELDS:
        raise ConfigError(f"legacy_logins.live.{code}.columns: there is no field {', '.join(sorted(unknown))}")
    secret = _secret(code, settings.secret_file)
    if settings.kind == "sql":
        return SqlSource(url=settings.url, password=secret, query=settings.query, columns=settings.columns)
    if settings.kind == "http":
        # The operator names the service and has it in their own network.
        policy = replace(
            outbound_policy(ground.settings),
            allow_private=True,
            total_timeout_seconds=TIMEOUT_SECONDS,
            connect_timeout_seconds=TIMEOUT_SECONDS,
        )
        if settings.ca_file is not None:
            policy = replace(policy, ca_file=str(settings.ca_file))
        return HttpSource(url=settings.url, token=secret, columns=settings.columns, fetcher=Fetcher(policy=policy))
    # Only who asks a directory pays for reading the library.
    from connectors.legacy.ldap import LdapSource

    return LdapSource(
        url=settings.url,
        base=settings.base,
        login_attribute=settings.login_attribute,
        columns=settings.columns,
        bind_dn=settings.bind_dn,
        bind_password=secret,
        ca_file=settings.ca_file,
        start_tls=settings.start_tls,
    )


def _secret(code: str, file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"legacy_logins.live.{code}.secret_file: cannot be read ({type(error).__name__})") from None

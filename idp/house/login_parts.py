"""What the steps of a login and the account centre share: codes, messages, changes of password and mobile."""

from dataclasses import dataclass

from idp.core.clock import seconds
from idp.house.ground import Ground
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.login.messages import Messages
from idp.login.new_mobile import NewMobile
from idp.login.new_password import NewPassword
from idp.login.one_time_codes import CodeLimits, OneTimeCodes
from idp.login.password_replacement import PasswordReplacement
from idp.login.released_mobiles import ReleasedMobiles
from idp.login.second_factor import SecondFactor


@dataclass(frozen=True, slots=True)
class LoginParts:
    """Built once, used by several steps."""

    codes: OneTimeCodes
    messages: Messages
    second: SecondFactor
    new: NewPassword
    replacement: PasswordReplacement
    new_mobile: NewMobile
    releases: ReleasedMobiles


def build_login_parts(ground: Ground, people: People, protocol: Protocol) -> LoginParts:
    """Return what several steps are built from."""
    settings, clock, database = ground.settings.login, ground.clock, ground.database
    messages = Messages(queue=protocol.queue, directory=people.directory)
    codes = OneTimeCodes(
        keyring=ground.keyring,
        store=ground.store,
        clock=clock,
        limits=CodeLimits(
            digits=settings.code_digits,
            life_seconds=settings.code_seconds,
            tries=settings.code_tries,
            per_mobile_per_hour=ground.settings.limits.codes_per_mobile_per_hour,
        ),
    )
    releases = ReleasedMobiles(
        database=database,
        contacts=people.contacts,
        directory=people.directory,
        messages=messages,
        clock=clock,
        wait=seconds(settings.mobile_release_wait_seconds),
        site=ground.settings.issuer,
        default_locale=ground.settings.locales.default,
    )
    new_mobile = NewMobile(
        directory=people.directory,
        contacts=people.contacts,
        codes=codes,
        messages=messages,
        releases=releases,
        clock=clock,
    )
    second = SecondFactor(
        database=database,
        devices=people.devices,
        totp=people.totp,
        recovery_codes=people.recovery_codes,
        messages=messages,
        tries=people.tries,
        keyring=ground.keyring,
        clock=clock,
    )
    new = NewPassword(
        database=database,
        identifiers=people.identifiers,
        contacts=people.contacts,
        passwords=people.passwords,
        clock=clock,
    )
    replacement = PasswordReplacement(ending=protocol.ending, messages=messages, clock=clock)
    return LoginParts(
        codes=codes,
        messages=messages,
        second=second,
        new=new,
        replacement=replacement,
        new_mobile=new_mobile,
        releases=releases,
    )

"""The persons' floor of the house."""

from dataclasses import dataclass
from functools import cache

from idp.house.ground import Ground
from idp.persons.attributes import Attributes
from idp.persons.ciphers import PersonCiphers
from idp.persons.claim_profiles import ClaimProfiles
from idp.persons.contacts import Contacts
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.holders import Holders
from idp.persons.identifiers import Identifiers
from idp.persons.password_policy import PasswordPolicy, load_blocklist
from idp.persons.passwords import Passwords
from idp.persons.prepared import PreparedPersons
from idp.persons.proved_identity import ProvedIdentities
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.registration import Registration
from idp.persons.totp import Totp
from idp.persons.tries import Tries


@dataclass(frozen=True, slots=True)
class People:
    """Persons and what identifies, reaches and authenticates them."""

    attributes: Attributes
    contacts: Contacts
    ciphers: PersonCiphers
    identifiers: Identifiers
    holders: Holders
    directory: Directory
    claim_profiles: ClaimProfiles
    proved_identities: ProvedIdentities
    registration: Registration
    prepared: PreparedPersons
    passwords: Passwords
    tries: Tries
    devices: Devices
    totp: Totp
    recovery_codes: RecoveryCodes


def build_people(ground: Ground) -> People:
    """Return the persons' collaborators."""
    login = ground.settings.login
    ciphers = PersonCiphers(keyring=ground.keyring, clock=ground.clock)
    attributes = Attributes(ciphers=ciphers)
    identifiers = Identifiers(keyring=ground.keyring, ciphers=ciphers)
    contacts = Contacts(keyring=ground.keyring, ciphers=ciphers)
    return People(
        attributes=attributes,
        contacts=contacts,
        ciphers=ciphers,
        identifiers=identifiers,
        holders=Holders(keyring=ground.keyring),
        directory=Directory(
            keyring=ground.keyring,
            attributes=attributes,
            identifiers=identifiers,
            contacts=contacts,
            clock=ground.clock,
        ),
        claim_profiles=ClaimProfiles(ciphers=ciphers, reads=ground.reads),
        proved_identities=ProvedIdentities(ciphers=ciphers),
        registration=Registration(
            ciphers=ciphers,
            attributes=attributes,
            identifiers=identifiers,
            contacts=contacts,
            clock=ground.clock,
        ),
        prepared=PreparedPersons(keyring=ground.keyring, contacts=contacts, attributes=attributes),
        passwords=Passwords(policy=password_policy(login.citizen_password_length, login.staff_password_length)),
        tries=Tries(tries_before_lock=login.tries_before_lock, lock_seconds=login.lock_seconds),
        devices=Devices(known_seconds=ground.settings.sessions.known_device_seconds),
        totp=Totp(ciphers=ciphers, issuer_name="一号"),
        recovery_codes=RecoveryCodes(keyring=ground.keyring),
    )


@cache
def password_policy(citizen_length: int, staff_length: int) -> PasswordPolicy:
    """Return the policy of these lengths; made once in a process, for its list has tens of thousands of words."""
    return PasswordPolicy(citizen_length=citizen_length, staff_length=staff_length, blocklist=load_blocklist())

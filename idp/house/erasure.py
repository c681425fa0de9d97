"""The erasure of persons, built for the worker and the command line."""

from idp.house.build import House
from idp.login.erasure import Erasure
from idp.persons.ciphers import PersonCiphers


def build_erasure(house: House) -> Erasure:
    """Return what erases persons."""
    ground = house.ground
    return Erasure(
        database=ground.database,
        keyring=ground.keyring,
        ciphers=PersonCiphers(keyring=ground.keyring, clock=ground.clock),
        ending=house.protocol.ending,
        clock=ground.clock,
    )

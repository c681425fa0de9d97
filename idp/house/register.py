"""The population register of the house: who asks it, who writes it, who takes files into it."""

from dataclasses import dataclass

from idp.house.ground import Ground
from realname.providers.register.entries import Register
from realname.providers.register.importing import Importer
from realname.providers.register.verifier import RegisterVerifier


@dataclass(frozen=True, slots=True)
class PopulationRegister:
    """The register's collaborators."""

    verifier: RegisterVerifier
    entries: Register
    importer: Importer


def build_register(ground: Ground) -> PopulationRegister:
    """Return them."""
    entries = Register(keyring=ground.keyring)
    return PopulationRegister(
        verifier=RegisterVerifier(keyring=ground.keyring, statements=ground.statements),
        entries=entries,
        importer=Importer(database=ground.database, register=entries, keyring=ground.keyring, clock=ground.clock),
    )

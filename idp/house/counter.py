"""The counter: enrolled devices and what they read."""

from dataclasses import dataclass

from connectors.devices.authentication import DeviceAuthenticator
from connectors.devices.enrolment import Devices
from connectors.devices.readings import Readings
from idp.house.ground import Ground


@dataclass(frozen=True, slots=True)
class Counter:
    """Devices, how they authenticate, and card readings."""

    devices: Devices
    authenticator: DeviceAuthenticator
    readings: Readings


def build_counter(ground: Ground) -> Counter:
    """Return them."""
    database, store, clock, issuer = ground.database, ground.store, ground.clock, ground.settings.issuer
    devices = Devices(database=database, store=store, clock=clock, issuer=issuer)
    return Counter(
        devices=devices,
        authenticator=DeviceAuthenticator(devices=devices, database=database, store=store, clock=clock, issuer=issuer),
        readings=Readings(
            devices=devices, database=database, store=store, keyring=ground.keyring, clock=clock, issuer=issuer
        ),
    )

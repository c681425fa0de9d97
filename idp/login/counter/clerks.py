"""Who acts at a counter: where somebody is a clerk now, at which readers, and how the audit names them."""

from dataclasses import replace

from sqlalchemy.orm import Session

from connectors.devices.enrolment import DeviceRecord, Devices
from idp.audit.log import Origin
from idp.core.errors import LoginRefused
from idp.login.refusal import Refusal
from idp.persons.roles import Role, roles_of
from idp.storage.engine import Database


class Clerks:
    """Asks anew each time: a role that ended opens nothing more."""

    def __init__(self, *, database: Database, devices: Devices) -> None:
        self._database = database
        self._devices = devices

    def readers(self, clerk: str) -> tuple[DeviceRecord, ...]:
        """Return the readers of the departments in which somebody is a clerk; empty for who is none."""
        with self._database.read() as session:
            return tuple(
                device
                for department_id in sorted(_departments(session, clerk))
                for device in self._devices.of_department(session, department_id)
            )

    def departments(self, clerk: str) -> frozenset[str]:
        """Return the departments in which somebody is a clerk; empty for who is none."""
        with self._database.read() as session:
            return _departments(session, clerk)

    def reader(self, clerk: str, device_id: str) -> DeviceRecord:
        """Return one of their readers; raises LoginRefused for any other."""
        device = next((each for each in self.readers(clerk) if each.id == device_id), None)
        if device is None:
            raise LoginRefused(Refusal.COUNTER_READER)
        return device

    def is_clerk(self, person_id: str, department_id: str | None) -> bool:
        """Tell whether somebody is a clerk of the department."""
        with self._database.read() as session:
            return department_id in _departments(session, person_id)

    def require(self, clerk: str, department_id: str | None) -> None:
        """Raise LoginRefused where they are no clerk of the department."""
        if not self.is_clerk(clerk, department_id):
            raise LoginRefused(Refusal.COUNTER_READER)


def at_counter(clerk: str, office: str | None, origin: Origin) -> Origin:
    """Return where the request came from, with the clerk who acts and their office."""
    return replace(origin, channel="hall", actor_person=clerk, office=office)


def _departments(session: Session, clerk: str) -> frozenset[str]:
    return frozenset(held.department_id for held in roles_of(session, clerk) if held.role is Role.CLERK)

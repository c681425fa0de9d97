"""POST /api/v1/devices, /devices/wanted and /devices/readings: devices are enrolled, ask for work, and answer."""

from connectors.devices.authentication import DeviceAuthenticator
from connectors.devices.enrolment import DeviceRecord, Devices, EnrolmentProblem
from connectors.devices.readings import AnswerProblem, Readings
from idp.core.oauth_errors import InvalidToken
from idp.core.results import Refused
from idp.endpoints.api.body import ApiCall, read_document
from idp.endpoints.api.device_documents import CardAnswer, DeviceEnrolment, EnrolledDevice, WantedCard
from idp.endpoints.api.problems import ApiProblem, MemberProblem, ProblemKind, Unfit
from idp.endpoints.api.quotas import HOUR, MINUTE, Asked, Quotas

_ENROLMENT = {
    EnrolmentProblem.PROOF: ProblemKind.DEVICE_PROOF,
    EnrolmentProblem.CODE: ProblemKind.INVITATION,
    EnrolmentProblem.KEY_TAKEN: ProblemKind.KEY_TAKEN,
}
_ANSWER = {
    AnswerProblem.SIGNATURE: ProblemKind.READING_SIGNATURE,
    AnswerProblem.CLAIMS: ProblemKind.READING_CLAIMS,
    AnswerProblem.NOT_WANTED: ProblemKind.NOT_WANTED,
    AnswerProblem.NONCE: ProblemKind.OTHER_QUESTION,
}


class DevicesEndpoint:
    """Enrols devices; whoever has a code needs nothing else."""

    def __init__(self, *, devices: Devices, quotas: Quotas, per_address_per_hour: int) -> None:
        self._devices = devices
        self._quotas = quotas
        self._per_hour = per_address_per_hour

    def answer(self, call: ApiCall) -> EnrolledDevice:
        """Return the device; raises ApiProblem."""
        document = read_document(call, DeviceEnrolment)
        self._quotas.count(call.peer, Asked.ENROLMENT, most=self._per_hour, window_seconds=HOUR)
        enrolled = self._devices.enrol(document.code, document.public_jwk, document.proof, origin=call.origin)
        if isinstance(enrolled, Refused):
            problem = EnrolmentProblem(enrolled.reason)
            if problem is EnrolmentProblem.KEY:
                raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("public_jwk", Unfit.INVALID))
            raise ApiProblem(_ENROLMENT[problem])
        device = enrolled.value
        return EnrolledDevice(
            device_id=device.id, thumbprint=device.key.thumbprint, office=device.office, label=device.label
        )


class DeviceDoor:
    """Lets an enrolled device in, as often as it needs."""

    def __init__(self, *, authenticator: DeviceAuthenticator, quotas: Quotas, per_minute: int) -> None:
        self._authenticator = authenticator
        self._quotas = quotas
        self._per_minute = per_minute

    def admit(self, call: ApiCall) -> DeviceRecord:
        """Return the device; raises OAuthError or ApiProblem."""
        device = self._authenticator.admit(call.authorization)
        self._quotas.count(device.id, Asked.DEVICE, most=self._per_minute, window_seconds=MINUTE)
        return device


class WantedEndpoint:
    """Tells a device whether a card is to be read."""

    def __init__(self, *, door: DeviceDoor, readings: Readings) -> None:
        self._door = door
        self._readings = readings

    def answer(self, call: ApiCall) -> WantedCard | None:
        """Return the question, None where there is none; raises OAuthError or ApiProblem."""
        device = self._door.admit(call)
        if call.query or call.body:
            raise ApiProblem(ProblemKind.BAD_REQUEST, detail="This request has neither body nor query.")
        wanted = self._readings.wanted(device)
        if wanted is None:
            return None
        return WantedCard(reading=wanted.reading_id, nonce=wanted.nonce, seconds=wanted.seconds)


class ReadingsEndpoint:
    """Takes what a device read."""

    def __init__(self, *, door: DeviceDoor, readings: Readings) -> None:
        self._door = door
        self._readings = readings

    def answer(self, call: ApiCall) -> None:
        """Take it; raises OAuthError or ApiProblem."""
        device = self._door.admit(call)
        document = read_document(call, CardAnswer)
        answered = self._readings.answer(device, document.reading, origin=call.origin)
        if isinstance(answered, Refused):
            problem = AnswerProblem(answered.reason)
            if problem is AnswerProblem.ENDED:
                raise InvalidToken(detail="device: ended since it was asked")
            raise ApiProblem(_ANSWER[problem])

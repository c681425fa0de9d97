"""Card readings: a question to one device, its signed answer, and the result that the clerk takes once.

A reader's output is unsigned and whoever has the page can make one up. So nothing is believed but a statement by
the key of an enrolled device, over the card's data and a nonce that was drawn for this one question.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.devices.card_reading import CardReading, as_parked, read_parked
from connectors.devices.enrolment import DeviceRecord, Devices
from connectors.devices.statement import Statement, read_statement
from idp.audit.events import Event, Outcome
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.hashing import decode_base64url, secrets_equal
from idp.core.ids import new_id, new_secret
from idp.core.results import Ok, Refused
from idp.crypto.blind_index import keyed_digest
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.card import CardProblem, read_card
from realname.documents.card_layouts import BLOCK_LENGTH

READING_TYPE = "card-reading+jwt"
#: How long a device is asked for a card.
QUESTION_SECONDS = 120
#: How long a clerk has to compare and to decide.
RESULT_SECONDS = 600

_LONGEST_BLOCK = 2 * BLOCK_LENGTH
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_CHIP = re.compile(r"[0-9A-Fa-f]{2,32}")
_SAM = re.compile(r"[0-9A-Za-z.-]{1,64}")


class AnswerProblem(StrEnum):
    """Why a device's answer is not taken."""

    SIGNATURE = "signature"  # no statement of this type by this device's key
    CLAIMS = "claims"  # for somebody else, too old, or without what belongs in it
    NOT_WANTED = "not_wanted"  # nothing is asked of this device now, or it was answered already
    NONCE = "nonce"  # an answer to another question
    ENDED = "ended"  # the device was ended since it was asked


@dataclass(frozen=True, slots=True)
class WantedReading:
    """What a device is asked for, and for how many more seconds."""

    reading_id: str = field(repr=False)
    nonce: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class _Signed:
    """The claims of an answer about the card, in the form that they must have."""

    nonce: str = field(repr=False)
    block: bytes = field(repr=False)
    photo: str = field(repr=False)
    chip: str = field(repr=False)
    sam: str = field(repr=False)

    def canonical(self) -> bytes:
        """Return one unambiguous text of all of it, for the digest."""
        return encode_fields(self.block, self.photo, self.chip.lower(), self.sam, self.nonce)


class Readings:
    """Asks devices and keeps their answers until they are taken."""

    def __init__(
        self,
        *,
        devices: Devices,
        database: Database,
        store: ShortLivedStore,
        keyring: Keyring,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._devices = devices
        self._database = database
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._issuer = issuer

    def ask(self, device_id: str) -> str:
        """Ask a device for a card and return the reading's id; what it was asked before is over.

        Whoever has the id can take the reading: it goes to the clerk's session and nowhere else.
        """
        reading_id = new_id()
        question = {
            "device": device_id,
            "nonce": new_secret(),
            "until": self._clock.epoch() + QUESTION_SECONDS,
        }
        self._store.put(Kind.CARD_QUESTION, reading_id, question, seconds=QUESTION_SECONDS)
        # Last: from here on the older question is found by nobody.
        self._store.put(Kind.CARD_READER, device_id, {"reading": reading_id}, seconds=QUESTION_SECONDS)
        return reading_id

    def wanted(self, device: DeviceRecord) -> WantedReading | None:
        """Return what is asked of the device now, or None."""
        pointer = self._store.get(Kind.CARD_READER, device.id)
        if pointer is None:
            return None
        question = self._store.get(Kind.CARD_QUESTION, pointer["reading"])
        if question is None:  # answered
            return None
        remaining = question["until"] - self._clock.epoch()
        return WantedReading(pointer["reading"], question["nonce"], remaining) if remaining > 0 else None

    def answer(self, device: DeviceRecord, compact: str, *, origin: Origin = NOWHERE) -> Ok[None] | Refused:
        """Take a device's answer, or return an `AnswerProblem`.

        1 signed by the device, 2 for us and now, 3 to the present question, 4 by a device that still counts, 5 the
        question is taken, 6 what the card says, or why it is not taken, waits for the clerk. A card that is not
        taken is an answer all the same: the device did its part.
        """
        statement = read_statement(compact, typ=READING_TYPE)
        if statement is None or not statement.is_signed_by(device.key.key):
            return Refused(AnswerProblem.SIGNATURE)
        signed = self._read(statement)
        if signed is None:
            return Refused(AnswerProblem.CLAIMS)
        wanted = self.wanted(device)
        if wanted is None:
            return Refused(AnswerProblem.NOT_WANTED)
        if not secrets_equal(signed.nonce, wanted.nonce):
            return Refused(AnswerProblem.NONCE)
        with self._database.transaction() as session:
            current = self._devices.find(session, device.id)
            if current is None or not current.is_active:
                return Refused(AnswerProblem.ENDED)
            # By the reading's own id: a question that was asked meanwhile stays untouched.
            if self._store.take(Kind.CARD_QUESTION, wanted.reading_id) is None:
                return Refused(AnswerProblem.NOT_WANTED)
            found = self._judge(current, wanted.reading_id, signed)
            problem = found if isinstance(found, CardProblem) else None
            record(
                session,
                Event.CARD_READ,
                at=self._clock.now(),
                outcome=Outcome.REFUSED if problem else Outcome.SUCCESS,
                reason=problem,
                origin=origin,
                details={"device": current.id, "department": current.department_id, "office": current.office},
            )
        # Once the row stands: what is not on record is shown to nobody.
        self._store.put(Kind.CARD_READING, wanted.reading_id, as_parked(found), seconds=RESULT_SECONDS)
        return Ok(None)

    def result(self, reading_id: str) -> CardReading | CardProblem | None:
        """Return the reading, or why the card is not taken; None while nothing came, or after it was taken."""
        return read_parked(reading_id, self._store.get(Kind.CARD_READING, reading_id))

    def take(self, reading_id: str) -> CardReading | CardProblem | None:
        """Return what `result` would, to one caller only, and forget it."""
        return read_parked(reading_id, self._store.take(Kind.CARD_READING, reading_id))

    def _read(self, statement: Statement) -> _Signed | None:
        if not statement.is_for(self._issuer) or not statement.is_fresh(now=self._clock.now().timestamp()):
            return None
        nonce, card = statement.text("nonce"), statement.text("card", most=_LONGEST_BLOCK)
        photo, chip, sam = (statement.text(name) or "" for name in ("photo", "chip", "sam"))
        if nonce is None or card is None:
            return None
        if not (_DIGEST.fullmatch(photo) and _CHIP.fullmatch(chip) and _SAM.fullmatch(sam)):
            return None
        try:
            block = decode_base64url(card)
        except ValueError:
            return None
        return _Signed(nonce, block, photo, chip, sam)

    def _judge(self, device: DeviceRecord, reading_id: str, signed: _Signed) -> CardReading | CardProblem:
        now = self._clock.now()
        card = read_card(signed.block, today=civil_date(now))
        if not isinstance(card, Ok):
            return CardProblem(card.reason)
        return CardReading(
            reading_id=reading_id,
            device_id=device.id,
            office=device.office,
            department_id=device.department_id,
            card=card.value,
            read_at=now,
            evidence_digest=keyed_digest(self._keyring, "card reading", signed.canonical()),
        )

"""What every source promises: the services each against its stand-in over real sockets, the register on its databases.

Where a promise has no meaning for a source, its kind says why (`kinds.Promise`).
"""

import dataclasses
import logging
from datetime import date, timedelta

import pytest

from demo.simulators.verification_service import Fault
from idp.core.clock import Clock
from realname.documents.document_number import DocumentType
from realname.providers.answer import Outcome
from realname.providers.question import Check
from tests.contract.realname.kinds import SECRET, SOURCES, Promise, promising
from tests.contract.realname.people import (
    AI,
    HMT,
    PEOPLE,
    RARE,
    SECRETS,
    UNKNOWN_NUMBER,
    ZHANG,
    mobile_question,
    number,
    question,
)


def where(promise: Promise) -> pytest.MarkDecorator:
    """Run a test for the sources that have to keep a promise."""
    return pytest.mark.parametrize("pair", promising(promise), indirect=True)


class Shifted(Clock):
    """Another machine's clock, off by so much."""

    def __init__(self, base: Clock, offset: timedelta) -> None:
        self._base = base
        self._offset = offset

    def now(self):
        return self._base.now() + self._offset


@pytest.mark.parametrize("asked", [question(), mobile_question()], ids=["name", "mobile"])
def test_what_belongs_together_matches(pair, asked) -> None:
    """The register's own data match, asked once, paid for, with the source's code and a request id of its own."""
    verifier = pair.verifier()
    answer = verifier.verify(asked)
    assert (answer.outcome, answer.provider, answer.is_charged) == (Outcome.MATCH, pair.name, pair.kind.is_charged)
    assert answer.code and not answer.code.startswith("local.")
    assert pair.asked == 1
    assert len({answer.request_id, verifier.verify(asked).request_id, ""}) == 3


def test_what_is_typed_in_an_older_form_matches(pair) -> None:
    """Fifteen digits are the eighteen that they became, and a character of plane 2 is a character."""
    verifier = pair.verifier()
    old = dataclasses.replace(question(), number=number(ZHANG.number[:6] + ZHANG.number[8:17]))
    assert [verifier.verify(asked).outcome for asked in (old, question(RARE))] == [Outcome.MATCH] * 2
    other = question(RARE, name="王测测")
    assert verifier.verify(other).outcome is Outcome.MISMATCH


@pytest.mark.parametrize(
    "asked",
    [
        question(name="李测试"),
        mobile_question(name="李测试"),
        mobile_question(mobile=f"+86{AI.mobile}"),
    ],
    ids=["name", "name with mobile", "mobile"],
)
def test_what_does_not_belong_together_is_a_mismatch(pair, asked) -> None:
    """Another name, or another holder's mobile, is a mismatch that was paid for."""
    answer = pair.verifier().verify(asked)
    assert (answer.outcome, answer.is_charged, pair.asked) == (Outcome.MISMATCH, pair.kind.is_charged, 1)


def test_no_record_is_no_mismatch(pair) -> None:
    """Whom the source does not know, or whose mobile, is not said to have lied."""
    verifier = pair.verifier()
    unknown = question(dataclasses.replace(ZHANG, number=UNKNOWN_NUMBER))
    for count, asked in enumerate((unknown, pair.kind.unrecorded_mobile), start=1):
        answer = verifier.verify(asked)
        assert (answer.outcome, answer.is_charged) == (Outcome.NO_RECORD, pair.kind.is_no_record_charged)
        assert pair.asked == count


@where(Promise.DECEASED)
def test_the_dead_are_a_risk(pair) -> None:
    """Number and name of somebody who died never match, and are no lie; who cannot say the name learns nothing."""
    verifier = pair.verifier()
    assert verifier.verify(question()).outcome is Outcome.MATCH
    pair.bury(ZHANG)
    for asked in (question(), mobile_question()):
        answer = verifier.verify(asked)
        assert (answer.outcome, answer.is_settled) == (Outcome.RISK, False)
    assert verifier.verify(question(name="李测试")).outcome is Outcome.MISMATCH


@where(Promise.PARTICULAR)
@pytest.mark.parametrize("asked", [question(name="9"), mobile_question(name="9")], ids=["name", "mobile"])
def test_what_the_service_will_not_take_is_bad_input(pair, asked) -> None:
    """A name that breaks the service's own rules is bad input and free."""
    answer = pair.verifier().verify(asked)
    assert (answer.outcome, answer.is_charged, answer.is_settled) == (Outcome.BAD_INPUT, False, False)


@where(Promise.CODED)
@pytest.mark.parametrize("asked", [question(), mobile_question()], ids=["name", "mobile"])
def test_limits_and_failures_of_the_service_say_nothing(pair, asked) -> None:
    """A limit is limited, a failing source unavailable, under the service's code; afterwards it answers again."""
    verifier = pair.verifier()
    for code, outcome in ((pair.kind.limited, Outcome.LIMITED), (pair.kind.failing, Outcome.UNAVAILABLE)):
        pair.simulator.force(code)
        answer = verifier.verify(asked)
        assert (answer.outcome, answer.code, answer.is_charged) == (outcome, code, False)
    assert verifier.verify(asked).outcome is Outcome.MATCH


@where(Promise.CODED)
def test_a_code_can_be_forced_for_one_number(pair) -> None:
    """What is forced for one number leaves others alone."""
    pair.simulator.force(pair.kind.failing, number=ZHANG.number)
    verifier = pair.verifier()
    assert [verifier.verify(question(person)).outcome for person in (ZHANG, AI, ZHANG)] == [
        Outcome.UNAVAILABLE,
        Outcome.MATCH,
        Outcome.UNAVAILABLE,
    ]


@where(Promise.CODED)
def test_a_code_that_nobody_knows_says_nothing(pair) -> None:
    """A word invented tomorrow is unavailable, and kept as it was said."""
    pair.simulator.force("InventedTomorrow")
    answer = pair.verifier().verify(question())
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "InventedTomorrow")


@pytest.mark.parametrize("asked", [question(), mobile_question()], ids=["name", "mobile"])
def test_a_source_that_fails_is_no_answer(pair, asked) -> None:
    """It is unavailable after one try, under a code of ours, and answers the next question once it is well."""
    verifier = pair.verifier()
    pair.break_down()
    answer = verifier.verify(asked)
    assert (answer.outcome, answer.is_charged, answer.is_settled) == (Outcome.UNAVAILABLE, False, False)
    assert answer.code.startswith("local.") and pair.asked == 1
    pair.recover()
    assert verifier.verify(asked).outcome is Outcome.MATCH


@where(Promise.CARRIED)
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.GARBAGE, Fault.TRUNCATED])
def test_a_lost_answer_is_no_answer(pair, fault: Fault) -> None:
    """Errors, cut connections and nonsense are unavailable after exactly one request, and harm no later question."""
    pair.simulator.fault = fault
    verifier = pair.verifier()
    answer = verifier.verify(question())
    assert (answer.outcome, answer.is_charged, len(pair.simulator.ledger)) == (Outcome.UNAVAILABLE, False, 1)
    assert answer.code.startswith("local.")
    pair.simulator.fault = Fault.NONE
    assert verifier.verify(question()).outcome is Outcome.MATCH


@where(Promise.LATE)
def test_a_late_answer_is_no_answer(pair) -> None:
    """What is slower than the limit was asked once and is not asked again."""
    with pair.late() as verifier:
        answer = verifier.verify(question())
    assert answer.outcome is Outcome.UNAVAILABLE
    assert answer.code in ("local.timeout", "local.store_unavailable")
    assert pair.asked == 1


@where(Promise.CARRIED)
def test_where_nobody_listens_is_no_answer(pair, unused_url: str) -> None:
    """A refused connection is unavailable."""
    answer = pair.verifier(url=unused_url).verify(question())
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.unreachable")


@where(Promise.CARRIED)
def test_an_answer_that_was_given_before_is_not_taken(pair) -> None:
    """Somebody else's match, served again, matches nobody."""
    verifier = pair.verifier()
    assert verifier.verify(question()).outcome is Outcome.MATCH
    pair.simulator.fault = Fault.REPLAY
    answer = verifier.verify(question(AI, name="李测试"))
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.replayed")


@where(Promise.CARRIED)
@pytest.mark.parametrize(
    ("first", "second"), [(question(), mobile_question(AI)), (mobile_question(), question(AI))], ids=["name", "mobile"]
)
def test_an_answer_to_something_else_is_not_taken(pair, first, second) -> None:
    """A match of the pair is none of the triple, nor the other way round, even for who never saw it before."""
    assert pair.verifier().verify(first).outcome is Outcome.MATCH
    pair.simulator.fault = Fault.REPLAY
    answer = pair.verifier().verify(second)
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.answer")


@where(Promise.SIGNED)
def test_a_wrong_secret_is_refused_by_the_service(pair) -> None:
    """A signature that does not fit answers nothing; the right one does."""
    answer = pair.verifier(secret="another secret").verify(question())
    assert answer.outcome is Outcome.UNAVAILABLE
    assert "Signature" in answer.code
    assert pair.verifier().verify(question()).outcome is Outcome.MATCH


@where(Promise.SIGNED)
@pytest.mark.parametrize(
    ("minutes", "outcome"), [(-20, Outcome.UNAVAILABLE), (20, Outcome.UNAVAILABLE), (2, Outcome.MATCH)]
)
def test_a_wrong_clock_is_refused_by_the_service(pair, minutes: int, outcome: Outcome) -> None:
    """A signature of another time answers nothing; a small error of the clock is forgiven."""
    clock = Shifted(pair.clock, timedelta(minutes=minutes))
    assert pair.verifier(clock=clock).verify(question()).outcome is outcome


def test_documents_that_the_source_does_not_know_are_not_asked_about(pair) -> None:
    """A permit is asked about where the source documents it, and a travel permit too; else nothing is sent."""
    verifier = pair.verifier()
    assert verifier.documents == pair.kind.documents
    travel = dataclasses.replace(question(), number=number("H12345678"))
    expected = 0
    for asked, known in ((question(HMT), Outcome.MATCH), (mobile_question(HMT), Outcome.MATCH), (travel, None)):
        is_known = asked.number.type in pair.kind.documents
        expected += is_known
        answer = verifier.verify(asked)
        outcome = (known or Outcome.NO_RECORD) if is_known else Outcome.BAD_INPUT
        assert (answer.outcome, answer.code == "local.document") == (outcome, not is_known)
        assert (answer.was_asked, pair.asked) == (is_known, expected)


@where(Promise.PARTICULAR)
@pytest.mark.parametrize("mobile", ["+85291234567", "13900000001", "+861390000000１", "+8613900000001\n", ""])
def test_mobiles_of_elsewhere_are_not_sent(pair, mobile: str) -> None:
    """Only mainland numbers in E.164 reach a service."""
    answer = pair.verifier().verify(mobile_question(mobile=mobile))
    assert (answer.outcome, answer.code, pair.asked) == (Outcome.BAD_INPUT, "local.mobile", 0)


@pytest.mark.parametrize("mobile", ["+85291234567", "13900000001", "+861390000000１", "\x00", "\ud800", ""])
def test_any_mobile_can_be_asked(pair, mobile: str) -> None:
    """Whatever stands for the mobile raises nothing and matches nobody."""
    assert pair.verifier().verify(mobile_question(mobile=mobile)).outcome in (Outcome.BAD_INPUT, Outcome.MISMATCH)


@pytest.mark.parametrize("dot", "\u00b7\u2022\u2027\u30fb\uff0e.")
def test_middle_dots_are_asked_as_registers_keep_them(pair, dot: str) -> None:
    """However the dot was typed, U+00B7 is meant and matches."""
    assert pair.verifier().verify(question(AI, name=AI.name.replace("·", dot))).outcome is Outcome.MATCH


@pytest.mark.parametrize("name", ["9", "政 +&=%~*/\"'\\", "\x00", "\ud800", "𬭎" * 400])
def test_any_text_can_be_asked(pair, name: str) -> None:
    """Signs, control characters and lone surrogates raise nothing and match nobody."""
    answer = pair.verifier().verify(question(name=name))
    assert answer.outcome in (Outcome.BAD_INPUT, Outcome.MISMATCH)


def test_the_service_says_what_it_can_be_asked(pair) -> None:
    """The checks are those that configuration and guard rely on."""
    verifier = pair.verifier()
    assert (verifier.name, verifier.checks) == (pair.name, {Check.NAME, Check.MOBILE})


def test_nothing_of_the_person_shows(pair, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture) -> None:
    """Number, name, mobile and secret are in no repr, log or output of a question that fails in any way."""
    shown = []
    with caplog.at_level(logging.DEBUG):
        for fault in pair.faults:
            pair.suffer(fault)
            verifier = pair.verifier()
            for person in PEOPLE:
                asked = mobile_question(person)
                shown += [repr(verifier), repr(vars(verifier)), repr(asked), repr(verifier.verify(asked))]
    shown += [caplog.text, *capfd.readouterr()]
    for secret in [*SECRETS, SECRET]:
        assert secret not in "\n".join(shown)


@where(Promise.CARD_DATES)
@pytest.mark.parametrize(
    ("asked", "valid_from", "valid_until", "outcome"),
    [
        (question(), date(2020, 1, 2), date(2040, 1, 2), Outcome.MATCH),
        (question(AI), date(2010, 5, 5), None, Outcome.MATCH),
        (question(), date(2020, 1, 2), None, Outcome.MISMATCH),
        (question(), date(2020, 1, 2), date(2030, 1, 2), Outcome.MISMATCH),
        (question(), date(2019, 1, 2), date(2040, 1, 2), Outcome.MISMATCH),
        (question(name="李测试"), date(2020, 1, 2), date(2040, 1, 2), Outcome.MISMATCH),
        (question(dataclasses.replace(ZHANG, number=UNKNOWN_NUMBER)), date(2020, 1, 2), None, Outcome.NO_RECORD),
    ],
)
def test_the_dates_of_a_card_can_be_asked_too(pair, asked, valid_from, valid_until, outcome: Outcome) -> None:
    """Number, name and both dates must be those that are valid now; no end is 长期."""
    answer = pair.verifier().verify_card(asked, valid_from=valid_from, valid_until=valid_until)
    assert (answer.outcome, answer.provider) == (outcome, pair.name)
    assert answer.request_id


@where(Promise.CARD_DATES)
def test_a_card_is_asked_about_where_the_source_knows_its_kind_and_is_well(pair) -> None:
    """A permit where the source has them; a source that fails says nothing of a card, and raises nothing."""
    verifier, dates = pair.verifier(), {"valid_from": date(2020, 1, 2), "valid_until": date(2040, 1, 2)}
    answer = verifier.verify_card(question(HMT), **dates)
    is_known = DocumentType.HMT_RESIDENCE_PERMIT in pair.kind.documents
    assert (answer.outcome is Outcome.BAD_INPUT, answer.code == "local.document") == (not is_known, not is_known)
    pair.break_down()
    answer = verifier.verify_card(question(), **dates)
    assert (answer.outcome, answer.is_charged) == (Outcome.UNAVAILABLE, False)
    pair.recover()
    assert verifier.verify_card(question(), **dates).outcome is Outcome.MATCH


@pytest.mark.parametrize("pair", ["tencent"], indirect=True)
def test_tencent_is_asked_by_the_action_that_takes_dates(pair) -> None:
    """One request, by its documented name."""
    pair.verifier().verify_card(question(), valid_from=date(2020, 1, 2), valid_until=None)
    assert pair.actions == ["CheckIdNameDate"]


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_promise_that_a_source_does_not_give_has_its_reason(name: str) -> None:
    """Each is argued, and kept by another source, so that none of these tests can lose its last one."""
    for promise, reason in SOURCES[name].without.items():
        assert len(reason.split()) > 5
        assert promising(promise)

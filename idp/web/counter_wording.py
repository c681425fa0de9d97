"""The words of the counter: what a card lacks, what a clerk cannot settle alone, and why something was refused."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

#: Refusals by the codes of the login floor; `wording.refusal_text` words them with all others.
REFUSALS = {
    "counter_code": _l("No visit has this code. Compare it with the citizen's screen; after half an hour it is over."),
    "counter_reader": _l("This reader is of no office that you work in, or was withdrawn. Choose another one."),
    "counter_own": _l("Nobody verifies themself. Ask a colleague to take this visit over."),
    "counter_household": _l(
        "You and this person live in one household by the register. Ask a colleague to take this visit over."
    ),
    "counter_moved": _l("This visit has gone on meanwhile, or is over. Look again, or ask for a new code."),
    "counter_same_clerk": _l("The second pair of eyes has to be somebody else's."),
    "counter_name": _l("The whole name has to begin as the card has it."),
    "counter_note": _l("Write what you saw about what the card leaves open: the second clerk decides by it."),
}

_CARD_PROBLEMS = {
    "expired": _l("This card has expired. The holder needs a new one; an expired card verifies nobody."),
    "not_yet_valid": _l("This card is not valid yet."),
    "number": _l("The number on the chip is not a valid one."),
    "birth_date": _l("The date of birth on the chip does not agree with the number."),
    "sex": _l("The sex on the chip does not agree with the number."),
}

_DOUBTS = {
    "number_changed": _l(
        "The account was verified under another number. The old one becomes history: look at the certificate of the "
        "change."
    ),
    "contested": _l("Somebody else was verified under this number in person. They lose it by this, and a case opens."),
    "name_cut": _l("The name fills the card's field, so it may go on. Write it out as other documents have it."),
    "name_unreadable": _l("The name has a character that only this card knows. Write the name out."),
    "household_unknown": _l("The register does not say whether you live with this person."),
    "deceased": _l("The register says that the holder of this number has died."),
    "card_replaced": _l(
        "The authority does not know this card as the valid one: it was replaced, or belongs to nobody of this name. "
        "Look at the newer card, or at another document."
    ),
}

_STATES = {
    "not_the_holder": _l("The clerk did not find that the card is yours."),
    "own": _l("This clerk may not verify you. Ask another one."),
    "household": _l("This clerk may not verify you. Ask another one."),
}


def card_problem_text(problem: str) -> str:
    """Return why a card that was read does not count."""
    return str(_CARD_PROBLEMS.get(problem, gettext("The card could not be read. Lift it, lay it down and read again.")))


def doubt_text(doubt: str) -> str:
    """Return what a clerk cannot settle alone, to that clerk."""
    return str(_DOUBTS.get(doubt, gettext("The card leaves something open.")))


def visit_refusal_text(reason: str) -> str:
    """Return why a visit was refused, to the citizen."""
    return str(_STATES.get(reason, gettext("The visit was ended.")))

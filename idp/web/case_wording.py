"""The words of identity cases: which rule opened one, how somebody was proved, what a review found, what is next."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from idp.web.matter_wording import matter_text

#: Refusals by the codes of the login floor; `wording.refusal_text` words them with all others.
REFUSALS = {
    "case_unknown": _l("There is no such case here. It may be another counter's."),
    "case_own": _l(
        "This case concerns you, or by the register somebody you live with or act for as a guardian. A colleague looks "
        "at it."
    ),
    "case_took_part": _l("You verified one of the two, so a colleague closes this case."),
    "case_over": _l("This case was closed meanwhile, or is a dispute, which no word closes. Look at it again."),
}

_TITLES = {
    "disputed": _l("A disputed number"),
    "displaces": _l("Somebody lost a number"),
}

_RULES = {
    "disputed": _l(
        "Two people proved the same number, and one proof is worth as much as the other. So nobody has the number: "
        "neither is believed more than the other because they came first or last."
    ),
    "displaces": _l(
        "Somebody proved the number in a higher way than the one who had it. The higher proof wins: the number is "
        "theirs now, and the other person lost it."
    ),
}

_METHODS = {
    "name": _l("name and number agree with the records"),
    "guardian": _l("name and number of a child, brought by a guardian"),
    "mobile": _l("name, number and a mobile in that name"),
    "face": _l("face compared with the police photograph"),
    "network_identity": _l("national network identity"),
    "counter": _l("in person at a counter, with the card"),
}

_FINDINGS = {
    "nothing_obtained": _l("Nothing was obtained by the number"),
    "harmless": _l("It did no harm: the same person with a second account, or a slip that was put right"),
    "services_told": _l("The services that were told the identity know now that it was another person's"),
    "reported": _l("It was reported to the police or to the security officer"),
}

_NEXT = {
    "go_on": _l("You began it: go on."),
    "colleague": _l("Tell its code to a colleague, who confirms it."),
    "by_code": _l("If you are asked to confirm it, let your colleague tell you its code and enter it at the counter."),
    "counter": _l("Waits for the holder of the number, with their card."),
    "review": _l("Review what was obtained by the number, then close it."),
}


def work_title(kind: str) -> str:
    """Return what waits: a kind of case, or of matter."""
    return str(_TITLES[kind]) if kind in _TITLES else matter_text(kind).title


def case_rule_text(kind: str) -> str:
    """Return by which rule a case was opened, and what it did."""
    return str(_RULES[kind])


def method_text(method: str) -> str:
    """Return how somebody was proved, in a few words."""
    return str(_METHODS.get(method, method))


def finding_text(finding: str) -> str:
    """Return what a review found, or how a dispute ended; an older case has the words of its time."""
    if finding in _METHODS:
        return str(gettext("Decided by a higher proof: %(method)s", method=method_text(finding)))
    return str(_FINDINGS.get(finding, finding))


def next_text(step: str) -> str:
    """Return what has to happen."""
    return str(_NEXT[step])

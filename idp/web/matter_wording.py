"""The words of matters that two clerks decide: what each is, what it rests on, and what came of it."""

from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

#: Refusals by the codes of the login floor; `wording.refusal_text` words them with all others.
REFUSALS = {
    "matter_over": _l("This matter was decided meanwhile, or is over. Propose it anew where it is still to be done."),
    "matter_alone": _l(
        "Whoever proposed this is no clerk here any more. Propose it yourself, and ask another colleague to confirm."
    ),
    "matter_name": _l("This is no name. Check it against the document."),
    "matter_words": _l("Write what you saw: the second clerk decides by it."),
    "matter_account": _l("Choose the older system and type the account number there."),
    "matter_guardian_number": _l("This is not a valid ID number of a guardian. Check all 18 characters."),
    "matter_guardian_name": _l("This is no name of a guardian. Check it against the document."),
}


@dataclass(frozen=True, slots=True)
class MatterText:
    """A kind of matter: its name, when it is the right one, what it rests on, and what it did."""

    title: str
    meaning: str
    rests_on: str
    hint: str
    done: str


_KINDS = {
    "death": (
        _l("A death, by its certificate"),
        _l("Somebody brings the certificate of another person's death. The account is suspended at once."),
        _l("The certificate"),
        _l("Its number, its date, and who issued it. The second clerk compares it."),
        _l("The account is suspended: nobody logs in to it. All its contacts were told what to do if this is wrong."),
    ),
    "reopening": (
        _l("An account opened again after a wrong report of a death"),
        _l("The holder stands before you with their own card. You read it and compare."),
        _l("What you compared"),
        _l("How you know that it is them: the photograph, other documents."),
        _l("The account is open again as it was. The holder logs in as before, and all its contacts were told."),
    ),
    "closing": (
        _l("An account closed after a death"),
        _l("The death was reported a while ago and nobody objected. Neither of you may have reported it."),
        _l("What you looked at again"),
        _l("The certificate, or the register's word. The second clerk compares it."),
        _l(
            "The account is closed, and all its contacts were told. Who turns out to be alive can still have it opened."
        ),
    ),
    "guardianship": (
        _l("A guardian and their child, by documents"),
        _l("A parent or guardian brings their own card and the household register, or a court's paper."),
        _l("The documents"),
        _l("Which ones, their numbers, and who issued them. The second clerk compares them."),
        _l("The guardian acts for the child from now on, with their own login. Both, and other guardians, were told."),
    ),
    "guardianship-end": (
        _l("A guardianship that was ended"),
        _l("A court or an authority ended it. The guardian need not be here."),
        _l("The decision"),
        _l("Its number, its date, and who made it. The second clerk compares it."),
        _l("The guardian acts for the child no more. Both, and other guardians, were told."),
    ),
    "legacy-link": (
        _l("An account of an older system, made a person's"),
        _l("The person stands before you with their own card. It is read, and both of you look at what they bring."),
        _l("What shows that the account is theirs"),
        _l("A card, a book or a letter of that office with the account number, and how you compared it."),
        _l("The account is theirs now. They were told, and so was another phone that the older system knew."),
    ),
}

_OUTCOMES = {
    "no_account": _l(
        "Nobody has verified this number here under this name, so nothing was changed. Compare number and name with "
        "the document; if they are right, there is no account that this could be about."
    ),
    "child_name": _l(
        "The child's account has another name, so nothing was changed. Compare the name with the household register; "
        "if it was changed, the child's own card is read first."
    ),
    "one_person": _l("Two different clerks have to decide this. Propose it anew with a colleague."),
    "not_active": _l(
        "The own account of one of you two is not active, so nothing was changed. Propose it anew with another "
        "colleague."
    ),
    "own_matter": _l(
        "This concerns one of you two, or somebody whose guardian one of you is. Nothing was changed: propose it anew "
        "with colleagues whom it does not concern."
    ),
    "took_part": _l("One of you two reported this death, so others close the account. Nothing was changed."),
    "household": _l(
        "By the register one of you lives in one household with the other, or with somebody whom this concerns. "
        "Nothing was changed: propose it anew with another colleague."
    ),
    "unknown": _l("Nobody could log in to this account anyway. Nothing was changed, and nothing is to be done."),
    "no_report": _l("No report of a death stands against this account. Nothing was changed."),
    "erased": _l(
        "The data of this account was erased, so it cannot be opened again. The person opens a new account and is "
        "verified at the counter."
    ),
    "too_early": _l(
        "The time in which somebody may object has not passed. Nothing was changed: propose it again when it has."
    ),
    "unsaid": _l(
        "The register took this death back, so the account is not closed. Find out whether the person lives; if so, "
        "they come with their card and two clerks open it again."
    ),
    "closed": _l("The account was closed before. Nothing is to be done."),
    "guardian_not_active": _l(
        "The guardian's account is suspended or closed. Nothing was changed: that is settled first."
    ),
    "guardian_not_proved": _l(
        "Nobody was verified here by this card. Nothing was changed: the guardian first opens an account and is "
        "verified at the counter, then this is proposed anew."
    ),
    "guardian_not_adult": _l("Only who is 18 or older can be a guardian. Nothing was changed."),
    "not_minor": _l(
        "By the number this person is 18 or older, or its date of birth is not known. Nothing was changed."
    ),
    "own_account": _l(
        "Who is 14 or older first opens an account of their own and is verified. Nothing was changed: propose it anew "
        "after that."
    ),
    "disputed": _l(
        "Somebody else proved the child's number as well. Nothing was changed: whose it is has to be decided first, "
        "with the child's own card at the counter."
    ),
    "minor_not_active": _l("The child's account is suspended or closed. Nothing was changed: that is settled first."),
    "no_legacy_account": _l(
        "This system has no account of this number or login name, or several. Nothing was changed: compare it with "
        "what the person brings."
    ),
    "link_level": _l(
        "The person is not verified far enough. Nothing was changed: verify them at the counter first, then propose "
        "this anew."
    ),
    "link_exists": _l("This account is theirs already. Nothing is to be done."),
    "link_in_case": _l(
        "Two others decide whose this account is, because somebody else claims it. Nothing was changed: they tell the "
        "person what comes of it."
    ),
    "link_contested": _l(
        "Somebody else has this account. It is suspended for them now, and two others decide whose it is; both are "
        "told."
    ),
    "link_refused": _l(
        "This account cannot become a person's: it is an organisation's, its holder died, the system has it no more, "
        "or it was decided before that it is not theirs. Nothing was changed."
    ),
    "none": _l("This guardian does not act for this child. Nothing was changed, and nothing is to be done."),
}


def matter_text(kind: str) -> MatterText:
    """Return the words for a kind of matter."""
    return MatterText(*map(str, _KINDS[kind]))


def matter_outcome_text(kind: str, outcome: str) -> str:
    """Return what came of a decision, and what to do next."""
    if outcome == "done":
        return matter_text(kind).done
    return str(_OUTCOMES.get(outcome, gettext("Nothing was changed. Ask your administrator.")))

"""A case as its page shows it: the account's fields beside those of each candidate, each with its weight."""

from admin import names
from admin.page_models import CandidateHead, CaseCell, CaseLine, CaseShown, DecisionRow
from idp.linking.case_views import AccountShown, CandidateShown, CaseDetail
from idp.web.context import house

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: What stands on both sides, and what the account alone says.
_SHARED = ("name", "number", "mobile")
_OWN = ("former_name", "birth_date", "organisation", "registered_at", "last_login_at")


def shown(detail: CaseDetail) -> CaseShown:
    """Return a case as its page shows it; what it holds is masked or clear as it came."""
    row, account = detail.row, detail.account
    with house().ground.database.read() as session:
        staff = names.colleagues(session, (each.decided_by for each in detail.decisions))
    letters = {each.person_id: letter for letter, each in zip(LETTERS, detail.candidates, strict=False)}
    decisions = tuple(
        DecisionRow(
            verdict=each.verdict,
            letter=letters.get(each.person_id or ""),
            reason=each.reason_code,
            note=each.note,
            by=staff[each.decided_by],
            at=each.decided_at,
        )
        for each in detail.decisions
    )
    return CaseShown(
        id=row.id,
        kind=row.kind,
        state=row.state,
        system_name=row.system_name,
        number_state=None if account is None else account.number_state,
        candidates=tuple(
            CandidateHead(letters.get(each.person_id, "?"), each.score, each.link) for each in detail.candidates
        ),
        lines=(
            *(_line(name, account, detail.candidates) for name in _SHARED),
            *(_line(name, account, detail.candidates) for name in _OWN if account and getattr(account, name)),
            *(_line(name, account, detail.candidates) for name in _further(detail.candidates)),
        ),
        decisions=decisions,
        outcome=row.outcome,
    )


def _further(candidates: tuple[CandidateShown, ...]) -> tuple[str, ...]:
    """Return what was compared beside the fields that are shown."""
    compared = dict.fromkeys(name for each in candidates for name in each.weights)
    return tuple(name for name in compared if name not in (*_SHARED, *_OWN))


def _line(name: str, account: AccountShown | None, candidates: tuple[CandidateShown, ...]) -> CaseLine:
    return CaseLine(
        field=name,
        account=getattr(account, name, ""),
        candidates=tuple(_cell(name, each) for each in candidates),
    )


def _cell(name: str, candidate: CandidateShown) -> CaseCell:
    weight = candidate.weights.get(name)
    return CaseCell(
        value=getattr(candidate, name) if name in _SHARED else "",
        agreement=round(weight) if isinstance(weight, int | float) else None,
    )

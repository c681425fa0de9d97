"""The answer of `verified_claims`: of what was proved, what was asked for (IDA 1.0 §5.4-5.7)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from realname.release.evidence import ASSURANCE_LEVELS, ProofingTold, verification_of
from realname.release.values import Proved, tagged_values, values_of
from realname.release.verification_request import restricts


class _Unmatched(Exception):
    """The proofing does not fit a restriction."""


def answer_verified_claims(
    template: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    proved: Proved,
    proofings: Sequence[ProofingTold],
    *,
    allowed: Set[str],
    now: datetime,
) -> list[dict[str, Any]] | dict[str, Any] | None:
    """Return the member for a template of `read_verified_claims`; None where it is left out as a whole.

    `allowed` are the claims that the client may have of this person, by approval and consent.
    """
    if isinstance(template, Mapping):
        return _element(template, proved, proofings, allowed, now)
    answers = (_element(each, proved, proofings, allowed, now) for each in template)
    return [each for each in answers if each is not None] or None


def _element(
    template: Mapping[str, Any],
    proved: Proved,
    proofings: Sequence[ProofingTold],
    allowed: Set[str],
    now: datetime,
) -> dict[str, Any] | None:
    document = proved.number.type if proved.number is not None else None
    # The strongest proofing that fits, and of several the newest.
    for proofing in sorted(proofings, key=lambda each: (each.level, each.proved_at), reverse=True):
        if proofing.level not in ASSURANCE_LEVELS:
            continue
        try:
            verification = _fit(template["verification"], verification_of(proofing, document), proofing, now)
        except _Unmatched:
            continue
        values = values_of(replace(proved, ial=proofing.level))
        claims = {name: tagged_values(values, name) for name in template["claims"] if name.partition("#")[0] in allowed}
        told = {name: value for name, value in claims.items() if value is not None}
        return {"verification": verification, "claims": told} if told else None  # §5.7.5: claims are required
    return None


def _fit(template: Any, actual: Any, proofing: ProofingTold, now: datetime) -> Any:
    """Return the part of `actual` that the template asks for; raises _Unmatched where a restriction is not met."""
    if template is None:
        return actual
    if isinstance(template, list):
        return _fit_entries(template, actual or [], proofing, now)
    if "max_age" in template:
        if now - proofing.proved_at > timedelta(seconds=template["max_age"]):
            raise _Unmatched
        return actual
    if "values" in template:
        if actual not in template["values"]:
            raise _Unmatched
        return actual
    present = actual or {}
    fitted = {name: _fit(below, present.get(name), proofing, now) for name, below in template.items()}
    return {name: value for name, value in fitted.items() if value is not None}


def _fit_entries(
    templates: list[Any], actual: Sequence[Any], proofing: ProofingTold, now: datetime
) -> list[Any] | None:
    """Return each entry by the first template that it fits: they filter, linked by OR (§5.4)."""
    fitted = []
    for entry in actual:
        for template in templates:
            try:
                fitted.append(_fit(template, entry, proofing, now))
            except _Unmatched:
                continue
            break
    if not fitted and any(map(restricts, templates)):
        raise _Unmatched
    return fitted or None

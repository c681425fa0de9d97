"""What the digests of rows and persons say together: the situation of many accounts, found by the database itself.

Number and name decide as a pair, never the number alone. One statement serves the rows of a batch and the accounts
that waited for somebody to enrol; it runs on both databases.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from idp.linking.link_models import Link, MatchKey, NoLink
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import OWNING_STATES, HolderKind, NumberState, Situation, SourceState

#: A mobile that stands beside more names than this says nothing of whose it is.
MOST_NAMES_OF_A_MOBILE = 3


def situations(rows: sa.Subquery | sa.CTE, *, crowd: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """Return key, account, change, situation and the one person who is meant, if any, of every row.

    `rows` has: key, account_id (empty where new), system_number, change, is_identity_changed, and the columns that
    are compared. `crowd` are the places where a mobile may stand beside other names: pairs of mobile and name index.
    """
    found, guess, speaks = _found(rows), _guess(rows, crowd), _other_owner(rows)
    namesakes, others = _namesakes(found, rows), _others(rows)
    account = rows.c.account_id
    # One person is meant by the pair, else by the number, else by name and mobile.
    meant = sa.case(
        (found.c.pair_low == found.c.pair_high, found.c.pair_low),
        (sa.and_(found.c.pair_low.is_(None), found.c.low == found.c.high), found.c.low),
        (found.c.low.is_(None), guess.c.person_id),
    )
    owner = sa.select(Link.account_id, Link.person_id).where(Link.state.in_(sorted(OWNING_STATES))).subquery("owner")
    is_one_of_many = sa.or_(namesakes.c.person_id.is_not(None), others.c.key.is_not(None))
    situation = _situation(rows, found, speaks, owner, is_one_of_many)
    unnamed = (Situation.TEST, Situation.ENTERPRISE)
    is_plain = situation.not_in(unnamed)
    person = sa.case((owner.c.person_id.is_not(None), owner.c.person_id), (is_plain, meant))
    return (
        sa.select(
            rows.c.key,
            account.label("account_id"),
            rows.c.system_number,
            rows.c.change,
            sa.case((sa.and_(NoLink.person_id.is_not(None), is_plain), Situation.REFUSED), else_=situation).label(
                "situation"
            ),
            person.label("person_id"),
        )
        .select_from(rows)
        .outerjoin(found, found.c.key == rows.c.key)
        .outerjoin(guess, guess.c.key == rows.c.key)
        .outerjoin(speaks, speaks.c.key == rows.c.key)
        .outerjoin(
            namesakes,
            sa.and_(namesakes.c.person_id == found.c.pair_low, namesakes.c.system_number == rows.c.system_number),
        )
        .outerjoin(others, others.c.key == rows.c.key)
        .outerjoin(owner, owner.c.account_id == account)
        .outerjoin(
            NoLink,
            sa.and_(NoLink.account_id == account, NoLink.person_id == meant, owner.c.person_id.is_(None)),
        )
    )


def _situation(
    rows: Any, found: sa.Subquery, speaks: sa.Subquery, owner: sa.Subquery, is_one_of_many: sa.ColumnElement[bool]
) -> sa.Case[Any]:
    """Return the table of situations, in the order in which one goes before another."""
    is_pair = found.c.pair_low.is_not(None)
    is_dead = sa.or_(found.c.is_deceased == 1, rows.c.source_state == SourceState.DECEASED)
    # A mobile that its owner verified here, and the owner is somebody else.
    is_spoken_against = sa.or_(
        rows.c.is_contradictory, speaks.c.low != found.c.pair_low, speaks.c.high != found.c.pair_low
    )
    return sa.case(
        (rows.c.holder_kind == HolderKind.TEST, Situation.TEST),
        (rows.c.holder_kind == HolderKind.ORGANISATION, Situation.ENTERPRISE),
        (sa.and_(owner.c.person_id.is_not(None), rows.c.source_state == SourceState.GONE), Situation.GONE),
        (sa.and_(owner.c.person_id.is_not(None), rows.c.is_identity_changed), Situation.CHANGED),
        (owner.c.person_id.is_not(None), Situation.LINKED),
        (rows.c.number_state != NumberState.VALID, Situation.UNQUALIFIED),
        (found.c.low.is_(None), Situation.ABSENT),
        (sa.and_(is_pair, found.c.pair_low != found.c.pair_high), Situation.AMBIGUOUS),
        (~is_pair, Situation.DISPUTED),
        (is_dead, Situation.DECEASED),
        (found.c.is_former == 1, Situation.FOUND_FORMER),
        (is_spoken_against, Situation.CONTRADICTED),
        (is_one_of_many, Situation.FOUND_MULTIPLE),
        else_=Situation.FOUND,
    )


def _found(rows: Any) -> sa.Subquery:
    """Return, of rows with a number that somebody here has, whom number and pair mean: lowest and highest id."""
    is_pair = MatchKey.pair_index == rows.c.pair_index
    return (
        sa.select(
            rows.c.key,
            sa.func.min(sa.case((is_pair, MatchKey.person_id))).label("pair_low"),
            sa.func.max(sa.case((is_pair, MatchKey.person_id))).label("pair_high"),
            sa.func.min(MatchKey.person_id).label("low"),
            sa.func.max(MatchKey.person_id).label("high"),
            # Former only where no key of the pair is current.
            sa.func.min(sa.case((is_pair, sa.case((MatchKey.is_former_number, 1), else_=0)))).label("is_former"),
            sa.func.max(sa.case((sa.and_(is_pair, MatchKey.is_deceased), 1), else_=0)).label("is_deceased"),
        )
        .select_from(rows)
        .join(MatchKey, MatchKey.number_index == rows.c.number_index)
        .where(rows.c.holder_kind == HolderKind.PERSON, rows.c.number_state == NumberState.VALID)
        .group_by(rows.c.key)
        .subquery("found")
    )


def _namesakes(found: sa.Subquery, rows: Any) -> sa.Subquery:
    """Return the persons whom several of the rows of one system mean."""
    return (
        sa.select(found.c.pair_low.label("person_id"), rows.c.system_number)
        .select_from(found)
        .join(rows, rows.c.key == found.c.key)
        .where(found.c.pair_low == found.c.pair_high)
        .group_by(found.c.pair_low, rows.c.system_number)
        .having(sa.func.count() > 1)
        .subquery("namesakes")
    )


def _others(rows: Any) -> sa.Subquery:
    """Return the rows beside which the system has another account of the same number and name already."""
    return (
        sa.select(rows.c.key)
        .select_from(rows)
        .join(
            LegacyAccount,
            sa.and_(
                LegacyAccount.number_index == rows.c.number_index,
                LegacyAccount.pair_index == rows.c.pair_index,
                LegacyAccount.system_number == rows.c.system_number,
                LegacyAccount.valid_to.is_(None),
                sa.or_(rows.c.account_id.is_(None), LegacyAccount.account_id != rows.c.account_id),
            ),
        )
        .group_by(rows.c.key)
        .subquery("others")
    )


def _other_owner(rows: Any) -> sa.Subquery:
    """Return whose verified mobiles the rows carry: lowest and highest id."""
    return (
        sa.select(
            rows.c.key,
            sa.func.min(MatchKey.person_id).label("low"),
            sa.func.max(MatchKey.person_id).label("high"),
        )
        .select_from(rows)
        .join(MatchKey, MatchKey.mobile_index == rows.c.mobile_index)
        .group_by(rows.c.key)
        .subquery("speaks")
    )


def _guess(rows: Any, crowd: Sequence[sa.Select[Any]]) -> sa.Subquery:
    """Return, of rows without a usable number, the one person with that name and that verified mobile."""
    tail = (
        sa.select(rows.c.key, rows.c.mobile_index, MatchKey.person_id)
        .select_from(rows)
        .join(MatchKey, MatchKey.name_mobile_index == rows.c.name_mobile_index)
        .where(rows.c.holder_kind == HolderKind.PERSON, rows.c.number_state != NumberState.VALID)
        .subquery("tail")
    )
    places = sa.union_all(*crowd).subquery("places")
    crowded = (
        sa.select(places.c.mobile_index)
        .where(places.c.mobile_index.in_(sa.select(tail.c.mobile_index)))
        .group_by(places.c.mobile_index)
        .having(sa.func.count(sa.distinct(places.c.name_mobile_index)) > MOST_NAMES_OF_A_MOBILE)
    )
    return (
        sa.select(tail.c.key, sa.func.min(tail.c.person_id).label("person_id"))
        .where(tail.c.mobile_index.not_in(crowded))
        .group_by(tail.c.key)
        .having(sa.func.min(tail.c.person_id) == sa.func.max(tail.c.person_id))
        .subquery("guess")
    )

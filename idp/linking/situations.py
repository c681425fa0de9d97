"""What the digests of rows and persons say together: the situation of many accounts, found by the database itself.

Number and name decide as a pair, never the number alone. One statement serves the rows of a batch and the accounts
that waited for somebody to enrol; it runs on both databases. A current number is one person's, so nearly all rows are
decided by one join that finds one key at most; only former numbers and names, which are few, are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from idp.linking.link_models import Link, MatchKey, NoLink
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import OWNING_STATES, HolderKind, NumberState, Situation, SourceState

#: A mobile that stands beside more names than this says nothing of whose it is.
MOST_NAMES_OF_A_MOBILE = 3

#: What is compared of a row.
COMPARED = (
    "number_index",
    "pair_index",
    "name_mobile_index",
    "mobile_index",
    "number_state",
    "holder_kind",
    "source_state",
    "is_contradictory",
)

_KEPT = (
    "key",
    "account_id",
    "system_number",
    "change",
    "is_identity_changed",
    "holder_kind",
    "number_state",
    "source_state",
    "is_contradictory",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows to decide about.

    `bare` selects key, system_number and what is compared, and may be read several times; `whole` has besides:
    account_id (empty where new), change and is_identity_changed.
    """

    bare: sa.Select[Any]
    whole: sa.Select[Any]


def situations(given: Rows, *, crowd: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """Return key, account, change, situation and the one person who is meant, if any, of every row.

    `crowd` are the places where a mobile may stand beside other names: pairs of mobile and name index.
    """
    seen = _seen(given, crowd)
    is_person = seen.c.holder_kind == HolderKind.PERSON
    is_valid = seen.c.number_state == NumberState.VALID
    situation = sa.case(
        (seen.c.holder_kind == HolderKind.TEST, Situation.TEST),
        (seen.c.holder_kind == HolderKind.ORGANISATION, Situation.ENTERPRISE),
        (sa.and_(seen.c.owner.is_not(None), seen.c.source_state == SourceState.GONE), Situation.GONE),
        (sa.and_(seen.c.owner.is_not(None), seen.c.is_identity_changed), Situation.CHANGED),
        (seen.c.owner.is_not(None), Situation.LINKED),
        (NoLink.person_id.is_not(None), Situation.REFUSED),
        (~is_valid, Situation.UNQUALIFIED),
        (sa.and_(seen.c.low.is_(None), ~seen.c.is_known), Situation.ABSENT),
        (seen.c.low.is_(None), Situation.DISPUTED),
        (seen.c.is_shared, Situation.AMBIGUOUS),
        (sa.or_(seen.c.is_deceased, seen.c.source_state == SourceState.DECEASED), Situation.DECEASED),
        (seen.c.is_former, Situation.FOUND_FORMER),
        # A mobile that its owner verified here, and the owner is somebody else.
        (sa.or_(seen.c.is_contradictory, seen.c.speaker != seen.c.low), Situation.CONTRADICTED),
        (seen.c.is_one_of_many, Situation.FOUND_MULTIPLE),
        else_=Situation.FOUND,
    )
    person = sa.case((seen.c.owner.is_not(None), seen.c.owner), (is_person, seen.c.meant))
    columns: tuple[Any, ...] = (seen.c.key, seen.c.account_id, seen.c.system_number, seen.c.change)
    is_marked = sa.and_(NoLink.account_id == seen.c.account_id, NoLink.person_id == seen.c.meant)
    return _once(
        sa.select(*columns, situation.label("situation"), person.label("person_id"))
        .select_from(seen)
        .outerjoin(NoLink, is_marked)
    )


def _seen(given: Rows, crowd: Sequence[sa.Select[Any]]) -> sa.Subquery:
    """Return the rows with what is seen of each: whom pair and number mean, and what else is known of them."""
    rows, joined = given.whole.subquery("rows"), _Joined(given, crowd)
    primary, by_pair, by_number = joined.primary, joined.by_pair, joined.by_number
    is_primary = primary.pair_index == rows.c.pair_index
    # Whom the pair means: by the present name of a current number, else by a former number or name.
    low = sa.case((is_primary, primary.person_id), else_=by_pair.c.low)
    is_shared = sa.func.coalesce(sa.or_(by_pair.c.low != low, by_pair.c.high != low), sa.false())
    numbered = sa.func.coalesce(primary.person_id, sa.case((by_number.c.low == by_number.c.high, by_number.c.low)))
    is_person = sa.and_(rows.c.holder_kind == HolderKind.PERSON, rows.c.number_state == NumberState.VALID)
    meant = sa.case(
        (~is_person, joined.guess.c.person_id), (is_shared, sa.null()), else_=sa.func.coalesce(low, numbered)
    )
    columns: tuple[Any, ...] = tuple(rows.c[name] for name in _KEPT)
    return _once(
        sa.select(
            *columns,
            low.label("low"),
            meant.label("meant"),
            is_shared.label("is_shared"),
            sa.or_(primary.person_id.is_not(None), by_number.c.low.is_not(None)).label("is_known"),
            sa.case((is_primary, primary.is_deceased), else_=by_pair.c.is_deceased == 1).label("is_deceased"),
            sa.case((is_primary, sa.false()), else_=by_pair.c.is_former == 1).label("is_former"),
            joined.speaker.person_id.label("speaker"),
            sa.or_(joined.twins.c.pair_index.is_not(None), joined.others.c.key.is_not(None)).label("is_one_of_many"),
            joined.owner.c.person_id.label("owner"),
        ).select_from(joined.onto(rows))
    ).subquery("seen")


def _once(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Have the database compute a select's columns once a row, however often they are read outside of it."""
    return statement.offset(0)


class _Joined:
    """What stands beside each row: everything joined finds one row at most."""

    def __init__(self, given: Rows, crowd: Sequence[sa.Select[Any]]) -> None:
        bare = given.bare.subquery("bare")
        self.primary = aliased(MatchKey, name="primary_key")
        self.speaker = aliased(MatchKey, name="speaker")
        self.by_pair = _secondary(MatchKey.pair_index, "by_pair")
        self.by_number = _secondary(MatchKey.number_index, "by_number")
        self.guess = _guess(bare, crowd)
        self.twins = _twins(bare)
        self.others = _others(given)
        self.owner = (
            sa.select(Link.account_id, Link.person_id)
            .where(Link.state.in_([sa.literal(str(each), literal_execute=True) for each in sorted(OWNING_STATES)]))
            .subquery("owner")
        )

    def onto(self, rows: Any) -> Any:
        """Return the rows with all of it beside them."""
        is_primary = sa.and_(~self.primary.is_former_number, self.primary.name_number == 0)
        return (
            rows.outerjoin(self.primary, sa.and_(self.primary.number_index == rows.c.number_index, is_primary))
            .outerjoin(self.by_pair, self.by_pair.c.index == rows.c.pair_index)
            .outerjoin(self.by_number, self.by_number.c.index == rows.c.number_index)
            .outerjoin(
                self.speaker,
                sa.and_(self.speaker.mobile_index == rows.c.mobile_index, self.speaker.mobile_index.is_not(None)),
            )
            .outerjoin(self.guess, self.guess.c.key == rows.c.key)
            .outerjoin(
                self.twins,
                sa.and_(
                    self.twins.c.pair_index == rows.c.pair_index,
                    self.twins.c.system_number == rows.c.system_number,
                ),
            )
            .outerjoin(self.others, self.others.c.key == rows.c.key)
            .outerjoin(self.owner, self.owner.c.account_id == rows.c.account_id)
        )


def _secondary(index: Any, name: str) -> sa.Subquery:
    """Return whom former and disputed numbers and former names mean, each once: lowest and highest id."""
    is_former_number = sa.case((MatchKey.is_former_number, 1), else_=0)
    is_deceased = sa.case((MatchKey.is_deceased, 1), else_=0)
    return (
        sa.select(
            index.label("index"),
            sa.func.min(MatchKey.person_id).label("low"),
            sa.func.max(MatchKey.person_id).label("high"),
            # Former only where no key of it is current.
            sa.func.min(is_former_number).label("is_former"),
            sa.func.max(is_deceased).label("is_deceased"),
        )
        .where(sa.or_(MatchKey.is_former_number, MatchKey.name_number > 0))
        .group_by(index)
        .subquery(name)
    )


def _twins(bare: sa.Subquery) -> sa.Subquery:
    """Return the pairs of number and name that several of the rows of one system have."""
    columns: tuple[Any, ...] = (bare.c.pair_index, bare.c.system_number)
    return (
        sa.select(*columns)
        .where(bare.c.pair_index.is_not(None), bare.c.holder_kind == HolderKind.PERSON)
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .subquery("twins")
    )


def _others(given: Rows) -> sa.Subquery:
    """Return the rows beside which the system has another account of the same number and name already."""
    rows = given.whole.subquery("rows_beside")
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


def _guess(bare: sa.Subquery, crowd: Sequence[sa.Select[Any]]) -> sa.Subquery:
    """Return, of rows without a usable number, the one person with that name and that verified mobile."""
    tail = (
        sa.select(bare.c.key, bare.c.mobile_index, MatchKey.person_id)
        .select_from(bare)
        .join(MatchKey, MatchKey.name_mobile_index == bare.c.name_mobile_index)
        .where(bare.c.holder_kind == HolderKind.PERSON, bare.c.number_state != NumberState.VALID)
        .cte("tail")
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

"""Which value of a person counts: verified ones, then systems that verified names, then the latest; undone with it."""

import sqlalchemy as sa

from idp.crypto.keyring import Purpose
from idp.house.linking import build_case_scorer
from idp.linking import links
from idp.linking.contents import LegacyRow, content_place, encode_row
from idp.linking.link_models import AttributeClaim, CaseCandidate
from idp.linking.models import LegacyAccount, LegacySystem
from idp.linking.survivorship import ClaimName, Survivorship
from idp.linking.vocabulary import ControlKind
from idp.persons.ciphers import PersonCiphers
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number

NAME, OTHER_NAME = "张小明", "张大明"


def say(world: LegacyWorld, system_number: int, **row: str) -> None:
    """Let the one account of a system say something."""
    with world.database.transaction() as session:
        account = session.scalars(sa.select(LegacyAccount).where(LegacyAccount.system_number == system_number)).one()
        content = encode_row(LegacyRow(reference="1", **row))
        place = content_place(account.batch_number, account.row_number)
        account.content = world.keyring.encrypt(Purpose.DATA, content, place)


def survivorship(world: LegacyWorld) -> Survivorship:
    ciphers = PersonCiphers(keyring=world.keyring, clock=world.house.ground.clock)
    return Survivorship(keyring=world.keyring, ciphers=ciphers)


def winners(world: LegacyWorld, person: str, **verified: str) -> dict[ClaimName, str]:
    with world.database.transaction() as session:
        survivorship(world).recompute(session, person, at=world.change().at)
        chosen = survivorship(world).winners(
            session, person, verified={ClaimName(name): value for name, value in verified.items()}
        )
    return dict(chosen)


def test_the_winner_is_computed_anew_when_a_link_ends(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    plain, proved = world.add_system(), world.add_system("tax")
    with world.database.transaction() as session:
        session.get_one(LegacySystem, proved.number).is_real_name_verified = True
    for system in (plain, proved):
        world.run(system, [Row("1", number, NAME)])
    say(world, plain.number, email="plain@example.test", address="东路1号", mobile="15400000001")
    say(world, proved.number, email="proved@example.test")
    assert winners(world, person) == {}  # proposals say nothing
    for link in world.links():
        with world.database.transaction() as session:
            links.activate(session, link.id, proof=ControlKind.PASSWORD, change=world.change())
    both = {ClaimName.EMAIL: "proved@example.test", ClaimName.ADDRESS: "东路1号"}
    assert winners(world, person) == both
    assert winners(world, person, email="own@example.test") == {**both, ClaimName.EMAIL: "own@example.test"}
    with world.database.transaction() as session:
        links.undo(session, world.links()[1].id, change=world.change())
    assert winners(world, person)[ClaimName.EMAIL] == "plain@example.test"
    with world.database.transaction() as session:
        links.restore(session, world.links()[1].id, change=world.change())
    assert winners(world, person) == both
    with world.database.read() as session:
        standing = session.scalars(sa.select(AttributeClaim).where(AttributeClaim.ended_at.is_(None))).all()
    assert len(standing) == 4


def test_a_mobile_of_an_older_system_is_only_suggested(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    say(world, system.number, mobile="15400000001")
    with world.database.transaction() as session:
        links.activate(session, world.links()[0].id, proof=ControlKind.PASSWORD, change=world.change())
    assert winners(world, person) == {}
    with world.database.read() as session:
        (offered,) = survivorship(world).suggestions(session, person)
    assert (offered.name, offered.value) == (ClaimName.MOBILE, "15400000001")
    assert "1540000" not in repr(offered)


def test_candidates_of_cases_are_compared_by_their_texts(world: LegacyWorld) -> None:
    """A slip in the name is told from another name; of both only percentages are kept."""
    number, other = new_number(), new_number()
    world.add_person(NAME, number)
    world.add_person(NAME, other)
    world.run(world.add_system(), [Row("1", number, "张小朋"), Row("2", other, "王五")])
    scorer = build_case_scorer(world.house.ground)
    assert scorer.run(most=1)
    assert not scorer.run()
    assert not scorer.run()
    with world.database.read() as session:
        found = session.scalars(sa.select(CaseCandidate).order_by(CaseCandidate.score)).all()
    assert [each.evidence["name"] for each in found] == [0, 33]
    assert all(each.evidence["number"] == each.evidence["compared"] == 100 for each in found)
    assert found[0].score < found[1].score

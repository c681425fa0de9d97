"""Beginning with an old account: it shows that the account is somebody's, opens nothing, and waits for who they are."""

from collections import Counter

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.audit.models import AuditEvent
from idp.config.settings import LegacyLoginSettings
from idp.core.hashing import hash_secret
from idp.core.results import Ok, Refused
from idp.house.legacy_logins import build_legacy_logins
from idp.linking.activation_rule import ActivationProblem
from idp.linking.kept_proofs import Keeper, KeptProofs
from idp.linking.vocabulary import ControlKind
from idp.sessions.models import SsoSession
from tests.support.legacy_accounts import OLD_PASSWORD as ACCOUNT_PASSWORD
from tests.support.legacy_accounts import add_account, add_system, log_in, owner_of, proved_person, row_of
from tests.support.meter import Meter
from tests.support.old_accounts import OLD_PASSWORD, OldSystem
from tests.support.relying_party import FormBrowser, make_client
from tests.support.staff import staff_client

PAGE = "/login/old-account"


@pytest.fixture
def overrides():
    return {"legacy_logins": LegacyLoginSettings(offered=True)}


@pytest.fixture
def system(house):
    return OldSystem(house)


def at_page(app, path=PAGE):
    browser = FormBrowser(app)
    browser.open(path)
    return browser


def typed(login="zhang01", password=OLD_PASSWORD, system="shebao"):
    return {"system": system, "login": login, "password": password}


def events(house, event):
    with house.ground.database.read() as session:
        return session.execute(
            sa.select(AuditEvent.reason, AuditEvent.details).where(AuditEvent.event == event).order_by(AuditEvent.at)
        ).all()


def kept(house, browser, person):
    """Return what waits for a person in a browser."""
    secret = browser.client.get_cookie("yihao_browser").value
    keeper = Keeper(person.id, hash_secret(secret))
    return KeptProofs(store=house.ground.store).of(keeper, now=house.ground.clock.now())


def test_the_right_password_leads_to_who_are_you_and_opens_nothing(app, house, system):
    """Its hash is made anew on the account, what the older system stored is erased, and no session begins."""
    account_id = system.add()
    assert system.account(account_id).credential is not None
    browser = at_page(app)
    browser.submit(typed())
    assert browser.path.endswith("/login/old-account/shown")
    account = system.account(account_id)
    assert account.password_hash.startswith("$argon2id$")
    assert account.credential is None
    assert account.migrated_at == house.ground.clock.now()
    browser.open("/account")
    assert browser.path.endswith("/login")
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SsoSession)) == 0


def test_the_new_hash_opens_as_the_old_one_did_and_nothing_else_does(app, system):
    system.add()
    at_page(app).submit(typed())
    again = at_page(app)
    again.submit(typed(password="another-password"))
    assert again.response.status_code == 422
    again.submit(typed())
    assert again.path.endswith("/shown")


def test_after_the_login_the_account_waits_with_that_session(app, house, system, register_person):
    """A client gets its answer only after the person was told; the proof names the account and when it was shown."""
    account_id, person, party = system.add(), register_person(), make_client(house)
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    at = browser.path.replace("/login", PAGE)
    browser.open(at)
    browser.submit(typed())
    browser.open(at.replace(PAGE, "/login"))
    browser.submit({"identifier": person.login_name, "password": person.password})
    assert browser.path.endswith("/login/old-account/waiting")
    (proof,) = kept(house, browser, person)
    assert (proof.account_id, proof.proof.kind, proof.proof.is_default) == (account_id, ControlKind.PASSWORD, False)
    browser.open(at.replace(PAGE, "/continue"))
    assert "code=" in browser.location


def test_who_is_logged_in_and_comes_from_our_own_pages_is_not_stopped(app, house, system, register_person):
    account_id = system.add()
    browser, person = at_page(app, "/login"), register_person()
    browser.log_in(person)
    browser.open(PAGE)
    browser.submit(typed())
    assert browser.path == "/account"
    assert [proof.account_id for proof in kept(house, browser, person)] == [account_id]


def test_nobody_elses_login_finds_the_proof(app, house, system, register_person):
    """It waits in the interaction that showed it; another browser's login, and another of this one, know nothing."""
    system.add()
    at_page(app).submit(typed())
    stranger, person = at_page(app, "/login"), register_person()
    stranger.log_in(person)
    assert kept(house, stranger, person) == ()


def test_it_waits_for_who_logged_in_and_for_nobody_after_them(app, house, system, register_person):
    """Two who share a browser, one after the other; and the same person on another one."""
    system.add()
    first, second = register_person(), register_person(number="110105199003070017")
    shared, elsewhere = at_page(app), at_page(app, "/login")
    shared.submit(typed())
    shared.open(shared.path.replace("/login/old-account/shown", "/login"))
    shared.log_in(first)
    elsewhere.log_in(first)
    assert len(kept(house, shared, first)) == 1
    assert kept(house, elsewhere, first) == ()
    assert kept(house, shared, second) == ()


@pytest.mark.parametrize(("minutes", "counts"), [(9, True), (10, False)])
def test_after_ten_minutes_it_counts_for_nothing(app, house, clock, system, register_person, minutes, counts):
    system.add()
    person, browser = register_person(), at_page(app)
    at = browser.path
    browser.submit(typed())
    clock.advance(minutes=minutes)
    browser.open(at.replace(PAGE, "/login"))
    browser.submit({"identifier": person.login_name, "password": person.password})
    assert bool(kept(house, browser, person)) is counts


@pytest.mark.parametrize(
    ("password", "more"),
    [
        ("123456", {}),
        ("071244", {"number": "339901199003071244"}),
        ("19900307", {"birth_date": "1990-03-07"}),
        ("15400001234", {"mobile": "15400001234"}),
    ],
)
def test_a_password_that_others_would_guess_is_right_and_no_proof(app, house, system, password, more):
    system.add(password=password, **more)
    browser = at_page(app)
    browser.submit(typed(password=password))
    assert browser.path.endswith("/shown")
    ((_, details),) = events(house, "legacy.control_shown")
    assert details["default"] is True


def test_a_password_that_many_accounts_share_is_told(app, house, system):
    system.add()
    for number in range(7):
        system.add(f"other{number}")
    at_page(app).submit(typed())
    ((_, details),) = events(house, "legacy.control_shown")
    assert (details["shared"] > 5, details["default"]) == (True, False)


@pytest.mark.parametrize(
    "login", ["zhang01", "GR-zhang01", "339901199003071244", "15400001234", "+86 154 0000 1234", " zhang01 "]
)
def test_an_account_is_named_as_its_own_users_name_it(app, system, login):
    system.add(number="339901199003071244", mobile="15400001234", name="张三")
    browser = at_page(app)
    browser.submit(typed(login=login))
    assert browser.path.endswith("/shown")


def test_a_mobile_of_many_names_nobody(app, system):
    for number in range(4):
        system.add(f"family{number}", mobile="15400001234")
    browser = at_page(app)
    browser.submit(typed(login="15400001234"))
    assert browser.response.status_code == 422
    browser.submit(typed(login="family2"))
    assert browser.path.endswith("/shown")


@pytest.mark.parametrize("standing", ["wrong", "blocked", "no password", "migrated"])
def test_unknown_wrong_and_blocked_cost_the_same(app, house, system, monkeypatch, standing):
    """Pages, statements and hashes, counted; the audit alone tells them apart."""
    system.add(password="" if standing == "no password" else OLD_PASSWORD)
    if standing == "migrated":
        at_page(app).submit(typed())
    meter, limit = Meter(house, monkeypatch), house.settings.login.tries_before_lock
    for login in ("zhang01", "nobody"):
        for _ in range(limit if standing == "blocked" else 0):
            at_page(app).submit(typed(login=login, password="wrong"))
    at_page(app).submit(typed(login="somebody", password="warm"))
    password = OLD_PASSWORD if standing == "blocked" else "wrong"
    known, unknown = (meter.submit(at_page(app), typed(login, password)) for login in ("zhang01", "nobody"))
    assert known == unknown
    assert (known.status, known.hashes, known.deliveries) == (422, 1, 0)
    reasons = Counter(reason for reason, _ in events(house, "legacy.login_failed"))
    if standing == "blocked":
        assert reasons == {"wrong_password": limit, "unknown_account": limit + 1, "blocked": 2}
    else:
        assert reasons == {"wrong_password": 1, "unknown_account": 2}


def test_tries_are_counted_by_account_whatever_it_is_called(app, house, clock, system):
    """Login, reference and mobile are one account's, and so is the pause."""
    system.add(mobile="15400001234")
    names = ["zhang01", "GR-zhang01", "15400001234"]
    for place in range(house.settings.login.tries_before_lock):
        at_page(app).submit(typed(login=names[place % 3], password="wrong"))
    browser = at_page(app)
    browser.submit(typed())
    assert browser.response.status_code == 422
    clock.advance(seconds=house.settings.login.lock_seconds + 1)
    browser.submit(typed())
    assert browser.path.endswith("/shown")


def test_a_success_clears_the_tries(app, house, system):
    system.add()
    for _ in range(3):
        for _ in range(house.settings.login.tries_before_lock - 1):
            at_page(app).submit(typed(password="wrong"))
        browser = at_page(app)
        browser.submit(typed())
        assert browser.path.endswith("/shown")


def test_a_system_that_is_not_offered_is_no_choice(app, house, system):
    OldSystem(house, "hall", scheme="none")
    system.add()
    browser = at_page(app)
    assert 'value="shebao"' in browser.text
    assert 'value="hall"' not in browser.text
    browser.submit(typed(system="hall"))
    assert browser.response.status_code == 422


def test_no_personal_data_is_in_the_audit(app, house, system):
    system.add(number="339901199003071244")
    at_page(app).submit(typed(login="339901199003071244", password="wrong"))
    at_page(app).submit(typed(login="339901199003071244"))
    rows = events(house, "legacy.login_failed") + events(house, "legacy.control_shown")
    assert len(rows) == 2
    assert not any(text in str(rows) for text in ("339901", "zhang", "wrong ", OLD_PASSWORD))


@pytest.fixture
def shown(house, register_person):
    """A person proved at level 3 and what they showed of an account before they logged in."""
    person = proved_person(house, register_person, 1)
    number = add_system(house)
    account_id = add_account(house, number, row_of(person))

    def show(password=ACCOUNT_PASSWORD):
        logins, kept_proofs = build_legacy_logins(house.ground, house.people), KeptProofs(store=house.ground.store)
        proved = logins.prove("housing-fund", f"old-{person.login_name}", password, origin=NOWHERE)
        kept_proofs.keep(Keeper(person.id, "browser"), proved.value, now=house.ground.clock.now())
        return person, account_id, proved.value.proof.handle

    return show


def test_what_was_shown_becomes_the_persons_by_their_claim(house, shown):
    """In a login of level 3, with the pair, as any other claim; and once."""
    person, account_id, handle = shown()
    own, live = house.login.links.own, log_in(house, person)
    assert [each.handle for each in own.shown(live, "browser")] == [handle]
    assert isinstance(own.claim_shown(live, "browser", handle, origin=NOWHERE), Ok)
    assert owner_of(house, account_id) == person.id
    assert own.shown(live, "browser") == ()
    assert own.claim_shown(live, "browser", handle, origin=NOWHERE) == Refused(ActivationProblem.PROOF_MISSING)


def test_it_is_claimed_in_that_browser_and_within_ten_minutes_alone(house, clock, shown):
    person, account_id, handle = shown()
    own, live = house.login.links.own, log_in(house, person)
    for browser, wanted in (("another", handle), ("browser", "no-such-handle")):
        answer = own.claim_shown(live, browser, wanted, origin=NOWHERE)
        assert answer == Refused(ActivationProblem.PROOF_MISSING)
    clock.advance(minutes=10)
    live = log_in(house, person)
    assert own.claim_shown(live, "browser", handle, origin=NOWHERE) == Refused(ActivationProblem.PROOF_MISSING)
    assert owner_of(house, account_id) is None


class TestNotOffered:
    """An operator who has not switched it on has neither page nor link."""

    @pytest.fixture
    def overrides(self):
        return {}

    def test_there_is_no_page(self, app):
        browser = FormBrowser(app)
        assert browser.open(PAGE).status_code == 404
        browser.open("/login")
        assert "old-account" not in browser.text


def test_the_login_page_leads_there(app, system):
    browser = at_page(app, "/login")
    assert "/login/old-account" in browser.text


def test_a_staff_login_has_no_such_page(app, house, system):
    party = staff_client(house)
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    at = browser.path
    browser.open(at.replace("/login", PAGE))
    assert browser.path == at

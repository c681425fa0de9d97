"""People and their portal, who use the provider without pause and write down what they are told."""

import random
import threading

from idp.outbox.queue import DeliveryKind
from tests.durability.deployment import Deployment
from tests.durability.http_browser import HttpBrowser, Unknown
from tests.durability.ledger import FamilyEntry, Ledger, PersonEntry
from tests.support.houses import PASSWORD
from tests.support.relying_party import RelyingParty, parameters_of

NUMBER = "11010519491231002X"
FAMILIES = 4


class Citizens:
    """One thread's people, one after the other."""

    def __init__(
        self, *, name: int, deployment: Deployment, party: RelyingParty, ledger: Ledger, dice: random.Random
    ) -> None:
        self._name = name
        self._deployment = deployment
        self._party = party
        self._ledger = ledger
        self._dice = dice

    def live(self, stop: threading.Event) -> None:
        """Go on until told to stop; a fault of the provider ends in the ledger, never in silence."""
        number = 0
        while not stop.is_set():
            number += 1
            person = PersonEntry(f"13{self._name:03d}{number:06d}")
            self._ledger.people.append(person)
            try:
                self._life_of(person, stop)
            except AssertionError as fault:
                self._ledger.broken.append(str(fault))

    def _life_of(self, person: PersonEntry, stop: threading.Event) -> None:
        browser = HttpBrowser(self._deployment.port)
        try:
            self._register(person, browser)
        except Unknown:
            self._ledger.unknown += 1
            return
        for _ in range(FAMILIES):
            if stop.is_set():
                return
            try:
                self._authorize(person, browser)
            except Unknown:
                self._ledger.unknown += 1
        for family in person.families:
            for _ in range(self._dice.randint(1, 3)):
                self._refresh(family)
            what = self._dice.random()
            if what < 0.3:
                self._revoke(family)
            elif what < 0.6:
                self._replay(family)

    def _register(self, person: PersonEntry, browser: HttpBrowser) -> None:
        browser.open("/register")
        form = {"name": "李小红", "number": NUMBER, "mobile": person.mobile, "password": PASSWORD, "terms": "y"}
        browser.submit(form)
        if browser.status != 303:
            raise Unknown("the parked registration is gone")
        browser.open(browser.location)
        code = self._code_of(person.mobile)
        browser.submit({"code": code})
        # A registration that was parked in a store that came back needs a new try; that is no acknowledgement.
        if browser.status == 303 and browser.location.endswith("/continue"):
            person.registered = True
            self._ledger.acknowledged += 1
            browser.open(browser.location)

    def _code_of(self, mobile: str) -> str:
        def read() -> object:
            for _, payload in self._deployment.house.protocol.queue.recent(DeliveryKind.MESSAGE, most=40):
                if payload["to"].endswith(mobile) and "code" in payload["parameters"]:
                    return payload["parameters"]["code"]
            return None

        code = self._deployment.look(read)
        if code is None:
            raise Unknown("no code was sent")
        return str(code)

    def _authorize(self, person: PersonEntry, browser: HttpBrowser) -> None:
        """Get a code, through as many pages as are shown, and redeem it."""
        browser.open(self._party.authorize_path(scope="openid profile offline_access"))
        for _ in range(4):
            if browser.location.startswith(self._party.redirect_uri):
                break
            if 'id="identifier"' in browser.text:
                browser.submit({"identifier": person.mobile, "password": PASSWORD})
                if browser.status == 422 and person.registered:
                    raise AssertionError("a registered person's password is refused")
            elif browser.path.endswith("/consent"):
                browser.submit({"decision": "allow"})
                # Acknowledged where it goes on; an interaction that is over is a page.
                if browser.status == 303:
                    person.consented = True
                    self._ledger.acknowledged += 1
            else:
                raise Unknown("the parked login is gone")
            if browser.status == 303:
                browser.open(browser.location)
        code = parameters_of(browser.location).get("code")
        if code is None:
            raise Unknown("no code")
        self._redeem(person, code)

    def _redeem(self, person: PersonEntry, code: str) -> None:
        status, body = self._ask(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._party.redirect_uri,
            code_verifier=self._party.verifier,
        )
        if status == 200:
            person.families.append(FamilyEntry(code, str(body["refresh_token"])))
            self._ledger.acknowledged += 1
        else:
            person.refused_codes.append(code)

    def _refresh(self, family: FamilyEntry) -> None:
        if family.dead:
            return
        lost = self._ledger.unknown
        status, body = self._ask(family, grant_type="refresh_token", refresh_token=family.refresh_token)
        if status == 200:
            family.refresh_token = str(body["refresh_token"])
            family.refreshes += 1
            self._ledger.acknowledged += 1
        else:
            if family.lost_answers == 0 and self._ledger.unknown == lost:
                self._ledger.broken.append("a live refresh token was refused")
            family.dead = True  # a retry after the grace is a replay

    def _revoke(self, family: FamilyEntry) -> None:
        self._ask(family, path="/oauth/revoke", token=family.refresh_token)
        family.dead = True
        self._ledger.acknowledged += 1

    def _replay(self, family: FamilyEntry) -> None:
        """Present a code again that was acknowledged: whatever Redis holds now, it opens nothing."""
        status, _ = self._ask(
            family,
            grant_type="authorization_code",
            code=family.code,
            redirect_uri=self._party.redirect_uri,
            code_verifier=self._party.verifier,
        )
        if status == 200:
            self._ledger.broken.append("a code was redeemed twice")
        family.dead = True
        self._ledger.acknowledged += 1

    def _ask(
        self, family: FamilyEntry | None = None, /, path: str = "/oauth/token", **form: str
    ) -> tuple[int, dict[str, object]]:
        """Post as the portal, again and again until there is an answer."""
        browser = HttpBrowser(self._deployment.port)
        for _ in range(400):
            try:
                browser.send("POST", path, form, self._party.basic())
            except Unknown:
                self._ledger.unknown += 1
                if family is not None:
                    family.lost_answers += 1
                threading.Event().wait(self._dice.uniform(0.02, 0.3))
                continue
            return browser.status, browser.body
        raise AssertionError(f"{path} gives no answer any more")

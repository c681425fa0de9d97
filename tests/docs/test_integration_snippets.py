"""The snippets of docs/integration.md are run against a provider; those that are not say so."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import yaml

from idp.config.settings import Settings
from tests.docs.conftest import Registered, Running, run_step
from tests.docs.person import Person
from tests.docs.snippets import ROOT, snippet, snippets_of
from tests.support.tools import find_node, has_node_packages, leave_out

Start = Callable[..., None]
_PAGE = "integration.md"
_RUN = {"authlib_app.py", "plain_app.py", "app.mjs", "login.sh", "api.py", "approved.sh"}


def _flask(name: str, url: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", name, "run", "--port", str(urlsplit(url).port)]


def test_every_program_on_the_page_is_run_or_says_that_it_is_not() -> None:
    """No program stands on the page without a marker, and each marked file has a test here."""
    programs = [each for each in snippets_of(_PAGE) if each.language not in ("text", "")]
    assert {each.marker("file") for each in programs} - {None} == _RUN
    for each in programs:
        assert each.marker("file") or each.marker("step") or "not-run" in each.markers, each.text[:80]
    for each in programs:
        if each.language == "yaml":
            assert yaml.safe_load(each.text)


def test_the_authlib_application_logs_in_and_obeys_the_back_channel(
    provider: Running, registered: Registered, start: Start, person: Person
) -> None:
    """Login, greeting by name, and a logout at the provider that ends the application's session."""
    start("authlib_app.py", _flask("authlib_app", registered.app_url), registered.app_url, registered.environment)
    person.open(f"{registered.app_url}/login")
    person.log_in_and_allow()
    assert "Hello 张三" in person.text
    person.open(f"{provider.issuer}/logout")
    person.submit({"decision": "yes"})
    person.open(registered.app_url)
    ends = time.monotonic() + 60
    while "Hello" in person.text and time.monotonic() < ends:  # the worker delivers it
        time.sleep(0.2)
        person.open(registered.app_url)
    assert "Log in" in person.text


def test_the_authlib_application_logs_out_and_refuses_a_made_up_logout(
    registered: Registered, start: Start, person: Person
) -> None:
    """Its logout comes back to it without a question; a logout token that nobody signed gets 400."""
    start("authlib_app.py", _flask("authlib_app", registered.app_url), registered.app_url, registered.environment)
    with requests.Session() as http:
        http.trust_env = False
        forged = http.post(f"{registered.app_url}/backchannel-logout", data={"logout_token": "a.b.c"}, timeout=30)
    assert forged.status_code == 400
    person.open(f"{registered.app_url}/login")
    person.log_in_and_allow()
    person.open(f"{registered.app_url}/logout")
    assert person.url == f"{registered.app_url}/"
    assert "Log in" in person.text


def test_the_plain_application_logs_in(registered: Registered, start: Start, person: Person) -> None:
    """The login by hand works, and an answer with a foreign state or issuer is refused."""
    start("plain_app.py", _flask("plain_app", registered.app_url), registered.app_url, registered.environment)
    person.open(f"{registered.app_url}/login")
    person.log_in_and_allow()
    assert person.text == "Hello 张三"
    with requests.Session() as http:
        http.trust_env = False
        stranger = http.get(f"{registered.app_url}/callback?code=x&state=y&iss=z", timeout=30)
    assert stranger.status_code == 400


def test_the_node_application_logs_in_and_out(
    registered: Registered, start: Start, person: Person, tmp_path: Path
) -> None:
    """openid-client 6 logs in, greets and logs out."""
    node = find_node()
    if node is None or not has_node_packages():
        leave_out("Node", "node or its packages are missing (make node)")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    start("app.mjs", [str(node), "app.mjs"], registered.app_url, registered.environment)
    person.open(f"{registered.app_url}/login")
    person.log_in_and_allow()
    assert "Hello 张三" in person.text
    person.open(f"{registered.app_url}/logout")
    assert person.url == f"{registered.app_url}/"
    assert "Log in" in person.text


def test_the_shell_script_and_the_api(
    provider: Running, registered: Registered, start: Start, person: Person, tmp_path: Path
) -> None:
    """curl logs in, reads userinfo, introspects, refreshes and revokes; the API answers by what it was told."""
    api = f"http://127.0.0.1:{urlsplit(registered.app_url).port}"
    start("api.py", _flask("api", api), f"{api}/profile", registered.environment)
    (tmp_path / "login.sh").write_text(snippet(_PAGE, file="login.sh"), "utf-8")
    script = subprocess.Popen(
        ["bash", "-eu", "login.sh"],
        cwd=tmp_path,
        env=registered.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert script.stdin is not None and script.stdout is not None
    address = script.stdout.readline().removeprefix("Open ").strip()
    callback = f"{registered.app_url}/callback"
    person.open(address, until=callback)
    person.log_in_and_allow(until=callback)
    code = parse_qs(urlsplit(person.url).query)["code"][0]
    output, _ = script.communicate(f"{code}\n", timeout=60)
    assert script.returncode == 0, output
    told = dict(re.findall(r"^([a-z ]+): (\{.*\})$", output, re.MULTILINE))
    assert json.loads(told["userinfo"])["name"] == "张三"
    assert json.loads(told["introspection"])["active"] is True
    assert json.loads(told["after revocation"]) == {"active": False}
    first, refreshed = json.loads(told["tokens"]), json.loads(told["refreshed"])
    assert refreshed["refresh_token"] != first["refresh_token"]
    with requests.Session() as http:
        http.trust_env = False
        bearer = {"Authorization": f"Bearer {refreshed['access_token']}"}
        assert http.get(f"{api}/profile", headers=bearer, timeout=30).json()["scope"] == refreshed["scope"]
        too_low = http.get(f"{api}/records", headers=bearer, timeout=30)
        assert "insufficient_user_authentication" in too_low.headers["WWW-Authenticate"]
        revoked = {"Authorization": f"Bearer {first['access_token']}"}
        assert http.get(f"{api}/profile", headers=revoked, timeout=30).status_code == 401
        assert http.get(f"{api}/profile", timeout=30).status_code == 401


def test_an_approved_system_verifies_registers_and_asks(provider: Running, tmp_path: Path) -> None:
    """The commands of the page approve a system, and its script gets the answers that the page promises."""
    told = run_step(provider, "register-system", {})
    names = {"CLIENT_ID": told["client_id"], "CLIENT_SECRET": told["client_secret"], "ISSUER": provider.issuer}
    approved = run_step(provider, "approve-system", names)
    assert approved["resource"] == f"{provider.issuer}/api/v1"
    (tmp_path / "approved.sh").write_text(snippet(_PAGE, file="approved.sh"), "utf-8")
    output = subprocess.run(
        ["bash", "-eu", "approved.sh"],
        cwd=tmp_path,
        env={**provider.environment, **names, "SUB": "made-up", "NO_PROXY": "127.0.0.1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    answers = {name: json.loads(text) for name, text in re.findall(r"^([a-z]+): (\{.*\})$", output, re.MULTILINE)}
    assert set(answers["verification"]) == {"result", "request_id"}
    assert answers["verification"]["result"] == "no_record"  # this provider's register is empty
    assert list(answers["person"]) == ["request_id"]
    assert answers["level"]["type"] == "urn:yihao:problem:not-found"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("| authorization code | 60 s", ("tokens", "code_seconds", 60)),
        ("| access token | 300 s", ("tokens", "access_token_seconds", 300)),
        ("| ID token | 300 s", ("tokens", "id_token_seconds", 300)),
        ("30 days unused", ("tokens", "refresh_idle_seconds", 30 * 86_400)),
        ("90 days in all", ("tokens", "refresh_absolute_seconds", 90 * 86_400)),
        ("| 10 s for a lost answer", ("tokens", "refresh_grace_seconds", 10)),
        ("| 30 min unused, 12 h in all", ("sessions", "idle_seconds", 1_800)),
        ("| 30 min unused, 12 h in all", ("sessions", "absolute_seconds", 43_200)),
        ("| 15 min unused, 8 h in all", ("sessions", "staff_idle_seconds", 900)),
        ("| 15 min unused, 8 h in all", ("sessions", "staff_absolute_seconds", 28_800)),
        ("| a login that was begun | 30 min", ("login", "interaction_seconds", 1_800)),
        ("published 14 days before they sign", ("keys", "announce_seconds", 14 * 86_400)),
        ("old ones stay 14 days after", ("keys", "retain_seconds", 14 * 86_400)),
    ],
)
def test_the_lives_on_the_page_are_the_defaults(text: str, value: tuple[str, str, int]) -> None:
    """A number on the page is the number of the settings."""
    section, name, seconds = value
    page = (ROOT / "docs" / _PAGE).read_text("utf-8")
    assert text in page
    assert getattr(getattr(Settings(), section), name) == seconds


def test_the_rules_are_complete() -> None:
    """Each rule of the table is in both languages, and each one named in the text is in the table."""
    page = (ROOT / "docs" / _PAGE).read_text("utf-8")
    rows = re.findall(r"^\| (R[0-9]+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert [number for number, _english, _chinese in rows] == [f"R{n}" for n in range(1, len(rows) + 1)]
    assert all(re.search(r"[\u4e00-\u9fff]", chinese) for _number, _english, chinese in rows)
    assert set(re.findall(r"\bR[0-9]+\b", page)) == {number for number, _english, _chinese in rows}

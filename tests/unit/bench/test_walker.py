"""The walk through a flow: variables, captures, judgement, and what must stand in the books."""

from bench.walker import Step, Walker
from bench.wire import Answer

HEADERS = {"Host": "here", "Cookie": "{cookie}"}
AUTHORIZE = Step(
    "GET", "/a?nonce={unique}", HEADERS, statuses=(302, 303), captures={"code": ("location", r"[?&]code=([^&]+)")}
)
TOKEN = Step(
    "POST", "/t", {}, "code={code}", must="id_token", captures={"rt": ("body", r'"rt":"([^"]+)"')}, books="redeemed"
)


def redirect(code: str) -> Answer:
    return Answer(303, f"HTTP/1.1 303 x\r\nLocation: https://c/?{code}\r\n".encode(), b"")


def tokens(text: str, status: int = 200) -> Answer:
    return Answer(status, b"HTTP/1.1 200 x\r\n", text.encode())


def test_a_flow() -> None:
    """What one answer gives goes into the next request, and a flow counts when its last answer is good."""
    account = {"cookie": "sid=1"}
    walker = Walker([AUTHORIZE, TOKEN], [account])
    first = walker.next_request(10.0)
    assert first.startswith(b"GET /a?nonce=") and b"\r\nCookie: sid=1\r\n\r\n" in first
    walker.take(redirect("code=abc%2F1&state=s"), 10.5)
    assert not walker.is_between_flows
    assert walker.next_request(10.5).endswith(b"Content-Length: 12\r\n\r\ncode=abc%2F1")
    walker.take(tokens('{"id_token":"x","rt":"r/1"}'), 12.0)
    assert (walker.tally.flows, walker.tally.bad, walker.tally.latencies) == (1, 0, [2.0])
    assert walker.tally.acknowledged == {"redeemed": 1}
    assert account["rt"] == "r%2F1"
    assert walker.is_between_flows


def test_accounts_take_turns() -> None:
    """Each flow is the next account's, and a pass is over when all had their turn."""
    walker = Walker([Step("GET", "/{who}", {})], [{"who": "first"}, {"who": "second"}])
    paths = []
    for _ in range(3):
        paths.append(walker.next_request(0.0).split()[1])
        walker.take(tokens(""), 0.0)
    assert paths == [b"/first", b"/second", b"/first"]
    assert walker.passes == 1


def test_each_flow_is_unique() -> None:
    """No two flows send the same nonce."""
    walker = Walker([Step("GET", "/{unique}", {})], [{}])
    first = walker.next_request(0.0)
    walker.take(tokens(""), 0.0)
    assert walker.next_request(0.0) != first


def test_bad_answers() -> None:
    """A wrong status, a missing text and a missing code end the flow; the first is kept as a sample."""
    walker = Walker([AUTHORIZE, TOKEN], [{"cookie": "c"}])
    for answers in ([redirect("error=x")], [redirect("code=1"), tokens("no", 500)], [redirect("code=1"), tokens("no")]):
        for answer in answers:
            walker.next_request(0.0)
            walker.take(answer, 0.0)
        assert walker.is_between_flows
    assert (walker.tally.flows, walker.tally.bad) == (0, 3)
    assert walker.tally.sample == "GET /a: status 303 https://c/?error=x"
    # Acknowledged is what the status says: the last one must stand in the books, good or not.
    assert walker.tally.acknowledged == {"redeemed": 1}


def test_a_lost_answer() -> None:
    """A request without an answer may or may not be in the books."""
    walker = Walker([TOKEN], [{"code": "1"}])
    walker.next_request(0.0)
    walker.lose("the connection was closed")
    assert walker.tally.unanswered == {"redeemed": 1}
    assert (walker.tally.bad, walker.tally.acknowledged) == (1, {})


def test_steps_travel() -> None:
    """A step comes out of its document as it went in."""
    assert Step.of(TOKEN.as_document()) == TOKEN

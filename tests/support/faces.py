"""What a person does on the pages of a service that compares faces."""

import http.client
import re
from urllib.parse import urlencode, urlsplit

from demo.simulators.face_sessions import Choice
from tests.support.relying_party import FormBrowser


def service_url(browser: FormBrowser) -> str:
    """Return where the page leads."""
    found = re.search(r'id="face-go" href="([^"]+)"', browser.text)
    assert found is not None
    return found[1]


def show_face(url: str, choice: Choice = Choice.PASS) -> str:
    """Do what the service's page asks for, in whichever browser, and return where it leads."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path)
    page = connection.getresponse().read().decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    form = urlencode({"token": token[1], "choice": choice})
    connection.request("POST", parts.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 303
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"

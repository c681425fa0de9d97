"""The forms check presence and length only, and show what the rooms below refuse."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from idp.web.forms.consent import ConsentForm
from idp.web.forms.login import CodeForm, PasswordLoginForm
from idp.web.forms.logout import DecisionForm
from idp.web.forms.register import RegistrationForm
from idp.web.locale import init_locale
from idp.web.page_models import ConsentItem

_ITEMS = [ConsentItem("openid", "openid", False), ConsentItem("id_number", "id_number", True)]


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask("forms-test")
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=False)
    init_locale(app, ["zh_CN", "en"], "zh_CN")
    yield app


def _posted(app: Flask, form: Any, data: dict[str, Any]) -> Any:
    with app.test_request_context("/", method="POST", data=data):
        filled = form()
        filled.validate_on_submit()
        return filled


def test_complete_input_passes_and_is_tidied(app: Flask) -> None:
    """Spaces that people type into codes and numbers are dropped; a password is left as typed."""
    assert _posted(app, CodeForm, {"code": " 482 913 "}).code.data == "482913"
    form = _posted(app, PasswordLoginForm, {"identifier": " 13800005678 ", "password": " a b "})
    assert (form.identifier.data, form.password.data, form.errors) == ("13800005678", " a b ", {})


def test_missing_and_overlong_input_is_refused_in_chinese(app: Flask) -> None:
    """An empty field and an endless one are refused with a text in the page's language."""
    with app.test_request_context("/", method="POST", data={"identifier": "x" * 65, "password": ""}):
        form = PasswordLoginForm()
        assert not form.validate_on_submit()
        assert [str(text) for text in form.password.errors] == ["请输入密码。"]
        assert [str(text) for text in form.identifier.errors] == ["内容过长，请检查。"]


def test_the_terms_must_be_agreed_to(app: Flask) -> None:
    """Registration without the tick is refused, with it accepted."""
    data = {"name": "张三", "number": "1" * 18, "mobile": "13800005678", "password": "long enough"}
    assert "terms" in _posted(app, RegistrationForm, data).errors
    assert _posted(app, RegistrationForm, {**data, "terms": "y"}).errors == {}


@pytest.mark.parametrize(("value", "accepted"), [("yes", True), ("no", True), ("maybe", False), ("", False)])
def test_decisions_are_one_of_two(app: Flask, value: str, accepted: bool) -> None:
    """A decision is yes or no, and nothing counts as either."""
    assert (_posted(app, DecisionForm, {"decision": value}).errors == {}) is accepted


@pytest.mark.parametrize(
    ("granted", "accepted"), [([], True), (["id_number"], True), (["openid"], False), (["other"], False)]
)
def test_only_offered_sensitive_items_can_be_ticked(app: Flask, granted: list[str], accepted: bool) -> None:
    """A tick for something that was not offered as sensitive is refused."""
    with app.test_request_context("/", method="POST", data={"decision": "allow", "granted": granted}):
        form = ConsentForm()
        form.offer(_ITEMS)
        assert form.validate_on_submit() is accepted
        if accepted:
            assert form.granted.data == granted


def test_refusals_of_the_rooms_below_are_shown(app: Flask) -> None:
    """A refusal stands at its field or above the form, after validation."""
    form = _posted(app, CodeForm, {"code": "482913"})
    form.refuse("wrong", field="code")
    form.refuse("busy")
    assert form.errors == {"code": ["wrong"], "": ["busy"]}

"""Every page in every state: translated, labelled, without inline code, in both directions of writing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scripts.translations import extract
from tests.support.page_app import TEMPLATES, WEB, bare_app
from tests.support.page_samples import SAMPLES
from tests.support.proofing_samples import FACE_SCRIPT
from tests.support.pseudo_locale import LEFT_TO_RIGHT, RIGHT_TO_LEFT, write_pseudo_translations

# What the samples themselves put on the pages.
_DATA = re.compile(
    r"社会保险网上服务平台|示例市住房公积金管理中心|示例市人力资源和社会保障局|住房公积金查询|住房公积金|社会保险|不动产登记|示例区政务服务中心|"
    r"号终端|北京|上海|张|rs\.example\.gov\.cn|someone@example\.com|Windows · Edge|Android|"
    r"login_code|password_changed"
)
_WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
_SPOKEN = (
    "alt",
    "aria-label",
    "title",
    "placeholder",
    "data-toggle-show",
    "data-toggle-hide",
    "data-wait-text",
)
_VOID = {"meta", "link", "img", "input", "br", "hr"}
_NAMES = [sample.name for sample in SAMPLES]


class _Page(HTMLParser):
    """Collects what a page says and how it is built."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        quiet = self._is_quiet() or tag in {"time", "script"} or found.get("translate") == "no"
        # A part with its own language is a name, not a text (the root's language is the page's).
        quiet = quiet or ("lang" in found and tag != "html") or found.get("class") == "message-text"
        if not quiet:
            self.texts += [found[name] for name in _SPOKEN if name in found]
        if tag not in _VOID:
            self._open.append((tag, quiet))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        opened, _quiet = self._open.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        if not self._is_quiet() and data.strip():
            self.texts.append(data.strip())

    def find(self, *names: str) -> Iterator[dict[str, str]]:
        return (attributes for tag, attributes in self.tags if tag in names)

    def _is_quiet(self) -> bool:
        return bool(self._open) and self._open[-1][1]


@pytest.fixture(scope="module")
def pseudo_client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("translations")
    write_pseudo_translations(extract(), folder)
    return bare_app(supported=(LEFT_TO_RIGHT, RIGHT_TO_LEFT), translations=str(folder)).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return bare_app().test_client()


def _get(client: FlaskClient, name: str, language: str) -> _Page:
    response = client.get(f"/sample/{name}", headers={"Accept-Language": language})
    assert response.status_code == 200
    return _Page(response.text)


def _untranslated(text: str) -> str:
    """Return what is left of a text when translations and sample data are taken away."""
    before = ""
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return _DATA.sub("", text)


@pytest.mark.parametrize("name", _NAMES)
def test_every_text_goes_through_gettext(pseudo_client: FlaskClient, name: str) -> None:
    """A word on a page that no translation could change fails."""
    page = _get(pseudo_client, name, LEFT_TO_RIGHT)
    assert [text for text in page.texts if _WORD.search(_untranslated(text))] == []


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize(("language", "direction"), [(LEFT_TO_RIGHT, "ltr"), (RIGHT_TO_LEFT, "rtl")])
def test_the_root_says_language_and_direction(
    pseudo_client: FlaskClient, name: str, language: str, direction: str
) -> None:
    """The root element carries the language and direction in which the page is written."""
    root = next(_get(pseudo_client, name, language).find("html"))
    assert (root["lang"], root["dir"]) == (language, direction)


@pytest.mark.parametrize("name", _NAMES)
def test_no_inline_script_style_or_handler(client: FlaskClient, name: str) -> None:
    """Nothing stands in a page that the content security policy would block (style.md 7).

    One page alone has a script that is not ours, and its policy names where that comes from.
    """
    page = _get(client, name, "zh-CN")
    assert not list(page.find("style"))
    foreign = [script.get("src", "") for script in page.find("script")]
    foreign = [source for source in foreign if not source.startswith("/static/")]
    assert foreign == ([FACE_SCRIPT.url] if name.startswith("verify-face-start") else [])
    for tag, attributes in page.tags:
        assert "style" not in attributes, tag
        assert not [a for a in attributes if a.startswith("on")], tag
        assert not attributes.get("href", "").lower().startswith("javascript:")


@pytest.mark.parametrize("name", _NAMES)
def test_fields_are_labelled_ids_are_unique_and_references_lead_somewhere(client: FlaskClient, name: str) -> None:
    """Each visible input has a label, each id is used once, each reference its target; one h1."""
    page = _get(client, name, "zh-CN")
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {label.get("for") for label in page.find("label")}
    for field in page.find("input", "select", "textarea"):
        assert field.get("type") == "hidden" or field["id"] in labelled
    for _tag, attributes in page.tags:
        wanted = attributes.get("aria-describedby", "").split() + attributes.get("aria-labelledby", "").split()
        assert set(wanted) <= set(ids)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    assert len(list(page.find("h1"))) == 1


@pytest.mark.parametrize("name", _NAMES)
def test_every_own_form_carries_a_csrf_token(client: FlaskClient, name: str) -> None:
    """Each form that posts to us has one CSRF token, and the one that posts to a client has none."""
    page = _get(client, name, "zh-CN")
    tokens = [field for field in page.find("input") if field.get("name") == "csrf_token"]
    own = [form for form in page.find("form") if not form.get("action", "").startswith("https://")]
    assert all(form["method"] == "post" for form in page.find("form"))
    assert len(tokens) == len(own)


def test_every_template_has_a_sample() -> None:
    """A page without a sample is seen by none of these tests."""
    pages = {
        str(page.relative_to(folder))
        for folder in TEMPLATES
        for page in folder.rglob("*.html")
        if not page.name.startswith("_")
    }
    assert pages - {sample.template for sample in SAMPLES} == {"base.html"}


@pytest.mark.parametrize("path", sorted((WEB / "static" / "css").glob("*.css")), ids=lambda p: p.name)
def test_own_styles_are_logical(path: Path) -> None:
    """Our style sheets name no physical side, so that they hold in every direction of writing."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
    physical = re.compile(
        r"(?:^|[;{\s])((?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|"
        r"(?:min|max)-(?:width|height)|float)\s*:(?!\s*[0-9.]+em\))"
    )
    assert physical.findall(text) == []

"""config.yaml shows every setting, with its default and one line of explanation."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from idp.config.load import load_settings
from idp.config.settings import Settings

SAMPLE = Path(__file__).resolve().parents[4] / "config.yaml"


def _plain(value: Any) -> Any:
    """Return a value as YAML would show it."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return str(value) if isinstance(value, Path) else value


def test_the_sample_is_the_defaults() -> None:
    """No setting is missing, none is too many, and none has another value than without the file."""
    assert yaml.safe_load(SAMPLE.read_text(encoding="utf-8")) == _plain(Settings())


def test_the_sample_loads() -> None:
    """A start with the file as it is shipped is a start with the defaults."""
    assert load_settings(SAMPLE, {}) == Settings()


def _keys(text: str) -> list[tuple[str, str]]:
    """Return the lines that hold a setting (not a section), with the line itself."""
    found = []
    for line in text.splitlines():
        name, colon, rest = line.strip().partition(":")
        if colon and name.replace("_", "").isalnum() and rest.strip():
            found.append((name, line))
    return found


@pytest.mark.parametrize(("name", "line"), _keys(SAMPLE.read_text(encoding="utf-8")))
def test_every_setting_is_explained(name: str, line: str) -> None:
    """Each line of a setting ends with a comment; `same` for the second of a pair that one comment explains."""
    explained = "#" in line or name in ("staff_absolute_seconds",)
    assert explained, f"{name} has no explanation"


def test_as_many_lines_are_looked_at_as_there_are_settings() -> None:
    """The search above finds every setting."""

    def count(model: type[BaseModel]) -> int:
        return sum(
            count(field.annotation)
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
            else 1
            for field in model.model_fields.values()
        )

    assert len(_keys(SAMPLE.read_text(encoding="utf-8"))) == count(Settings)

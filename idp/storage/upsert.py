"""The one place where the two SQL dialects are told apart: INSERT … ON CONFLICT."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, model: Any) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of the session's dialect, which knows ON CONFLICT (spelt alike in both)."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)

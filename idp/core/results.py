"""Results that can fail for several reasons, without exceptions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ok(Generic[T]):
    """The thing asked for."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it was not given; `reason` is a member of the asking room's own enum."""

    reason: StrEnum

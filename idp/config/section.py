"""What every section of the settings is: frozen, and without a key that nobody knows."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the settings; a refusal names the key and never the value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

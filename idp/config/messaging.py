"""The settings of how messages leave."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr

from idp.config.section import Section


class MessagingSettings(Section):
    """How messages leave."""

    sms: Literal["development", "tencent", "aliyun", "webhook"] = "development"
    endpoint: str = ""
    key_id: str = ""
    key_secret: SecretStr = SecretStr("")
    sign_name: str = ""
    app_id: str = ""
    templates: Mapping[str, str] = Field(default_factory=dict)

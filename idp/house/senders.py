"""Which sender of messages the settings ask for."""

from connectors.messaging.aliyun_sms import AliyunSmsSender
from connectors.messaging.development import DevelopmentSender
from connectors.messaging.message import Message, MessageSender
from connectors.messaging.tencent_sms import TencentSmsSender
from connectors.messaging.vendor_template import VendorTemplate
from connectors.messaging.webhook import WebhookSender
from idp.house.ground import Ground

#: The parameters of our templates, in the order in which vendors' templates number them.
_PARAMETERS = {
    "registration_code": ("code", "minutes"),
    "login_code": ("code", "minutes"),
    "contact_code": ("code", "minutes"),
    "recovery_code": ("code", "minutes"),
    "staff_code": ("code", "minutes"),
    "proofing_code": ("code", "minutes"),
    "new_device_login": ("time", "device"),
    "contact_changed": ("time", "mobile"),
    "registration_known_mobile": ("code", "minutes"),
    "contact_known_mobile": ("code", "minutes"),
    "mobile_release_started": ("time", "mobile", "link"),
    "mobile_release_notice": ("time", "mobile"),
    "mobile_kept": ("time", "mobile"),
    "mobile_released": ("time", "mobile"),
}
_TIME_ONLY = ("time",)
_WITHOUT = frozenset({"login_unknown_mobile", "recovery_unknown", "mobile_release_refused", "mobile_free"})


def build_sender(ground: Ground) -> MessageSender:
    """Return the sender; in development messages stay in the outbox, whose page shows them."""
    settings = ground.settings.messaging
    secret = settings.key_secret.get_secret_value()
    endpoint = {"endpoint": settings.endpoint} if settings.endpoint else {}
    if settings.sms == "tencent":
        return TencentSmsSender(
            secret_id=settings.key_id,
            secret_key=secret,
            sdk_app_id=settings.app_id,
            sign_name=settings.sign_name,
            templates=_templates(settings.templates),
            fetcher=ground.fetcher,
            clock=ground.clock,
            **endpoint,
        )
    if settings.sms == "aliyun":
        return AliyunSmsSender(
            access_key_id=settings.key_id,
            access_key_secret=secret,
            sign_name=settings.sign_name,
            templates=_templates(settings.templates),
            fetcher=ground.fetcher,
            clock=ground.clock,
            **endpoint,
        )
    if settings.sms == "webhook":
        return WebhookSender(url=settings.endpoint, secret=secret, fetcher=ground.fetcher, clock=ground.clock)
    return DevelopmentSender(record=_keep)


def _keep(_message: Message) -> None:
    """Nothing to do: the delivery itself stays in the outbox, where the page reads it."""


def _templates(ids: object) -> dict[str, VendorTemplate]:
    assert isinstance(ids, dict)  # noqa: S101 - checked by the settings' model
    return {
        name: VendorTemplate(vendor_id, () if name in _WITHOUT else _PARAMETERS.get(name, _TIME_ONLY))
        for name, vendor_id in ids.items()
    }

"""The worker over a house: which kind of delivery goes to which handler."""

from connectors.messaging.delivery import MessageDelivery, Renderer
from idp.house.build import House
from idp.house.senders import build_sender
from idp.jobs.periodic import Periodic
from idp.outbox.queue import DeliveryKind
from idp.outbox.worker import Worker


def build_worker(house: House, *, render: Renderer, tasks: Periodic | None = None) -> Worker:
    """Return the worker; `render` words messages and comes from the web floor, which owns the texts.

    `tasks` are run between deliveries (see `idp.house.upkeep`).
    """
    return Worker(
        queue=house.protocol.queue,
        handlers={
            DeliveryKind.MESSAGE: MessageDelivery(sender=build_sender(house.ground), render=render),
            DeliveryKind.BACKCHANNEL_LOGOUT: house.protocol.logout_delivery,
            DeliveryKind.RECOVERY: house.login.recovery_requests,
            DeliveryKind.PREPARATION: house.api.preparations,
            DeliveryKind.MAPPING_CHANGES: house.api.mapping.announcements,
        },
        tasks=tasks,
        presence=house.ground.presence,
    )

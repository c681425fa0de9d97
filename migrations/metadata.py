"""The metadata of every table, gathered from the rooms that own them."""

import clients.models
import connectors.devices.models
import idp.audit.models
import idp.keys.models
import idp.linking.link_models
import idp.linking.models
import idp.linking.report_models
import idp.outbox.models
import idp.persons.mobile_releases
import idp.persons.models
import idp.sessions.models
import idp.tokens.models
import realname.proofing.models
import realname.providers.register.models
from idp.storage.base import Base

_rooms = (
    clients.models,
    connectors.devices.models,
    idp.audit.models,
    idp.keys.models,
    idp.linking.link_models,
    idp.linking.models,
    idp.linking.report_models,
    idp.outbox.models,
    idp.persons.mobile_releases,
    idp.persons.models,
    idp.sessions.models,
    idp.tokens.models,
    realname.proofing.models,
    realname.providers.register.models,
)
metadata = Base.metadata

"""Handing one message to a provider, and reading its delivery receipts; one file per kind of provider.

Owns the calls, their signatures and the reading of the answers. Does not own: when a message is
written or sent again (idp/outbox), its words, or any limit. Enter through a class with `send`
(`message.MessageSender`) and a module's `parse_receipts`. Numbers, addresses, parameters and texts
appear in no exception, repr or log of this room.
"""

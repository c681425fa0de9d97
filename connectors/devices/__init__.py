"""Enrolled devices at counters: card readers, the keys that speak for them, and what they read.

Owns the table of devices, their enrolment by a one-time code and a key of their own, their signed requests, and the
readings between the question and the clerk who takes the answer. Does not own: what a card's text means
(realname/documents), what a reading proves (realname/proofing), HTTP. Enter through `enrolment.Devices`,
`authentication.DeviceAuthenticator` and `readings.Readings`. Nothing that stands on a card appears in an exception,
repr, log or table of this room.
"""

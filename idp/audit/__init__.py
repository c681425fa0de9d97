"""The audit log: event types and the append-only rows written with every change of state.

Holds no personal data in clear. Enter by `log.record`.
"""

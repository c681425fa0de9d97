"""The audit log: event types, append-only rows written with every change of state, sealing and verification.

Holds no personal data in clear. Enter by `log.record`, `counting.Counting`, `sealing.Sealer` and
`verification.verify`; web workers write rows and never load the sealing key.
"""

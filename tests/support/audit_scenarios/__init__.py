"""How each route and command that changes something is driven, and which audit rows that must leave.

One file per part of the provider; `stage` holds what they share. Used by tests/architecture/test_audit_coverage.py.
"""

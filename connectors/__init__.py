"""Adapters to the outside world: messaging, upstream logins, legacy sources, devices; they know no endpoint."""

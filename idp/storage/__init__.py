"""The SQL base and engine, transactions, and the short-lived store with its backends.

Owns no business rule. Enter by `engine.Database` and `short_lived.store.ShortLivedStore`.
"""

"""The life of wrapped keys: data keys in SQL under a key-encryption key that is not in SQL.

Owns creating, loading and checking them; `idp.crypto` owns what they do. Enter by `store.KeyStore`.
"""

"""How bytes are sealed, authenticated and indexed: suites, keys, ciphertexts, blind indexes, key providers.

Owns no table and does not know what it encrypts: callers name the place. One enters by
`keyring.Keyring` for columns and digests, `person_key` for a person's own columns, `envelope` for
wrapping keys and `signing` for token-signing keys.
"""

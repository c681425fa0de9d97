"""Where the key-encryption key lives: one file per kind of place, each giving a `KeyEncryptionKey`."""

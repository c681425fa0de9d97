"""How this house calls out: one guarded fetcher, the clouds' request signatures, and how an answer is read.

Every address that somebody else gave us (a client's jwks_uri, sector_identifier_uri, logout URI, a
webhook) is fetched through `idp.outbound.fetcher.Fetcher` and by nothing else. This room caches
nothing and knows neither clients nor messages.
"""

"""What tests share: private servers, a browser, the network guard, and the account of what was left out.

Owns nothing of the product. Fixtures enter through tests/conftest.py; servers that a test wants to kill
are started with `start_private_server` of `postgres` and `redis_server`.
"""

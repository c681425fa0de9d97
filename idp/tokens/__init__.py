"""Signing keys and their life, subjects, claims, issuing and verifying of tokens.

Knows no grant type. Enter by `issue.TokenIssuer` and `verify.AccessTokenVerifier`.
"""

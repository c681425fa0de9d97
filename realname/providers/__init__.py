"""Verification services: what an authoritative source says about a number, a name and a mobile.

Owns: the one model of questions and answers, an adapter per service, and the guard before them (limits, budget,
circuit breaker). Enter by `guarded.GuardedVerifier`. An answer is evidence and nothing more: what it raises is
decided by `realname.proofing`, and no adapter stores anything.
"""

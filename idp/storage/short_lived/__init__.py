"""The short-lived store: parked interactions, codes, one-time handles, rate limits.

Nothing here is the truth of an acknowledged fact; losing it makes handles invalid, never reusable.
"""

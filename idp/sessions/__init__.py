"""SSO sessions of persons, and the clients that took part in each.

Owns limits, rotation and ending; not how a person authenticated, nor what a client is told.
"""

"""One file per grant type of the token endpoint; none imports another.

A grant fills in only what is its own: the shared steps are the token endpoint's.
"""

"""One file per protocol endpoint, without HTTP objects and without HTML.

Each takes parsed input and gives a result or raises an OAuthError or PageError. Enter from `idp.web`.
"""

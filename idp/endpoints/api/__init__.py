"""Our own API for approved systems: registration, verification and the question for a level, without HTTP objects.

Owns what may be asked, by whom and how often, and the OpenAPI document. What an account is and who is asked about
number and name belong to the rooms below. One enters at `Api` in `idp.house.api`; `idp.web.api_routes` speaks HTTP.
"""

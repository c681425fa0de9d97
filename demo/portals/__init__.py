"""A service portal and an appointment site: one shared OpenID Connect client, two looks.

Owns the portals' own sessions, pages and texts; the protocol work is Authlib's. One enters at
`demo.portals.app.create_portal`.
"""

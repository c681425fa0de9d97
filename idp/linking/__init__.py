"""Legacy accounts: how they are matched, linked, proved, moved over and undone.

Owns every rule about accounts of older systems. Does not own how their files and databases are read
(`connectors.legacy`), persons (`idp.persons`), or pages.
"""

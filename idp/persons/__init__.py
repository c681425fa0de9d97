"""Persons, their attributes, identifiers with history, contacts, credentials, devices, roles and mandates.

Owns who somebody is said to be and what they authenticate with. Does not own how an identity level is
raised (`realname.proofing`), sessions, or the order of login steps. Enter by `registration.Registration`
to make a person, `directory.Directory` to find and read one, and one module per kind of credential.
"""

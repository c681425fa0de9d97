"""Bringing the accounts of older systems under one person: the only room that says whose account one is.

Owns: legacy systems and their accounts, what of a row is compared and how, situations, links and their states,
cases and their decisions, the journal and undo, lazy migration. Does not own: reading files or asking live
systems (`connectors.legacy`), who a person is (`idp.persons`), what proves it (`realname.proofing`), pages.

A batch proposes and never activates; a link becomes active by the person's own proof or by two people at a
counter. Every change of a link or case goes through `links` or `cases`, which write the journal beside it.
"""

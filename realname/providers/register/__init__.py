"""The population register kept in our own database, as a verification service and as the hard cases ask it.

Owns: the register's two tables, what of an entry is compared and how, the reading of its files, and its verifier.
Does not own: who a person is here (`idp.persons`), or what an answer raises. Enter by `entries.Register` to write
and by `verifier.RegisterVerifier` to ask.
"""

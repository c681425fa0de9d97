"""What a proved identity gives: the identity claims, their values, and OpenID Connect for Identity Assurance.

Owns: the table of identity claims, what each is computed from, and the form of `verified_claims`. Does not own who
may have them: approval of the client, consent of the person and the reading of rows lie above. Pure: no I/O and no
clock; callers hand in the civil day. Enter by `identity_claims.IDENTITY_CLAIMS`, `values.values_of` and
`verified_claims`.
"""

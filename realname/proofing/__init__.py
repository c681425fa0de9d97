"""The rules by which evidence raises a person's identity level, and by which it is lost.

Owns: which method is worth what, whose a number is where two prove it, what a proofing leaves behind. Does not ask
services (`realname.providers`), end sessions or tell people (`idp.login`): it says what has to end. Enter by
`proofings.Proofings`.
"""

"""The counter: a citizen who shows a code on a device of theirs, and the clerk who reads their card.

The two never act for one another. The clerk sees a visit, not an account, and signs what they saw; the citizen, logged
in on their own device, decides whether it is about them. Enter by `desk.Desk`; the citizen's side is a step of the
login (`idp.login.steps.counter`). What clerks decide about somebody, deaths and guardianships, takes two of them:
enter by `matters.Matters`.
"""

"""The forms of the pages: presence and length only.

What a value means (a number's check digit, a password's strength) is decided by the rooms below; their
refusals are shown with `PageForm.refuse`.
"""

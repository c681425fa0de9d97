"""What every room stands on: the clock, random ids, hashing of secrets, errors and result types.

Owns no business rule and imports nothing of this project.
"""

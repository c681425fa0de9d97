"""Measuring the shipped provider beside a peer, in CPU time per operation.

Enter by `python -m bench`. Neither imports the provider nor is imported by it: it speaks HTTP to both, and
SQL to the provider's database only to compare its books with the acknowledged answers.
"""

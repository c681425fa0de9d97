"""Yihao: one citizen ID number, one login, every channel of government.

The rooms of this package and the floors they stand on are drawn in docs/architecture.md.
"""

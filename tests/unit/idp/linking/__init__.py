"""Tests of what is done with accounts of older systems."""

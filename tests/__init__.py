"""The tests. What they share lies in tests/support; everything else tests one subject."""

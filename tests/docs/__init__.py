"""The documents hold what they promise."""

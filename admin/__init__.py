"""The administrators' console and its API; calls the rooms' own functions only."""

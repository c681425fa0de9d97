"""Live sources of older systems: one promise, each kind."""

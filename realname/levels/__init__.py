"""The level of a login: one pure function over data from the configuration."""

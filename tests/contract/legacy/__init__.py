"""One suite over every kind of live source of an older system."""

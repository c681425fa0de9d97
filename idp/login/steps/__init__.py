"""One file per step of the login loop; steps never call one another."""

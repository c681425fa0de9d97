"""The demo: its portals and its runner."""

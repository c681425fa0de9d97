"""One file per standard, one test per rule; each names the section that it holds the provider to."""

"""Stand-ins for the outside systems, written from their own documents; they import nothing of the house."""

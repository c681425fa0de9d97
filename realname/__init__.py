"""Real-name verification: documents, levels, and later providers and proofing."""

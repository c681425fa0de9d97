"""The rules of proofing."""

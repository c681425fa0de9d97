"""The Alembic history of the database; no application logic."""

"""A PostgreSQL of our own, where none is named."""

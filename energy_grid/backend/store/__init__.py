"""The database of the backend: SQLite in a file, or PostgreSQL."""

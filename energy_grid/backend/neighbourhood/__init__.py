"""A neighbourhood that lives on a local chain of its own: for newcomers, and for tests."""

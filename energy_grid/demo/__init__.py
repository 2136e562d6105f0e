"""A neighbourhood on a local chain of its own, for one day."""

"""Closes days: those of communities after their challenge, and all others once they are final."""

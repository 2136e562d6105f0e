"""Copies the events of a market from the chain into the store, and follows its turns."""

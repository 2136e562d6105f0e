"""Transactions: made, signed, sent, followed to their end."""

"""The relay: sends what accounts have signed, and pays for it within budgets."""

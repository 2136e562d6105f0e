"""The contracts in light worlds: each with those that it calls, beside the model."""

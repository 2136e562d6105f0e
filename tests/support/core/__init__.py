"""The second edition's contracts, which are not deployed yet, compared with the model."""

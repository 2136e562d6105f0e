"""The use cases of the market, over ports that the adapters fill in."""

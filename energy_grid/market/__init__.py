"""The use cases of the market: what people and programs do with it."""

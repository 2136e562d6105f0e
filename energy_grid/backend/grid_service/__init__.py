"""Reporters of prices, weather and the grid: each a service with a key of its own."""

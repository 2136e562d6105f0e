"""Forecasts of what households draw and feed in; needs the extra ``foresight``."""

"""The outside world: chain, data feeds. Each adapter serves a port of the services."""

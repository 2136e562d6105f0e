"""``energy-grid serve``: the backend's services, each in a thread, until they are stopped."""

"""What runs by itself: the store, what fills it, and the services that act on the market."""

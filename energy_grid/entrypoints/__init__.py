"""What is started: each program puts adapters, services and domain together."""

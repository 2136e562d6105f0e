"""What tests share: a deployed market on a local chain, actors, and what was exercised."""

"""JSON-RPC to a node: requests, logs, events as they happen, a local Anvil."""

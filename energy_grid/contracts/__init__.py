"""One typed wrapper for each contract, with its records, events and errors."""

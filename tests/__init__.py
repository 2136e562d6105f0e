"""The tests. See README.md, "Tests"."""

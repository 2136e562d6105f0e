"""The rules of the market as pure functions on integers.

Nothing here reads a clock, a file, a database or a chain. Contract tests compare the chain with
this package to the last unit.
"""

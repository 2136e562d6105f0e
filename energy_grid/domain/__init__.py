"""The rules of the market that the package itself computes, as pure functions on integers.

Nothing here reads a clock, a file, a database or a chain. The tests compare the results with the
chain's to the last unit.
"""

"""The executable specification: an independent model of the market, in plain Python.

Contract tests, invariants and drills make the same calls to a contract and to its model here. What
both hold must then be equal to the last unit, and a call that one of them refuses the other must
refuse for the same reason. The product has no part of it: what the package computes itself is
`energy_grid.domain`, which the model builds on.

`market` has the market's rules; `tests.support.strategies` searches for strategies that pay under
them.

Pure: integers, no chain, no file, no clock. The caller passes the time.
"""

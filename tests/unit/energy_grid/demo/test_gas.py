"""What operations cost."""

from __future__ import annotations

from energy_grid.demo.gas import GasMeter, GasUse


def test_gas_meter__several_operations__are_kept_apart_in_the_order_named() -> None:
    meter = GasMeter((), ("place order", "settle", "match"))
    meter.add("match", 900, items=4)
    meter.add("place order", 100)
    meter.add("place order", 51)
    orders, matches = meter.report()
    assert orders == GasUse(
        operation="place order", transactions=2, items=2, total=151, highest=100
    )
    assert (orders.per_transaction, orders.per_item) == (75, 75)
    assert (matches.per_transaction, matches.per_item, matches.highest) == (900, 225, 900)


def test_per_kwh__traded_or_not__is_gas_or_none() -> None:
    use = GasUse(operation="match", transactions=1, items=1, total=5000, highest=5000)
    assert use.per_kwh(2500) == 2000
    assert use.per_kwh(0) is None


def test_per_kwh__opening_an_account_and_afterwards__has_none() -> None:
    meter = GasMeter(("register",), ("match",), ("claim",))
    for operation in ("claim", "register", "match"):
        meter.add(operation, 7)
    assert [(use.operation, use.per_kwh(1000)) for use in meter.report()] == [
        ("register", None),
        ("match", 7),
        ("claim", None),
    ]

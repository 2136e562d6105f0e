"""What operations cost."""

from __future__ import annotations

from energy_grid.demo.gas import GasMeter, GasUse


def test_gas_meter__several_operations__are_kept_apart_in_the_order_named() -> None:
    meter = GasMeter({"place order": "", "settle": "", "match": ""})
    meter.add("match", 900, items=4)
    meter.add("place order", 100)
    meter.add("place order", 51)
    orders, matches = meter.report()
    assert orders == GasUse(
        operation="place order", transactions=2, items=2, total=151, highest=100
    )
    assert (orders.per_transaction, orders.per_item) == (75, 75)
    assert (matches.per_transaction, matches.per_item, matches.highest) == (900, 225, 900)


def test_per_household__part_of_the_day_or_not__is_gas_or_none() -> None:
    meter = GasMeter({"register": "", "close": "settling"})
    for operation in ("close", "register"):
        meter.add(operation, 71, items=3)
    assert [(use.operation, use.per_household(10)) for use in meter.report()] == [
        ("register", None),
        ("close", 7),
    ]

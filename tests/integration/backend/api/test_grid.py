"""The grid over HTTP."""

from __future__ import annotations

from energy_grid.chain.abi import to_bytes32
from tests.integration.backend.api.conftest import Api


def test_status__is_that_of_the_contracts(api: Api) -> None:
    grid = api.exchange.grid
    (home,) = api.get("/grid/status").json()["regions"]
    known = grid.grid.get_grid_status("home")
    assert (home["region"], home["buy_per_kwh"]) == ("home", known.price)
    assert (home["condition"], home["is_in_emergency"]) == (known.condition.name, False)
    assert (home["load"], home["stability"]) == (None, None)


def test_balance__is_a_call_for_the_operator(api: Api) -> None:
    sender = api.exchange.traders[0].address
    wanted = {
        "operator": sender,
        "region": "home",
        "action": "SHED_LOAD",
        "target_kw": 5,
        "priority": 1,
    }
    found = api.post("/grid/balance", wanted).json()
    balancing = api.exchange.grid.balancing
    assert found["to"] == balancing.address
    assert "not authorized" in found["reverts"]
    assert to_bytes32("home").hex() in found["data"]
    for name, value in (("action", "EXPLODE"), ("priority", 6), ("target_kw", 0)):
        assert api.post("/grid/balance", wanted | {name: value}).json()["field"] == name


def test_demand__of_a_span__needs_one(api: Api) -> None:
    assert api.get("/grid/demand").json() == {"region": "home", "points": [], "days": []}
    assert api.get("/grid/supply?region=mars").json()["field"] == "region"
    turned = api.get("/grid/supply?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z").json()
    assert turned["field"] == "to"

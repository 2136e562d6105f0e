"""The grid over HTTP."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from energy_grid.backend.store.sessions import ANSWERED
from energy_grid.chain.abi import to_bytes32
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.domain.grid_levels import BANDS
from tests.integration.backend.api.conftest import OPERATOR, Api
from tests.support.market import HOME, actor


def test_status__is_that_of_the_contracts(api: Api) -> None:
    grid = api.exchange.grid
    (home,) = api.get("/grid/status").json()["regions"]
    known = grid.grid.get_grid_status("home")
    assert (home["region"], home["buy_per_kwh"]) == ("home", known.price)
    assert (home["condition"], home["is_in_emergency"]) == (known.condition.name, False)
    assert (home["load"], home["stability"]) == (None, None)
    assert home["bands"]["frequency_centihertz"]["normal_low"] == 4950
    market = api.exchange.market
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.contracts["GridBands"], "setBands", HOME, BANDS["north-america"])
    (home,) = api.get("/grid/status").json()["regions"]
    nominal = ("nominal_frequency_centihertz", "nominal_voltage_decivolts")
    assert [home["bands"][name] for name in nominal] == [6000, 1200]
    assert home["bands"]["frequency_centihertz"]["emergency_high"] == 6120
    assert home["bands"]["voltage_percent"]["alert_low"] == 92


def make_critical(api: Api, *names: str) -> list[Account]:
    """Operators of the home region, each of whom says in turn that its frequency is critical."""
    market, keys = api.exchange.market, [actor(name) for name in names]
    authority = market.roles[Role.GRID_AUTHORITY]
    for name, key in zip(names, keys, strict=True):
        market.do(key, market.operators, "registerOperator", name, HOME, 900)
        market.do(authority, market.operators, "verifyOperator", key.address)
        market.do(authority, market.operators, "setOperatorScore", key.address, 100)
        market.do(key, market.stability, "reportStabilityMetrics", HOME, 4600, 100, 0)
    return [Account(bytes(key.key)) for key in keys]


def test_status__of_an_emergency__names_both_voices_and_its_end(api: Api) -> None:
    (first,) = make_critical(api, "one")
    (home,) = api.get("/grid/status").json()["regions"]
    assert not home["is_in_emergency"]
    assert home["voice"]["operator"] == first.address
    assert home["critical_events"] == []
    (second,) = make_critical(api, "two")
    (home,) = api.get("/grid/status").json()["regions"]
    grid = api.exchange.grid
    assert home["is_in_emergency"]
    assert home["voice"]["operator"] == second.address
    until = datetime.fromisoformat(home["emergency_until"]).timestamp()
    assert until == grid.grid.emergency_until("home")
    (event,) = home["critical_events"]
    assert {event["operator"], event["confirmed_by"]} == {first.address, second.address}
    assert (event["frequency_centihertz"], event["voltage_percent"]) == (4600, 100)


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


def test_balance__that_is_only_looked_at__uses_up_nobodys_key(api: Api) -> None:
    wanted = {"operator": OPERATOR.address, "region": "home", "action": "SHED_LOAD", "priority": 1}
    for target in (1, 2):
        answer = api.client.post(
            "/api/v1/grid/balance",
            json=wanted | {"target_kw": target},
            headers={"Idempotency-Key": "2024-01-01-shed-1"},
        )
        assert answer.status_code == 200, answer.text
    with api.database.reading() as connection:
        assert connection.execute(select(ANSWERED)).all() == []


def test_balance__that_is_to_be_sent__is_sent_once_by_its_operator(api: Api) -> None:
    exchange, grid = api.exchange, api.exchange.grid
    exchange.market.node.set_balance(OPERATOR.address, 10**21)
    operators = grid.operators
    grid.sender.send(OPERATOR, operators.register_operator("Home Grid", "home", 5000))
    for function, rest in (("verifyOperator", ()), ("setOperatorScore", (100,))):
        exchange.market.do(
            exchange.market.roles[Role.GRID_AUTHORITY],
            exchange.market.contracts["GridOperatorVerification"],
            function,
            OPERATOR.address,
            *rest,
        )
    capacity = grid.balancing.set_region_capacity("home", 4000, 3000, 0)
    grid.sender.send(OPERATOR, capacity)
    wanted = {
        "operator": OPERATOR.address,
        "region": "home",
        "action": "INCREASE_GENERATION",
        "target_kw": 5,
        "priority": 1,
        "send": True,
    }
    assert api.post("/grid/balance", wanted).status_code == 401
    stranger = exchange.traders[0]
    assert api.post("/grid/balance", wanted, stranger).status_code == 404
    keyless = api.post("/grid/balance", wanted | {"operator": stranger.address}, stranger)
    assert (keyless.status_code, keyless.json()["field"]) == (409, "send")
    headers = api._headers(OPERATOR) | {"Idempotency-Key": "once"}
    path = "/api/v1/grid/balance"
    first = api.client.post(path, json=wanted, headers=headers)
    assert first.status_code == 200, first.text
    assert first.json()["transaction"].startswith("0x")
    assert api.client.post(path, json=wanted, headers=headers).json() == first.json()
    # What was sent, and whose answer was lost, is not sent again.
    with api.database.writing() as connection:
        connection.execute(delete(ANSWERED))
    again = api.client.post(path, json=wanted, headers=headers).json()
    assert again["transaction"] == first.json()["transaction"]
    assert len(grid.balancing.get_open_actions("home")) == 1
    other = api.client.post(path, json=wanted | {"target_kw": 6}, headers=headers)
    assert other.json()["type"].endswith(":key-used")


def test_demand__of_a_span__needs_one(api: Api) -> None:
    assert api.get("/grid/demand").json() == {"region": "home", "points": [], "days": []}
    assert api.get("/grid/supply?region=mars").json()["field"] == "region"
    turned = api.get("/grid/supply?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z").json()
    assert turned["field"] == "to"

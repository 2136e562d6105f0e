"""What if, over HTTP: the figures are those of the simulation, and what is wrong is named."""

from __future__ import annotations

import json
from threading import Event, Thread
from typing import Any

import pytest

from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.problems import ProblemError
from energy_grid.demo.community import new_battery, village
from energy_grid.demo.settlement_gas import settlement_gas
from energy_grid.domain.simulation import Terms
from tests.integration.backend.api.conftest import Api

PRICES = {"grid_price": 300_000, "feed_in": 80_000}
GIVER = {"name": "giver", "consumption_wh": [0], "production_wh": [1000]}
TAKER = {"name": "taker", "consumption_wh": [1500]}
STREET = {"start": "2024-06-01T12:00:00Z", "interval_seconds": 3600, "households": [GIVER, TAKER]}
CSV = (
    "time,household,consumption_wh,production_wh\n"
    "2024-06-01T12:00,giver,0,1000\n2024-06-01T12:00,taker,1500,\n"
)


def test_simulate__week_of_the_village__is_the_simulation_s_outcome(api: Api) -> None:
    chosen = {"theta_bps": 2500, "key": "static", "factors_bps": [10_000] * 12 + [15_000] * 12}
    owned = {"panels": 50, "batteries": 25, "battery_wh": 8_000, "slot_seconds": 3600}
    answer = api.post("/simulations", {"week": "winter", **PRICES, **chosen, **owned})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    expected = village("winter").simulate(
        Terms(
            **PRICES,
            network_fee=0,
            theta=2500,
            is_static=True,
            factors=(10_000,) * 12 + (15_000,) * 12,
        ),
        slot_seconds=3600,
        panels=50,
        batteries=25,
        battery=new_battery(8_000),
    )
    assert [each["bill"] for each in found["households"]] == [
        str(home.bill) for home in expected.homes
    ]
    assert (found["bill"], found["grid_alone"]) == (str(expected.bill), str(expected.grid_alone))
    assert found["gas_per_household_and_day"] == settlement_gas(92, 3600)
    used = expected.used_wh
    assert found["self_sufficiency_bps"] == (used - expected.total.from_grid) * 10_000 // used
    assert (found["days"], found["slot_seconds"]) == (7, 3600)


@pytest.mark.parametrize("own", [{"data": STREET}, {"csv": CSV}])
def test_simulate__own_households__have_the_bills_of_the_command(
    api: Api, own: dict[str, Any]
) -> None:
    found = api.post("/simulations", {**own, **PRICES}).json()
    bills = [(each["name"], each["bill"], each["grid_alone"]) for each in found["households"]]
    assert bills == [("giver", "-190000", "-80000"), ("taker", "340000", "450000")]
    assert (found["start"], found["end"]) == ("2024-06-01T12:00:00Z", "2024-06-01T13:00:00Z")
    assert (found["self_sufficiency_bps"], found["self_sufficiency_alone_bps"]) == (6666, 0)


def test_simulate__nothing_used__has_no_self_sufficiency(api: Api) -> None:
    found = api.post("/simulations", {"data": {**STREET, "households": [GIVER]}, **PRICES}).json()
    assert found["self_sufficiency_bps"] is None


@pytest.mark.parametrize(
    ("wanted", "field", "detail"),
    [
        ({}, "body", "send one of week, csv and data"),
        ({"week": "summer", "csv": CSV}, "body", "send one of week, csv and data"),
        ({"week": "spring"}, "week", "Input should be 'summer' or 'winter'"),
        ({"csv": CSV + "2024-06-01T13:00,giver,-1,0\n"}, "csv", "csv, row 4, column consumption"),
        ({"csv": "time\0"}, "csv", "csv, row 1: there is no column time"),
        ({"csv": f'"{"1" * 200_000}'}, "csv", "csv is no CSV: field larger than field limit"),
        ({"data": {**STREET, "start": "2024-06-01T12:15:00Z"}}, "data", "start begins no interval"),
        ({"data": {**STREET, "households": [GIVER, GIVER]}}, "data", "have the name 'giver'"),
        (
            {"data": {**STREET, "households": [GIVER, {**TAKER, "consumption_wh": [1, 2]}]}},
            "data",
            "'taker' has 2 intervals, and the first household 1",
        ),
        ({"data": {**STREET, "households": [TAKER] * 161}}, "data.households", "at most 160"),
        ({"data": STREET, "batteries": 50}, "battery_wh", "there is no battery to copy"),
        ({"data": {**STREET, "households": [TAKER]}, "panels": 50}, None, "no household has pan"),
        ({"data": STREET, "slot_seconds": 900}, "slot_seconds", "slots of 900 s: the data are int"),
        ({"data": STREET, "feed_in": 300_001}, None, "are more than a grid price of 300000"),
        ({"data": STREET, "factors_bps": [10_000] * 23}, "factors_bps", "at least 24 items"),
        ({"data": STREET, "panels": 101}, "panels", "less than or equal to 100"),
    ],
)
def test_simulate__what_is_wrong__is_a_problem_that_names_it(
    api: Api, wanted: dict[str, Any], field: str | None, detail: str
) -> None:
    answer = api.post("/simulations", PRICES | wanted)
    found = answer.json()
    assert (answer.status_code, found.get("field")) == (422, field), found
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in found["detail"]
    assert found["next"]


def test_simulate__half_a_character__is_a_problem(api: Api) -> None:
    wanted = {"data": {**STREET, "households": [{**TAKER, "name": "\ud800"}]}, **PRICES}
    for half in wanted, {"csv": "\ud800", **PRICES}:
        answer = api.client.post("/api/v1/simulations", content=json.dumps(half))
        assert (answer.status_code, answer.json()["title"]) == (422, "Invalid request")


def test_few__same_caller_twice__waits_and_others_do_not() -> None:
    few, inside, done = Few(2, "others are being simulated"), Event(), Event()

    def hold() -> None:
        with few.place("caller"):
            inside.set()
            done.wait()

    holding = Thread(target=hold)
    holding.start()
    inside.wait()
    with (
        pytest.raises(ProblemError, match="caller has such a request under way"),
        few.place("caller"),
    ):
        pass
    with few.place("another"), pytest.raises(ProblemError, match="others are"), few.place("third"):
        pass
    done.set()
    holding.join()
    with few.place("caller"):
        pass

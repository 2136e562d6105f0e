"""Forecasts of a street: one's own to oneself, those of enough houses to everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from eth_account import Account as EthAccount

from energy_grid.backend.analytics.forecaster import Forecaster
from energy_grid.backend.analytics.weather import Place
from energy_grid.chain.accounts import Account
from tests.integration.backend.api.conftest import Api
from tests.support.foreseeing import DAY, FIRST, HOUR, flows, measure
from tests.support.market import HOME, actor

_DAYS = 10
_SPAN = "from=2024-01-01&to=2024-01-31"


@pytest.fixture
def street(api: Api) -> Api:
    """Six houses in community 1, which have read ten days and were forecast on the last two."""
    market, traders = api.exchange.market, api.exchange.traders
    creator = actor("creator")
    market.do(creator, market.communities, "create", HOME, 5000, creator.address)
    meters = []
    for each in traders:
        home = EthAccount.from_key(each._key.secret)
        meters.append(market.register_meter(home).address)
        market.do(home, market.communities, "join", 1)
    measure(api.database, {each: flows(at, _DAYS) for at, each in enumerate(meters)})
    service = Forecaster(api.database, Place(), lambda _: None)
    for hour in (8 * DAY, 9 * DAY + 6):
        market.go_to((FIRST + hour) * HOUR + 60)
        api.live()
        service.step()
    return api


def get(api: Api, query: str = "", who: Account | None = None, path: str = "") -> Any:
    found = api.get(f"/forecasts{path}?{query}", who)
    assert found.status_code == 200, found.text
    return found.json()


def at(hour: int) -> str:
    """A time, as answers have it."""
    return datetime.fromtimestamp((FIRST + hour) * HOUR, UTC).isoformat().replace("+00:00", "Z")


def test_forecasts__of_ones_own_account__are_beside_what_was_measured(street: Api) -> None:
    holder = street.exchange.traders[1]
    (load,) = get(street, f"account={holder.address}", holder)
    assert (load["what"], load["method"], load["version"]) == ("LOAD", "DAYS_BEFORE", None)
    assert load["origin"] == at(9 * DAY + 6)
    assert [each["start"] for each in load["hours"]] == [at(9 * DAY + 6 + n) for n in range(48)]
    assert all(each["low_wh"] <= each["median_wh"] <= each["high_wh"] for each in load["hours"])
    # From a day before the origin until the meter's last reading.
    came = [taken for taken, _ in flows(1, _DAYS)]
    assert [each["wh"] for each in load["measured"]] == came[8 * DAY + 6 :]


def test_forecasts__of_anothers_account__are_not_there(street: Api) -> None:
    holder, other = street.exchange.traders[:2]
    for path in ("/forecasts?", f"/forecasts/drift?{_SPAN}&"):
        assert street.get(f"{path}account={holder.address}").status_code == 401
        assert street.get(f"{path}account={holder.address}", other).status_code == 404


def test_forecasts__of_enough_houses__are_told_to_everybody(street: Api) -> None:
    load, production = get(street, "region=home")
    assert (load["what"], production["what"]) == ("LOAD", "PRODUCTION")
    assert get(street) == [load, production]
    of_community = get(street, "community=1")
    assert [each["what"] for each in of_community] == ["LOAD", "PRODUCTION"]
    # Sums end with the origin.
    assert len(load["measured"]) == DAY
    assert get(street, "community=2") == []


def test_drift__of_days__is_beside_the_best_baseline(street: Api) -> None:
    rows = get(street, f"{_SPAN}&region=home", path="/drift")
    assert [(each["day"], each["what"]) for each in rows] == [
        ("2024-01-09", "LOAD"),
        ("2024-01-09", "PRODUCTION"),
    ]
    for each in rows:
        assert each["hours"] == DAY
        assert 0 < each["missed_wh"] < each["came_wh"]
        assert each["baseline"] in ("YESTERDAY", "LAST_WEEK", "WEEK_MEAN")
        assert each["expected_bps"] is None
    holder = street.exchange.traders[1]
    (own,) = get(street, f"{_SPAN}&account={holder.address}", holder, "/drift")
    assert own["came_wh"] == sum(taken for taken, _ in flows(1, _DAYS)[8 * DAY : 9 * DAY])


def test_forecasts__of_two_subjects_at_once__are_refused(street: Api) -> None:
    found = street.get("/forecasts?region=home&community=1")
    assert found.status_code == 422
    assert found.json()["detail"] == "name one of community, region and account"

"""Sums of days, and whom they would name."""

from __future__ import annotations

import pytest

from tests.integration.backend.api.analysing import summed
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, SELL
from tests.support.market import DAY, HOME, MONDAY, actor

_WEEK = "from=2024-01-01&to=2024-01-31"
_MEMBERS = [actor(f"member {number}") for number in range(5)]


@pytest.fixture
def closed(api: Api) -> Api:
    """Six traders, of whom two traded, and their first day."""
    exchange = api.exchange
    for trader, side in ((0, BUY), (1, SELL)):
        assert api.place(exchange.order(trader, side, 700)).status_code == 201
    api.live()
    exchange.market.go_to(MONDAY + DAY + 8 * 3600)
    traders = [each.address for each in exchange.traders]
    close(api, MONDAY // DAY, traders)
    return api


def close(api: Api, day: int, accounts: list[str]) -> None:
    market = api.exchange.market
    market.do(actor("keeper"), market.settlement, "closeThrough", accounts, day)
    api.live()
    summed(api)


def test_totals__of_all__are_the_sums_of_their_days(closed: Api) -> None:
    (found,) = closed.get(f"/analytics/days?{_WEEK}").json()
    days = [
        closed.get(f"/accounts/{each.address}/days", each).json()["items"][0]
        for each in closed.exchange.traders
    ]
    assert (found["day"], found["accounts"]) == ("2024-01-01", 6)
    assert (found["bought_wh"], found["sold_wh"]) == (700, 700)
    for name in ("from_grid_wh", "fed_in_wh", "credits_kept_wh", "shared_taken_wh"):
        assert found[name] == sum(each[name] for each in days), name
    money = sum(int(each["money_thousandths"]) for each in days)
    assert (found["money_thousandths"], money != 0) == (str(money), True)


def test_totals__of_fewer_than_five__are_not_told(closed: Api) -> None:
    exchange = closed.exchange
    exchange.market.go_to(MONDAY + 3 * DAY)
    close(closed, MONDAY // DAY + 1, [each.address for each in exchange.traders[:4]])
    days = [each["day"] for each in closed.get(f"/analytics/days?{_WEEK}").json()]
    assert days == ["2024-01-01"]
    close(closed, MONDAY // DAY + 1, [exchange.traders[4].address])
    days = [each["day"] for each in closed.get(f"/analytics/days?{_WEEK}").json()]
    assert days == ["2024-01-01", "2024-01-02"]


def test_totals__of_a_community__are_told_where_the_others_are_many(closed: Api) -> None:
    market, traders = closed.exchange.market, closed.exchange.traders
    number = 1
    market.do(_MEMBERS[0], market.communities, "create", HOME, 5000, _MEMBERS[0].address)
    for each in _MEMBERS:
        market.register_meter(each)
        market.do(each, market.communities, "join", number)
    closed.live()
    others = [each.address for each in traders]
    members = [each.address for each in _MEMBERS]
    first = market.now // DAY + 1
    market.go_to((first + 2) * DAY + 8 * 3600)
    close(closed, first, [*members, *others])
    close(closed, first + 1, [*members, *others[:4]])
    path = f"/analytics/days?{_WEEK}"
    all_days = {each["day"]: each["accounts"] for each in closed.get(path).json()}
    found = {each["day"]: each["accounts"] for each in closed.get(f"{path}&community=1").json()}
    assert (all_days["2024-01-03"], all_days["2024-01-04"]) == (11, 9)
    assert found == {"2024-01-03": 5}
    assert closed.get(f"{path}&community=2").json() == []


@pytest.mark.parametrize("span", ["from=2024-01-02&to=2024-01-01", "from=2020-01-01&to=2024-01-01"])
def test_totals__of_no_or_too_many_days__are_refused(api: Api, span: str) -> None:
    found = api.get(f"/analytics/days?{span}")
    assert (found.status_code, found.json()["field"]) == (422, "to")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/analytics/days?from=9999-12-31&to=9999-12-31",
        "/analytics?to=0001-01-05",
        "/analytics?from=9999-12-31&to=9999-12-31",
        "/home/statement?month=9999-12",
        "/home/statement?month=0000-13",
    ],
)
def test_days__at_the_ends_of_time__are_a_problem_of_who_asks(api: Api, path: str) -> None:
    headers = api._headers(api.exchange.traders[0])
    api.client.post("/pages/session", headers=headers)
    assert api.client.get(path).status_code == 422

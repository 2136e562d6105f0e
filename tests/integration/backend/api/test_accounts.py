"""What an account sees of itself."""

from __future__ import annotations

from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, SELL


def test_slots__of_a_day__have_what_was_traded(api: Api) -> None:
    exchange = api.exchange
    buyer, seller = exchange.traders[:2]
    for trader, side in ((0, BUY), (1, SELL)):
        assert api.place(exchange.order(trader, side, 700)).status_code == 201
    api.live()
    day = f"{api.get('/market').json()['head']['chain_time'][:10]}"
    for who, traded in ((buyer, 700), (seller, -700)):
        (slot,) = api.get(f"/accounts/{who.address}/slots?day={day}", who).json()
        assert slot == {
            "start": api.get("/periods").json()[1]["start"],
            "is_read": False,
            "net_wh": 0,
            "traded_wh": traded,
            "shared_taken_wh": 0,
            "shared_given_wh": 0,
        }
    other = exchange.traders[2]
    assert api.get(f"/accounts/{other.address}/slots?day={day}", other).json() == []
    assert api.get(f"/accounts/{buyer.address}/slots?day={day}", seller).status_code == 404


def test_slots__of_a_day_that_cannot_be__says_so(api: Api) -> None:
    (buyer,) = api.exchange.traders[:1]
    for day in ("1969-12-31", "2999-01-01"):
        found = api.get(f"/accounts/{buyer.address}/slots?day={day}", buyer)
        assert (found.status_code, found.json()["field"]) == (422, "day")
        assert found.json()["detail"].startswith(f"there is nothing of {day}: days are from 1970")

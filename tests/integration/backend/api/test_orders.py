"""Orders over HTTP."""

from __future__ import annotations

from energy_grid.domain.orders import OrderStatus
from energy_grid.market.order_file import document_of
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, HOUR, PRICE, SELL


def test_order__is_placed_and_matched__is_told_to_its_trader_alone(api: Api) -> None:
    exchange = api.exchange
    buyer, seller, stranger = exchange.traders[:3]
    placed = api.place(exchange.order(0, BUY, 1000))
    assert placed.status_code == 201, placed.text
    order = placed.json()
    assert (order["state"], order["filled_wh"], order["reason"]) == ("RECEIVED", 0, None)
    assert (order["side"], order["amount_wh"], order["price_per_kwh"]) == ("BUY", 1000, PRICE)
    path = f"/orders/{order['id']}"
    assert api.get(path).status_code == 401
    assert api.get(path, stranger).status_code == 404
    assert api.get(path, buyer).json() == order
    assert api.place(exchange.order(1, SELL, 600)).status_code == 201
    api.live()
    now = api.get(path, buyer).json()
    assert (now["state"], now["filled_wh"]) == ("PARTLY_FILLED", 600)
    (trade,) = api.get("/trades").json()["items"]
    assert (trade["amount_wh"], trade["price_per_kwh"]) == (600, PRICE)
    assert trade["period"] == order["period"]
    assert (trade["buy_order"], trade["sell_order"]) == (None, None)
    (trade,) = api.get("/trades?mine=true", buyer).json()["items"]
    assert (trade["buy_order"], trade["sell_order"]) == (order["id"], None)
    assert api.get("/trades?mine=true", stranger).json()["items"] == []
    assert api.get("/trades", seller).json()["items"][0]["sell_order"] is not None


def test_order__twice__is_the_same(api: Api) -> None:
    signed = api.exchange.order(0, BUY, 1000)
    first, second = api.place(signed), api.place(signed)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(api.get("/orders", api.exchange.traders[0]).json()["items"]) == 1


def test_order__with_a_key__is_answered_as_the_first_time(api: Api) -> None:
    exchange = api.exchange
    documents = [
        document_of(each, exchange.grid.trading_domain)
        for each in (exchange.order(0, BUY, 1000), exchange.order(0, BUY, 900))
    ]
    other = document_of(exchange.order(1, BUY, 800), exchange.grid.trading_domain)

    def placed(document: dict[str, object]) -> tuple[int, dict[str, object]]:
        headers = {"Idempotency-Key": "7"}
        answer = api.client.post("/api/v1/orders", json=document, headers=headers)
        return answer.status_code, answer.json()

    first = placed(documents[0])
    assert first[0] == 201
    api.place(exchange.order(1, SELL, 1000))
    api.live()
    assert placed(documents[0]) == first
    status, problem = placed(documents[1])
    assert (status, problem["field"]) == (422, "Idempotency-Key")
    # Everybody has keys of their own.
    assert placed(other)[0] == 201


def test_order__that_nobody_could_pay__is_a_problem(api: Api) -> None:
    refused = api.place(api.exchange.order(0, BUY, 10**9, 10**9))
    problem = refused.json()
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:energy-grid:problem:order-rejected"
    assert problem["detail"].startswith("INSUFFICIENT_BALANCE: the balance of its trader")
    assert "/api/v1/quote" in problem["next"]


def test_order__that_is_none__names_the_field(api: Api) -> None:
    document = document_of(api.exchange.order(0, BUY, 1000), api.exchange.grid.trading_domain)
    for name, value, detail in (
        ("trader", "0x12", "an address is 0x and 40 digits"),
        ("amountWh", 1.5, "a whole number is needed, as text if it is above 2^53"),
        ("side", "HOLD", "Input should be 'BUY' or 'SELL'"),
    ):
        problem = api.post("/orders", document | {name: value}).json()
        assert (problem["status"], problem["field"], problem["detail"]) == (422, name, detail)
    other = api.post("/orders", document | {"chainId": 1}).json()
    assert other["status"] == 422
    assert "chain" in other["detail"]


def test_cancel__an_open_order__frees_its_money_and_gives_the_call(api: Api) -> None:
    exchange = api.exchange
    buyer = exchange.traders[0]
    big = 39_000
    order = api.place(exchange.order(0, BUY, big)).json()
    assert api.place(exchange.order(0, BUY, big)).status_code == 422
    assert api.post(f"/orders/{order['id']}/cancel", who=exchange.traders[1]).status_code == 404
    done = api.post(f"/orders/{order['id']}/cancel", who=buyer).json()
    assert (done["order"]["state"], done["order"]["reason"]) == ("CANCELLED", None)
    call = done["call"]
    assert call["to"] == exchange.grid.trading.address
    assert (call["function"], call["reverts"]) == ("cancelSigned(uint256[])", None)
    assert api.place(exchange.order(0, BUY, big)).status_code == 201
    # The engine leaves it alone, and it stays as it is.
    assert api.place(exchange.order(1, SELL, 10_000, 1)).status_code == 201
    api.live()
    states = {each["id"]: each["state"] for each in api.get("/orders", buyer).json()["items"]}
    assert states.pop(order["id"]) == "CANCELLED"
    assert [*states.values()] == ["PARTLY_FILLED"]


def test_orders__on_the_chain__are_followed_too(api: Api) -> None:
    exchange = api.exchange
    trader = exchange.traders[0]
    created = exchange.grid.place_order(
        trader, BUY, energy=1000, price=PRICE, period=HOUR
    ).execute()
    while not api.indexer.step():
        pass
    found = api.get(f"/orders/{created.order_id}", trader).json()
    assert (found["is_signed"], found["state"], found["nonce"]) == (False, "OPEN", None)
    cancelled = api.post(f"/orders/{created.order_id}/cancel", who=trader).json()
    call = cancelled["call"]
    exchange.market.node.execute_as(trader.address, call["to"], bytes.fromhex(call["data"][2:]))
    while not api.indexer.step():
        pass
    assert api.get(f"/orders/{created.order_id}", trader).json()["state"] == "CANCELLED"
    status = exchange.grid.trading.get_order(created.order_id).status
    assert status == OrderStatus.CANCELLED
    assert api.get("/orders/99", trader).status_code == 404


def test_my_orders__come_in_pages(api: Api) -> None:
    trader = api.exchange.traders[0]
    for _ in range(5):
        assert api.place(api.exchange.order(0, BUY, 100)).status_code == 201
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/orders?limit=2{cursor and f'&cursor={cursor}'}", trader).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert len(found) == len({*found}) == 5
    assert api.get("/orders?state=MATCHED", trader).json()["items"] == []
    wrong = api.get("/orders?cursor=W10", trader).json()
    assert (wrong["status"], wrong["field"]) == (422, "cursor")

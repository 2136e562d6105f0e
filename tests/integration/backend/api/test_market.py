"""The market, its periods, books, prices and quotes over HTTP."""

from __future__ import annotations

from energy_grid.domain.signed_orders import typed_data
from energy_grid.domain.units import format_time
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, HOUR, PRICE, SELL

START = "2024-01-01T02:00:00Z"


def test_market__tells_what_programs_need(api: Api) -> None:
    grid = api.exchange.grid
    found = api.get("/market").json()
    assert found["chain_id"] == grid.node.chain_id
    assert found["coin"] == {
        "address": grid.money.address,
        "symbol": grid.coin.symbol,
        "decimals": grid.coin.decimals,
    }
    assert found["contracts"]["Settlement"] == grid.settlement.address
    assert found["regions"] == ["home"]
    assert found["head"]["block"] == found["head"]["chain_block"] == grid.node.block_number


def test_periods__are_those_with_an_open_gate(api: Api) -> None:
    found = api.get("/periods?limit=3").json()
    assert len(found) == 3
    assert all(each["kind"] == "HOURLY" for each in found)
    now = format_time(api.exchange.grid.node.time)
    assert now < found[0]["gate_closes_at"]
    weeks = api.get("/periods?kind=WEEKLY").json()
    assert all(each["start"].endswith("T00:00:00Z") for each in weeks)
    assert api.get("/periods?kind=YEARLY").status_code == 422


def test_book__has_limits_and_no_names(api: Api) -> None:
    exchange = api.exchange
    for trader, side, wh, price in (
        (0, BUY, 100, 300_000),
        (1, BUY, 200, 300_000),
        (2, BUY, 50, 250_000),
        (3, SELL, 120, 200_000),
    ):
        assert api.place(exchange.order(trader, side, wh, price)).status_code == 201
    found = api.get(f"/periods/HOURLY/{START}/book").json()
    assert found["bids"] == [
        {"price_per_kwh": 300_000, "energy_wh": 300, "orders": 2},
        {"price_per_kwh": 250_000, "energy_wh": 50, "orders": 1},
    ]
    assert found["asks"] == [{"price_per_kwh": 200_000, "energy_wh": 120, "orders": 1}]
    assert found["clearing_energy_wh"] == 120
    assert "0x" not in str(found)
    assert api.get(f"/periods/HOURLY/{START}/book?region=mars").json()["field"] == "region"
    between = api.get("/periods/HOURLY/2024-01-01T02:30:00Z/book")
    assert (between.status_code, between.json()["field"]) == (422, "start")
    assert between.json()["next"] == "GET /api/v1/periods lists those whose gate is open"
    assert api.get("/periods/HOURLY/2024-01-01T02:00:00/book").status_code == 422


def test_quote__is_what_becomes_of_the_order(api: Api) -> None:
    exchange = api.exchange
    assert api.place(exchange.order(1, SELL, 600, 200_000)).status_code == 201
    trader = exchange.traders[0]
    wanted = {
        "account": trader.address,
        "side": "BUY",
        "amount_wh": 1000,
        "price_per_kwh": PRICE,
        "start": START,
    }
    assert api.post("/quote", wanted).json()["available"] is None
    found = api.post("/quote", wanted, trader).json()
    assert found["available"] == "10000000"
    assert (found["fills_now_wh"], found["at_limit"], found["reserved"]) == (
        *(600, "-250000", "250000"),
    )
    assert found["money_now"] == str(-(600 * found["price_now_per_kwh"] // 1000))
    tariff = exchange.grid.tariffs.tariff_of("home", HOUR.start // 86_400)
    assert found["grid_alone"] == str(-tariff.buy)
    terms, nonce = exchange.grid.order_terms(
        trader.address, BUY, energy=1000, price=PRICE, period=HOUR
    )
    assert found["typed_data"] == typed_data(terms, nonce, exchange.grid.trading_domain)
    # As it was quoted, so it trades.
    assert api.place(exchange.order(0, BUY, 1000)).status_code == 201
    before = exchange.grid.settlement.balance_of(trader.address)
    api.live()
    spent = before - exchange.grid.settlement.balance_of(trader.address)
    assert spent == -int(found["money_now"])
    (batch,) = api.get("/prices?from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z").json()["traded"]
    assert batch["price_per_kwh"] == found["price_now_per_kwh"]
    assert batch["energy_wh"] == 600


def test_quote__of_what_could_never_trade__says_why(api: Api) -> None:
    trader = api.exchange.traders[0].address
    wanted = {"account": trader, "side": "SELL", "amount_wh": 10, "price_per_kwh": 1}
    late = api.post("/quote", wanted | {"start": "2023-12-31T02:00:00Z"}).json()
    assert "it is too late" in late["detail"]
    nobody = wanted | {"account": "0x" + "12" * 20, "start": START}
    problem = api.post("/quote", nobody).json()
    assert (problem["status"], problem["detail"].partition(" ")[2]) == (
        *(409, "has no account: a deposit opens one"),
    )


def test_prices__of_the_grid__are_those_of_its_contract(api: Api) -> None:
    tariffs = api.exchange.grid.tariffs
    found = api.get("/prices?from=2024-01-01T00:00:00Z&to=2024-01-01T03:00:00Z").json()
    first = api.exchange.grid.slot(HOUR.start - 7200)
    assert [each["buy_per_kwh"] for each in found["grid"]] == [
        tariffs.deficit_price(1, first + at) for at in range(len(found["grid"]))
    ]
    turned = api.get("/prices?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z").json()
    assert (turned["status"], turned["field"]) == (422, "to")


def test_audit__of_a_batch_whose_state_the_node_has_forgotten__is_said(api: Api) -> None:
    exchange = api.exchange
    for trader, side in ((0, BUY), (1, SELL)):
        api.place(exchange.order(trader, side, 600))
    api.live()
    assert api.get("/batches/1/audit").json()["is_optimal"]
    exchange.market.node.mine(300)
    answer = api.get("/batches/1/audit")
    assert answer.status_code == 409
    assert "name a node that keeps old states, or audit a batch within minutes" in answer.text

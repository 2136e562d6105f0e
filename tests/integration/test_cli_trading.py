"""The commands of the order book, transactions and batches on a deployed market, as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.terminal import STRANGER, Terminal, address
from tests.support.market import MONDAY

SELLER, BUYER, KEEPER = "local:10", "local:11", "local:7"
WHO = {who: address(who) for who in (SELLER, BUYER, STRANGER)}
HOUR = 3600
# The first transaction of the first batch.
FIRST = 2**32
# When the first day is final: an hour after its end, and a little more.
FINAL = MONDAY + 86_400 + 2 * HOUR
SELL = "book place sell --amount 2 --price 0.2"
BUY = "book place buy --amount 1.5 --price 0.3"


@pytest.fixture
def floor(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a seller and a buyer without meters, with 20 dollars each."""
    monkeypatch.chdir(tmp_path)
    for who in (SELLER, BUYER):
        terminal.does(who, "money faucet --amount 20")
        terminal.does(who, "money deposit --amount 20")
    return terminal


def test_book__placed_listed_matched_and_cancelled(floor: Terminal) -> None:
    assert floor.shows("book list") == "There is no active order."
    assert floor.does(SELLER, SELL) == (
        "Placed order 1: sell 2 kWh at 0.2 tUSD/kWh, hourly from 2024-01-01 01:00:00 UTC"
    )
    assert floor.does(BUYER, f"{BUY} --until 2024-01-01T00:30") == (
        "Placed order 2: buy 1.5 kWh at 0.3 tUSD/kWh, hourly from 2024-01-01 01:00:00 UTC"
    )
    daily = "book place buy --amount 1.2 --price 0.1 --period daily --start 2024-01-02T00:00"
    assert floor.does(BUYER, daily) == (
        "Placed order 3: buy 1.2 kWh at 0.1 tUSD/kWh, daily from 2024-01-02 00:00:00 UTC"
    )
    assert floor.answers("book show 2") == {
        "order_id": 2,
        "trader": address(BUYER),
        "amount": 1500,
        "price": 300_000,
        "expiry": MONDAY + 1800,
        "order_type": "BUY",
        "status": "ACTIVE",
        "remaining": 1500,
        "period": "HOURLY",
        "start": MONDAY + HOUR,
        "end": MONDAY + 2 * HOUR,
    }
    assert floor.shows("book show 2") == (
        f"order 2 status active trader {address(BUYER)} side buy amount 1.5 kWh left 1.5 kWh price"
        " 0.3 tUSD/kWh period hourly from, UTC 2024-01-01 01:00 last second 2024-01-01 00:30:00 UTC"
        " period until 2024-01-01 02:00:00 UTC"
    )
    assert floor.does(STRANGER, "book match 2 1") == (
        "Matched orders 2 and 1: trade 1 of 1.5 kWh at 0.2 tUSD/kWh"
    )
    assert [each["order_id"] for each in floor.answers("book list")] == [3, 1]
    assert [each["order_id"] for each in floor.answers("book list --all")] == [3, 2, 1]
    assert [each["order_id"] for each in floor.answers("book list --all --limit 2")] == [3, 2]
    assert [each["order_id"] for each in floor.answers(f"book list --of {BUYER}")] == [3]
    assert [each["order_id"] for each in floor.answers(f"book list --of {BUYER} --all")] == [3, 2]
    assert floor.answers(f"book list --of {STRANGER} --all") == []
    shown = floor.shows("book list --all")
    assert f"2 filled {WHO[BUYER]} buy 1.5 kWh 0 kWh 0.3 tUSD/kWh hourly 2024-01-01 01:00" in shown
    assert f"1 active {WHO[SELLER]} sell 2 kWh 0.5 kWh 0.2 tUSD/kWh hourly 2024-01-01" in shown
    assert floor.fits("book list --all", 160)
    assert floor.does(BUYER, "book cancel 3") == "Cancelled order 3: 1.2 kWh were unmatched"
    assert floor.does(SELLER, "book cancel 1") == "Cancelled order 1: 0.5 kWh were unmatched"
    assert floor.shows("book list") == "There is no active order."


def test_book__what_is_refused__is_one_line(floor: Terminal) -> None:
    floor.does(SELLER, SELL)
    floor.does(BUYER, "book place buy --amount 1 --price 0.1")
    assert floor.refuses(f"book cancel 1 --account {BUYER}") == (
        f"EnergyTrading: not owner (order id 1, caller {WHO[BUYER]}): only its"
        " trader can cancel it until it expires"
    )
    assert floor.refuses(f"book match 2 1 --account {STRANGER}") == (
        "EnergyTrading: not crossing (buy price 0.1 tUSD/kWh, sell price 0.2 tUSD/kWh)"
    )
    floor.market.go_to(MONDAY + HOUR - 2)
    assert "status active" in floor.shows("book show 1")
    floor.market.go_to(MONDAY + HOUR)
    assert "status expired" in floor.shows("book show 1")
    assert f"1 expired {WHO[SELLER]} sell" in floor.shows("book list")
    assert floor.does(STRANGER, "book cancel 1") == "Cancelled order 1: 2 kWh were unmatched"
    assert floor.refuses("book show 3") == (
        "EnergyTrading: no such order (order id 3): energy-grid book list --all lists the orders"
    )
    daily = "book place buy --amount 1.2 --price 0.3 --period daily --start"
    past = f"{daily} 2024-01-01T00:00 --account {BUYER}"
    assert floor.refuses(past).startswith(
        "EnergyTrading: gate closed (start 2024-01-01 00:00:00 UTC, time 2024-01-01 01:00:"
    )
    assert floor.refuses(f"{BUY} --start 2024-01-01T01:30 --account {BUYER}") == (
        "hourly periods start at a full UTC hour, not at 2024-01-01 01:30:00 UTC"
    )
    assert floor.refuses(f"{past} --amount 1.201".replace("2024-01-01", "2024-01-02")) == (
        "1.201 kWh is not the same whole Wh in each of 24 slots: the nearest valid is 1.2 kWh or"
        " 1.224 kWh"
    )
    assert floor.refuses(f"{BUY} --account {STRANGER}") == (
        f"Settlement: this address has no settlement account (account {WHO[STRANGER]}): energy-grid"
        " money deposit opens one"
    )


def test_book__of_more_than_a_page__the_newest_that_are_active_come_first(floor: Terminal) -> None:
    market, seller = floor.market, address(SELLER)
    for _ in range(101):
        place = "createOrder(uint256,uint256,uint256,uint8)"
        # The burst of orders that an account has comes back after a while.
        market.do(seller, market.trading, place, 100, 200_000, 2**64, 1)
        market.do(seller, market.trading, "cancelOrder", market.trading.call("orderCount"))
        market.go_to(market.now + 10)
    floor.does(SELLER, "book place sell --amount 1 --price 0.2")
    market.do(seller, market.trading, "cancelOrder", 102)
    assert floor.answers("book list") == []
    assert [each["order_id"] for each in floor.answers("book list --all --limit 3")] == [
        102,
        101,
        100,
    ]
    assert len(floor.answers(f"book list --all --of {SELLER} --limit 100")) == 100


def test_transaction__settled_by_number(floor: Terminal) -> None:
    floor.does(SELLER, SELL)
    floor.does(BUYER, BUY)
    floor.does(STRANGER, "book match 2 1")
    assert floor.answers("trade show 1") == {
        "trade_id": 1,
        "buyer": address(BUYER),
        "seller": address(SELLER),
        "amount": 1500,
        "price": 200_000,
        "period": "HOURLY",
        "start": MONDAY + HOUR,
        "end": MONDAY + 2 * HOUR,
        "status": "MATCHED",
        "batch_id": None,
        "ready": False,
    }
    assert floor.shows("trade show 1") == (
        f"trade 1 status matched seller {address(SELLER)} buyer {address(BUYER)} agreed"
        " 1.5 kWh at 0.2 tUSD/kWh costs 0.3 tUSD period hourly, 2024-01-01 01:00:00 UTC to"
        " 2024-01-01 02:00:00 UTC can settle now no: once a day of its period is final"
    )
    assert floor.refuses(f"trade settle 1 --account {STRANGER}").startswith(
        "Settlement: the account's first open day is not final yet, or waits for its"
    )
    floor.market.go_to(FINAL)
    assert floor.answers("trade show 1")["ready"] is True
    assert floor.shows("trade show 1").endswith("can settle now yes")
    assert floor.does(STRANGER, "trade settle 1") == ("Settled trade 1: closed 2 account days")
    assert floor.refuses(f"trade settle 1 --account {STRANGER}") == (
        "EnergyTrading: both accounts have closed the trade's period (trade id 1)"
    )
    assert floor.refuses(f"trade settle 2 --account {STRANGER}") == (
        "EnergyTrading: no such trade (trade id 2): energy-grid trade list --all lists the trades"
    )
    assert floor.refuses("trade show 2") == (
        "EnergyTrading: no such trade (trade id 2): energy-grid trade list --all lists the trades"
    )
    assert "can settle now" not in floor.shows("trade show 1")


def test_transactions__of_pairs_and_a_batch__are_listed_and_settled_at_once(
    floor: Terminal,
) -> None:
    assert floor.shows("trade list") == "There is no such trade."
    assert floor.shows("batch list") == "No batch is settled yet."
    floor.does(SELLER, SELL)
    floor.does(BUYER, BUY)
    floor.does(STRANGER, "book match 2 1")
    floor.does(SELLER, "book cancel 1")
    floor.says(f"order sign buy --amount 0.5 --price 0.3 --account {BUYER}")
    floor.says(f"order sign sell --amount 0.5 --price 0.2 --account {SELLER}")
    floor.does(KEEPER, "batch send orders.json --set set.jsonl")
    (batch,) = floor.answers("batch list")
    assert len(batch.pop("transaction")) == len(batch.pop("order_set")) == 66
    assert batch.pop("block") > 1
    assert batch == {
        "batch_id": 1,
        "period": "HOURLY",
        "start": MONDAY + HOUR,
        "price": 250_000,
        "first_trade_id": FIRST,
        "trade_count": 1,
        "amount": 500,
    }
    assert "1 hourly 2024-01-01 01:00 0.25 tUSD/kWh 0.5 kWh 1 0x" in floor.shows("batch list")
    assert floor.fits("batch list", 200)
    numbers = [each["trade_id"] for each in floor.answers("trade list")]
    assert numbers == [FIRST, 1]
    (only,) = floor.answers("trade list --limit 1")
    assert only["trade_id"] == FIRST
    assert floor.answers(f"trade list --of {STRANGER}") == []
    assert len(floor.answers(f"trade list --of {SELLER}")) == 2
    shown = floor.shows("trade list")
    assert f"1 matched {WHO[SELLER]} {WHO[BUYER]} 1.5 kWh 0.2 tUSD/kWh 2024-01-01" in shown
    assert floor.fits("trade list", 160)
    assert floor.shows(f"trade show {FIRST}").endswith("batch 1")
    nothing = "none of these trades can settle now"
    for which in ("--all", f"--of {BUYER}", f"1,{FIRST}"):
        assert floor.refuses(f"trade settle {which} --account {STRANGER}").startswith(nothing)
    floor.market.go_to(FINAL)
    assert floor.refuses(f"trade settle --of {KEEPER} --account {STRANGER}").startswith(nothing)
    assert floor.does(STRANGER, f"trade settle 1-2,{FIRST}") == (
        "Settled 2 of 2 trades: closed 2 account days"
    )
    assert floor.answers("trade list --open") == []
    assert len(floor.answers("trade list --all")) == 2
    assert floor.refuses(f"trade settle --all --account {STRANGER}").startswith(nothing)
    document = floor.answers("batch show 1")
    assert (document["amount"], document["settled"]) == (500, 1)
    assert [each["trade_id"] for each in document["trades"]] == [FIRST]
    shown = floor.shows("batch show 1")
    assert "agreed 0.5 kWh in 1 trade costs 0.125 tUSD settled 1 of 1 trade" in shown
    assert f"{FIRST} settled {WHO[SELLER]} {WHO[BUYER]} 0.5 kWh 0.25 tUSD/kWh" in shown
    assert floor.refuses("batch show 2") == (
        "EnergyTrading: no such batch (batch id 2): energy-grid batch list lists the batches"
    )


def test_transactions__settled_by_who_they_are_of(floor: Terminal) -> None:
    floor.does(SELLER, SELL)
    floor.does(BUYER, BUY)
    floor.does(STRANGER, "book match 2 1")
    floor.market.go_to(FINAL)
    assert floor.does(STRANGER, f"trade settle --of {BUYER}") == (
        "Settled trade 1: closed 2 account days"
    )


@pytest.mark.parametrize("words", ["", f"1 --of {BUYER}", "1 --all", f"--all --of {BUYER}"])
def test_transaction_settle__none_or_several_ways_to_choose__is_refused(
    floor: Terminal, words: str
) -> None:
    assert floor.refuses(f"trade settle {words} --account {STRANGER}", 2) == (
        "name the numbers, such as 1,4-6, or an account with --of ADDRESS, or --all"
    )

"""The commands of the spot market on a deployed market, each as it is typed."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from tests.integration.terminal import STRANGER, Terminal, address
from tests.support.market import MONDAY

SELLER, BUYER = "local:10", "local:11"
WHO = {who: address(who) for who in (SELLER, BUYER, STRANGER)}


@pytest.fixture
def floor(terminal: Terminal) -> Terminal:
    """A terminal, a producer with 5 kWh in the bank, and a consumer with 10 dollars."""
    market = terminal.market
    market.do(address(SELLER), market.grid, "registerProducer", 10_000, 0)
    market.do(address(BUYER), market.grid, "registerConsumer", 10_000)
    for who, is_producer in ((SELLER, True), (BUYER, False)):
        authority = market.roles[Role.GRID_AUTHORITY]
        market.do(authority, market.grid, "confirmParticipant", address(who), is_producer)
    market.do(market.settlement.address, market.energy_token, "mint", address(SELLER), 5_000)
    market.give_money(address(BUYER), 10_000_000)
    market.do(address(BUYER), market.settlement, "deposit", 10_000_000)
    return terminal


def test_offer__sold_in_parts_and_taken_back(floor: Terminal) -> None:
    assert floor.shows("offer list") == "There is no offer yet."
    create = "offer create --amount 2 --price 0.25"
    assert floor.does(SELLER, create) == (
        "Opened offer 1: 2 kWh at 0.25 tUSD/kWh; approved exactly 2 kWh for it"
    )
    assert floor.does(BUYER, "offer accept 1 --amount 0.5") == (
        "Bought 0.5 kWh of offer 1 for 0.125 tUSD; 1.5 kWh left"
    )
    record = floor.answers("offer show 1")
    assert record.pop("created_at") >= MONDAY
    assert record == {
        "offer_id": 1,
        "seller": address(SELLER),
        "amount": 2000,
        "remaining": 1500,
        "price": 250_000,
        "status": "OPEN",
    }
    shown = floor.shows("offer show 1")
    assert shown.startswith(f"offer 1 status open seller {address(SELLER)} offered 2 kWh left 1.5")
    assert "price 0.25 tUSD/kWh opened 2024-01-01 00:" in shown
    assert floor.answers(f"offer balance {SELLER}") == {
        "account": address(SELLER),
        "energy_credits": 3000,
        "available": 125_000,
    }
    assert floor.shows(f"offer balance {BUYER}") == (
        f"account {address(BUYER)} energy credits 0.5 kWh, without those on offer balance"
        " 9.875 tUSD"
    )
    assert floor.does(SELLER, "offer cancel 1") == "Cancelled offer 1: 1.5 kWh returned"
    floor.does(SELLER, create)
    assert floor.does(BUYER, "offer accept 2") == (
        "Bought 2 kWh of offer 2 for 0.5 tUSD; 0 kWh left"
    )
    newer, older = floor.answers("offer list")
    assert (newer["offer_id"], newer["status"]) == (2, "SOLD")
    assert (older["offer_id"], older["status"], older["remaining"]) == (1, "CANCELLED", 0)
    (only,) = floor.answers("offer list --limit 1")
    assert only == newer
    listed = floor.shows("offer list")
    assert f"2 sold {WHO[SELLER]} 2 kWh 0 kWh 0.25 tUSD/kWh 2024-01-01 00:" in listed


def test_offer__what_is_refused__is_one_line(floor: Terminal) -> None:
    def refuses(who: str, command: str) -> str:
        return floor.refuses(f"offer {command} --account {who}")

    create = "create --price 0.25 --amount"
    assert refuses(SELLER, f"{create} 6") == (
        f"{address(SELLER)} has 5 KWH, and the call needs 6 KWH"
    )
    assert refuses(STRANGER, f"{create} 1") == (
        "PeerToPeerTrading: the account is not registered and confirmed for this side, or is"
        f" blocked (account {WHO[STRANGER]}, buying no): energy-grid participant show shows what is"
        " missing"
    )
    assert floor.answers("offer list") == []
    floor.does(SELLER, f"offer {create} 1")
    assert refuses(BUYER, "accept 1 --amount 1.5") == (
        "PeerToPeerTrading: above remaining (offer id 1, amount 1.5 kWh, remaining 1 kWh)"
    )
    assert refuses(BUYER, "cancel 1") == (
        f"PeerToPeerTrading: not seller (offer id 1, caller {WHO[BUYER]})"
    )
    assert floor.refuses("offer show 2") == (
        "PeerToPeerTrading: no such offer (offer id 2): energy-grid offer list lists the offers"
    )
    fine = floor.refuses(f"offer create --price 0.0000001 --amount 1 --account {SELLER}", code=2)
    assert fine == "'0.0000001' is too fine for a price per kWh: at most 6 decimals"


def test_offer_to_one_buyer__completed_declined_and_taken_back(floor: Terminal) -> None:
    assert floor.shows("offer spot-trades") == "There is no spot trade yet."
    to_buyer = f"offer to {BUYER} --amount 1.5 --price 0.2"
    assert floor.does(SELLER, to_buyer) == (
        f"Opened spot trade 1 to {WHO[BUYER]}: 1.5 kWh at 0.2 tUSD/kWh; approved exactly"
        " 1.5 kWh for it"
    )
    assert floor.refuses(f"offer complete 1 --account {STRANGER}") == (
        f"PeerToPeerTrading: not party (trade id 1, caller {WHO[STRANGER]})"
    )
    shown = floor.shows("offer spot-trade 1")
    assert f"status pending seller {address(SELLER)} buyer {address(BUYER)} offered 1.5" in shown
    assert floor.does(BUYER, "offer complete 1") == "Completed spot trade 1: 1.5 kWh for 0.3 tUSD"
    floor.does(SELLER, to_buyer)
    assert floor.does(BUYER, "offer decline 2") == (
        f"Declined spot trade 2: 1.5 kWh returned to {WHO[SELLER]}"
    )
    floor.does(SELLER, to_buyer)
    assert floor.does(SELLER, "offer decline 3") == (
        f"Cancelled spot trade 3: 1.5 kWh returned to {WHO[SELLER]}"
    )
    trades = floor.answers("offer spot-trades --limit 3")
    assert [each["spot_trade_id"] for each in trades] == [3, 2, 1]
    assert [each["status"] for each in trades] == ["CANCELLED", "CANCELLED", "COMPLETED"]
    assert floor.answers("offer spot-trade 1") == trades[-1]
    listed = floor.shows("offer spot-trades")
    assert f"1 completed {WHO[SELLER]} {WHO[BUYER]} 1.5 kWh 0.2 tUSD/kWh 2024-01-01" in listed

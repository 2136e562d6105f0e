"""GridManagement.noteFailedDelivery, by itself and at the end of real transactions."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.orders import TransactionStatus
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import HOUR, SLOT, as_authority, logged, producer_info

START = MONDAY + HOUR


def note(market: Market, seller: str, *, sender: str | None = None) -> Receipt:
    caller = sender or market.settlement.address
    return market.do(caller, market.grid, "noteFailedDelivery", seller)


@pytest.mark.parametrize("caller", ["stranger", "authority", "trading", "producer"])
def test_note_failed_delivery__not_by_settlement__refused(
    market: Market, producer: LocalAccount, caller: str
) -> None:
    callers = {
        "authority": market.roles[Role.GRID_AUTHORITY],
        "trading": market.trading.address,
    }
    sender = callers.get(caller, actor(caller).address)

    with refused(errors.GridManagement_OnlySettlement, caller=sender):
        note(market, producer.address, sender=sender)


@pytest.mark.parametrize("active", [True, False])
def test_note_failed_delivery__of_a_producer__one_point_less(
    market: Market, producer: LocalAccount, *, active: bool
) -> None:
    if not active:
        as_authority(market, "deactivateParticipant", producer.address, True)
    for reputation in (99, 98):
        receipt = note(market, producer.address)

        assert producer_info(market, producer).reputation == reputation
        assert logged(market, receipt, "ReputationSet") == [
            {"producer": producer.address, "reputation": reputation}
        ]


def test_note_failed_delivery__reputation_1__falls_to_0_and_no_further(
    market: Market, producer: LocalAccount
) -> None:
    as_authority(market, "updateProducerReputation", producer.address, 1)

    note(market, producer.address)
    assert producer_info(market, producer).reputation == 0
    receipt = note(market, producer.address)

    assert producer_info(market, producer).reputation == 0
    assert logged(market, receipt, "ReputationSet") == []


def test_note_failed_delivery__of_no_producer__nothing_happens(
    market: Market, consumer: LocalAccount
) -> None:
    for seller in (consumer.address, actor("stranger").address):
        receipt = note(market, seller)

        assert logged(market, receipt, "ReputationSet") == []
        with pytest.raises(errors.GridManagement_NotRegistered):
            market.grid.call("getProducerInfo", seller)


def trade(market: Market, seller: LocalAccount, *, delivered: int) -> Receipt:
    """1000 Wh of the next hour are sold and so many delivered; how the transaction ends."""
    meter = market.register_meter(seller)
    for trader in (seller, actor("buyer")):
        market.deposit(trader, 10**9)
    sell = market.sell(seller, 1000, 250_000, start=START)
    transaction = market.match(market.buy(actor("buyer"), 1000, 250_000, start=START), sell)
    if delivered:
        market.at(START + HOUR).read_meter(meter, timestamp=START + HOUR, produced=delivered)
    market.go_to(market.final_at(SLOT + 1))

    receipt = market.settle(transaction)

    assert TransactionStatus.SETTLED in market.trading.call("getTransaction", transaction)
    return receipt


@pytest.mark.parametrize("delivered", [0, 1, 999])
def test_note_failed_delivery__by_a_transaction_not_delivered__one_point_less(
    market: Market, producer: LocalAccount, delivered: int
) -> None:
    receipt = trade(market, producer, delivered=delivered)

    assert producer_info(market, producer).reputation == 99
    assert logged(market, receipt, "ReputationSet") == [
        {"producer": producer.address, "reputation": 99}
    ]


@pytest.mark.parametrize("delivered", [1000, 1001])
def test_note_failed_delivery__by_a_transaction_delivered__reputation_stays(
    market: Market, producer: LocalAccount, delivered: int
) -> None:
    receipt = trade(market, producer, delivered=delivered)

    assert producer_info(market, producer).reputation == 100
    assert logged(market, receipt, "ReputationSet") == []


def test_note_failed_delivery__by_a_seller_without_reputation__transaction_ends(
    market: Market, producer: LocalAccount
) -> None:
    as_authority(market, "updateProducerReputation", producer.address, 0)

    trade(market, producer, delivered=0)

    assert producer_info(market, producer).reputation == 0


def test_note_failed_delivery__by_a_seller_who_is_no_producer__transaction_ends(
    market: Market,
) -> None:
    receipt = trade(market, actor("prosumer"), delivered=0)

    assert logged(market, receipt, "ReputationSet") == []

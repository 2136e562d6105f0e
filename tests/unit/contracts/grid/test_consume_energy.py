"""GridManagement.consumeEnergy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from tests.model.pricing import dynamic_price
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    charge,
    consume,
    consumer_info,
    give,
    logged,
    produce,
    register_producer,
    status,
)

CAPACITY = 1_000_000
LIMIT = 400_000
LARGEST = 2**64 - 1


def revenue(market: Market) -> int:
    """What the grid has earned and not collected."""
    return int(market.settlement.call("treasuryOwed")[1])


def bought(market: Market, account: LocalAccount, slot: int = SLOT) -> int:
    return int(market.settlement.call("energyOf", account.address, slot)[3])


def test_consume_energy__by_no_consumer__refused(market: Market, producer: LocalAccount) -> None:
    produce(market, producer, 1000)

    with refused(errors.GridManagement_NotRegistered, participant=producer.address):
        consume(market, producer, 1)


def test_consume_energy__by_a_deactivated_consumer__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)
    as_authority(market, "deactivateParticipant", consumer.address, False)

    with refused(errors.GridManagement_Inactive, participant=consumer.address):
        consume(market, consumer, 1)


def test_consume_energy__nothing__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)

    with refused(errors.GridManagement_ZeroAmount):
        consume(market, consumer, 0)


@pytest.mark.parametrize("amount", [LIMIT + 1, 2**64, 2**256 - 1])
def test_consume_energy__above_the_limit__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, amount: int
) -> None:
    produce(market, producer, CAPACITY)

    with refused(errors.GridManagement_AboveLimit, amount=amount, left=LIMIT):
        consume(market, consumer, amount)


def test_consume_energy__in_parts_up_to_the_limit__then_refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, CAPACITY)
    consume(market, consumer, LIMIT - 10)

    with refused(errors.GridManagement_AboveLimit, amount=11, left=10):
        consume(market, consumer, 11)
    consume(market, consumer, 10)
    with refused(errors.GridManagement_AboveLimit, amount=1, left=0):
        consume(market, consumer, 1)
    assert consumer_info(market, consumer).current_usage == LIMIT


def test_consume_energy__more_than_is_available__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 1000)
    charge(market, storage, 400)

    with refused(errors.GridManagement_InsufficientEnergy, amount=601, available=600):
        consume(market, consumer, 601)
    consume(market, consumer, 600)
    with refused(errors.GridManagement_InsufficientEnergy, amount=1, available=0):
        consume(market, consumer, 1)


def test_consume_energy__nothing_produced__refused_and_no_price_recorded(
    market: Market, consumer: LocalAccount
) -> None:
    """Who is refused has not opened the slot either: somebody else still does."""
    with refused(errors.GridManagement_InsufficientEnergy, amount=1, available=0):
        consume(market, consumer, 1)

    receipt = market.do(actor("keeper"), market.grid, "recordSlotPrice")

    events = market.events(receipt, market.grid, "SlotPriceRecorded")
    assert [dict(one.arguments) for one in events] == [{"slot": SLOT, "price": BASE}]


@pytest.mark.parametrize("short", [True, False])
def test_consume_energy__balance_at_the_cost__enough(
    market: Market, producer: LocalAccount, *, short: bool
) -> None:
    """1 Wh at 0.30 costs 300 base units."""
    buyer = actor("buyer")
    market.do(buyer, market.grid, "registerConsumer", LIMIT)
    market.deposit(buyer, 299 if short else 300)
    produce(market, producer, 1000)

    if short:
        with refused(
            errors.Settlement_InsufficientBalance,
            account=buyer.address,
            available=299,
            needed=300,
        ):
            consume(market, buyer, 1)
    else:
        consume(market, buyer, 1)
        assert consumer_info(market, buyer).balance == 0


def test_consume_energy__money_locked_in_an_order__is_not_there(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    market.buy(consumer, 1000, 999_999_500, start=MONDAY)
    left = market.balance(consumer)
    produce(market, producer, 1000)

    with refused(
        errors.Settlement_InsufficientBalance,
        account=consumer.address,
        available=left,
        needed=600,
    ):
        consume(market, consumer, 2)


def test_consume_energy__without_account__refused(market: Market, producer: LocalAccount) -> None:
    newcomer = actor("newcomer")
    market.do(newcomer, market.grid, "registerConsumer", LIMIT)
    produce(market, producer, 1000)

    with refused(errors.Settlement_UnknownAccount, account=newcomer.address):
        consume(market, newcomer, 1)


@pytest.mark.parametrize("stop", [("pause", Role.GUARDIAN, 1), ("shutdown", Role.ADMIN, 2)])
def test_consume_energy__market_stopped__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, stop: tuple[str, Role, int]
) -> None:
    function, role, level = stop
    produce(market, producer, 1000)
    market.do(market.roles[role], market.settlement, function)

    with refused(errors.EmergencyStop_Stopped, level=level):
        consume(market, consumer, 1)


def test_consume_energy__several_things_wrong__refused_in_order(
    market: Market, producer: LocalAccount
) -> None:
    newcomer = actor("newcomer")
    with pytest.raises(errors.GridManagement_NotRegistered):
        consume(market, newcomer, 0)
    market.do(newcomer, market.grid, "registerConsumer", 10)
    as_authority(market, "deactivateParticipant", newcomer.address, False)
    with pytest.raises(errors.GridManagement_Inactive):
        consume(market, newcomer, 0)
    as_authority(market, "reactivateParticipant", newcomer.address, False)
    with pytest.raises(errors.GridManagement_ZeroAmount):
        consume(market, newcomer, 0)
    with pytest.raises(errors.GridManagement_AboveLimit):
        consume(market, newcomer, 11)
    with pytest.raises(errors.GridManagement_InsufficientEnergy):
        consume(market, newcomer, 10)
    produce(market, producer, 10)
    with pytest.raises(errors.Settlement_InsufficientBalance):
        consume(market, newcomer, 10)


def test_consume_energy__all_well__bought_in_settlement(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1000)
    before = consumer_info(market, consumer)
    owed = revenue(market)

    receipt = consume(market, consumer, 7)

    cost = 2100
    assert logged(market, receipt, "EnergyConsumed") == [
        {"consumer": consumer.address, "slot": SLOT, "amount": 7, "cost": cost}
    ]
    paid = market.events(receipt, market.settlement, "GridEnergyBought")
    assert [dict(event.arguments) for event in paid] == [
        {"account": consumer.address, "slot": SLOT, "amount": 7, "cost": cost}
    ]
    assert consumer_info(market, consumer) == replace(
        before, total_consumed=7, current_usage=7, balance=before.balance - cost
    )
    assert revenue(market) == owed + cost
    assert bought(market, consumer) == 7
    grid = status(market)
    assert (grid.production, grid.load, grid.available) == (1000, 7, 993)


def test_consume_energy__one_after_the_other__each_at_the_price_before_it(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, CAPACITY)
    load = 0
    for amount in (1, 333, 100_000, 77, 199_999):
        price = dynamic_price(BASE, load, CAPACITY, False)
        assert market.grid.call("getDynamicPrice") == price
        before = market.balance(consumer)

        receipt = consume(market, consumer, amount)

        assert before - market.balance(consumer) == cost_up(amount, price)
        assert logged(market, receipt, "EnergyConsumed")[0]["cost"] == cost_up(amount, price)
        load += amount
    assert bought(market, consumer) == load
    assert market.grid.call("getDynamicPrice") > BASE


def test_consume_energy__price_not_divisible__cost_is_rounded_up(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    as_authority(market, "setBasePrice", 1)
    produce(market, producer, CAPACITY)
    for amount, cost in ((1, 1), (999, 1), (1000, 1), (1001, 2)):
        before = market.balance(consumer)
        consume(market, consumer, amount)
        assert before - market.balance(consumer) == cost


def test_consume_energy__in_an_emergency__three_times_the_base_price(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, CAPACITY)
    consume(market, consumer, 1000)
    as_authority(market, "toggleEmergencyMode")
    before = market.balance(consumer)

    consume(market, consumer, 1001)

    assert before - market.balance(consumer) == cost_up(1001, 3 * BASE)


def test_consume_energy__in_the_next_slot__usage_starts_anew(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, CAPACITY)
    consume(market, consumer, LIMIT)

    market.go_to(MONDAY + HOUR)
    with refused(errors.GridManagement_InsufficientEnergy, amount=1, available=0):
        consume(market, consumer, 1)
    produce(market, producer, CAPACITY)
    consume(market, consumer, LIMIT)

    info = consumer_info(market, consumer)
    assert (info.current_usage, info.total_consumed) == (LIMIT, 2 * LIMIT)
    assert (bought(market, consumer), bought(market, consumer, SLOT + 1)) == (LIMIT, LIMIT)


def test_consume_energy__as_much_as_a_slot_can_hold__bought(market: Market) -> None:
    plant, city = actor("plant"), actor("city")
    as_authority(market, "setBasePrice", 1)
    register_producer(market, plant, LARGEST)
    produce(market, plant, LARGEST)
    market.do(city, market.grid, "registerConsumer", LARGEST)
    give(market, city, 10**18)

    with refused(errors.SafeCastOverflowedUintDowncast, bits=56, value=2**56):
        consume(market, city, 2**56)
    consume(market, city, 2**56 - 1)

    assert bought(market, city) == 2**56 - 1
    assert consumer_info(market, city).balance == 10**18 - cost_up(2**56 - 1, 1)
    with refused(errors.SafeCastOverflowedUintDowncast, bits=56, value=2**56):
        consume(market, city, 1)

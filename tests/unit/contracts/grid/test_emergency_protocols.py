"""What each emergency protocol does to the participants of its region, on the whole market.

The table is that of IGridManagement; a region without a protocol is as ever.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from energy_grid.domain.enums import EmergencyProtocol
from tests.model.market import Tariff
from tests.support.core.attack_suite import (
    BUY,
    DAY,
    HOUR,
    KWH,
    REGISTRAR,
    SELL,
    START,
    TARIFF,
    TODAY,
    Street,
)
from tests.support.core.chain import refused
from tests.support.core.tariff_suite import name, packed
from tests.unit.contracts.spot.suite import SpotTraders

HOME, NORTH = name("home"), name("north")
MAX_AGE, NOON = 7_200, START + 12 * HOUR
NONE, SHED, ISLAND, CURTAIL, BLACK_START = EmergencyProtocol
REGION_CLOSED = 20
STAGE = MAX_AGE // 3
# Protocol, seconds since it began; whether BUY and SELL orders are closed, whether the border is;
# shares of a consumer's limit and of a producer's capacity, in basis points.
TABLE = [
    (NONE, 1, False, False, False, 10_000, 10_000),
    (SHED, 1, True, False, False, 5_000, 10_000),
    (ISLAND, 1, False, False, True, 10_000, 10_000),
    (CURTAIL, 1, False, True, False, 10_000, 5_000),
    (BLACK_START, STAGE - 1, True, True, True, 0, 0),
    (BLACK_START, STAGE, True, False, True, 0, 10_000),
    (BLACK_START, 2 * STAGE - 1, True, False, True, 0, 10_000),
    (BLACK_START, 2 * STAGE, False, False, True, 5_000, 10_000),
    (BLACK_START, MAX_AGE - 1, False, False, True, 5_000, 10_000),
    (SHED, MAX_AGE, False, False, False, 10_000, 10_000),
]
COLUMNS = ("protocol", "after", "no_buy", "no_sell", "island", "draw", "production")


@pytest.fixture(scope="module")
def built() -> Street:
    """A buyer and a seller at home, of whom the one consumes and the other produces."""
    street = Street(grace=DAY)
    for each in ("buyer", "seller"):
        street.home(each)
    grid = street["GridManagement"]
    grid.registerConsumer(4_000, by=street.at("buyer"))
    grid.registerProducer(4_000, 0, by=street.at("seller"))
    grid.registerStorage(4_000, 4_000, 4_000, by=street.at("seller"))
    street.chain.set_time(START)
    street.live(hours=12)
    street.chain.set_time(NOON + 60)
    return street


@pytest.fixture
def street(built: Street) -> Iterator[Street]:
    mark = built.chain.snapshot()
    yield built
    built.chain.revert(mark)


def declare(street: Street, protocol: int, region: bytes = HOME) -> int:
    """Put one into force; when."""
    street["GridManagement"].implementEmergencyProtocol(region, protocol, by=REGISTRAR)
    return int(street.now)


def soon(street: Street) -> int:
    """The next hour, which begins while a protocol is in force."""
    return (street.now // HOUR + 1) * HOUR


@pytest.mark.parametrize(COLUMNS, TABLE)
def test_emergency_protocol__orders_of_its_time__closed_by_side(
    street: Street,
    protocol: int,
    after: int,
    no_buy: bool,
    no_sell: bool,
    island: bool,
    draw: int,
    production: int,
) -> None:
    """None is matched, on the chain or by signature; those of later periods are."""
    begun = declare(street, protocol)
    street.chain.set_time(begun + after)
    limits = street["Tariffs"].limitsOf(1)
    assert tuple(limits)[:5] == (no_buy, no_sell, island, draw, production)
    assert limits[5] == (begun + MAX_AGE if protocol and after < MAX_AGE else 0)
    hour = soon(street)
    stored = [street.order(*each, KWH, 20, hour) for each in (("buyer", BUY), ("seller", SELL))]
    street.trade("buyer", "seller", KWH, 20, NOON + DAY)
    is_closed = hour < begun + MAX_AGE and (no_buy or no_sell)
    if is_closed:
        with refused("EnergyTrading_Refused", stored[0 if no_buy else 1], REGION_CLOSED):
            street["EnergyTrading"].matchOrders(*stored)
    else:
        street["EnergyTrading"].matchOrders(*stored)
    orders = [
        street.signed(who, side, KWH, 20, hour) for who, side in (("buyer", BUY), ("seller", SELL))
    ]
    street.batch(orders, [(0, 1, KWH)], 20, hour, skip=True)
    assert street.refusals() == [REGION_CLOSED] * (is_closed * (no_buy + no_sell))


@pytest.mark.parametrize(COLUMNS, TABLE)
def test_emergency_protocol__declarations__up_to_a_share(
    street: Street,
    protocol: int,
    after: int,
    no_buy: bool,
    no_sell: bool,
    island: bool,
    draw: int,
    production: int,
) -> None:
    """Of what a consumer draws and a producer declares; a storage is never limited."""
    grid, buyer, seller = street["GridManagement"], street.at("buyer"), street.at("seller")
    begun = declare(street, protocol)
    street.chain.set_time(begun + after)
    most, made = 4_000 * draw // 10_000, 4_000 * production // 10_000
    with refused("GridManagement_AboveLimit", most + 1, most):
        grid.call("consumeEnergy(uint256)", most + 1, by=buyer)
    if most:
        grid.call("consumeEnergy(uint256)", most, by=buyer)
    with refused("GridManagement_AboveLimit", made + 1, made):
        grid.reportProduction(made + 1, by=seller)
    grid.reportProduction(made, by=seller)
    grid.chargeStorage(4_000, by=seller)
    grid.dischargeStorage(4_000, by=seller)


def test_emergency_protocol__after_more_was_consumed__nothing_more(street: Street) -> None:
    grid, buyer = street["GridManagement"], street.at("buyer")
    grid.call("consumeEnergy(uint256)", 3_000, by=buyer)
    declare(street, SHED)
    with refused("GridManagement_AboveLimit", 1, 0):
        grid.call("consumeEnergy(uint256)", 1, by=buyer)


def test_emergency_protocol__of_another_region__limits_nobody_here(street: Street) -> None:
    street["Tariffs"].addRegion(NORTH, packed(TARIFF), by=REGISTRAR)
    declare(street, BLACK_START, NORTH)
    street.trade("buyer", "seller", KWH, 20, soon(street))
    street["GridManagement"].call("consumeEnergy(uint256)", 4_000, by=street.at("buyer"))


@pytest.mark.parametrize("protocol", [SHED, CURTAIL, BLACK_START])
def test_emergency_protocol__orders_and_trades_from_before__stay_and_exits_are_open(
    street: Street, protocol: int
) -> None:
    """An open order is not matched, and can be cancelled; a trade settles; money leaves."""
    hour = soon(street)
    number = street.trade("buyer", "seller", KWH, 20, hour)
    buy, sell = (street.order(*each, KWH, 20, hour) for each in (("buyer", BUY), ("seller", SELL)))
    declare(street, protocol)
    closed = sell if protocol == CURTAIL else buy
    with refused("EnergyTrading_Refused", closed, REGION_CLOSED):
        street["EnergyTrading"].matchOrders(buy, sell)
    for who, order in (("buyer", buy), ("seller", sell)):
        street["EnergyTrading"].cancelOrder(order, by=street.at(who))
    street["Settlement"].withdraw(1_000, street.at("buyer"), by=street.at("buyer"))
    street.live({"buyer": [-KWH] * 12, "seller": [KWH] * 12}, hours=12)
    street.wait(DAY)
    street["EnergyTrading"].settleTransaction(number)
    assert street["EnergyTrading"].getTransaction(number)[7] == 1
    assert street["Settlement"].cursorAt(street.number("buyer")) == TODAY + 1


def test_emergency_protocol__renewed__a_black_start_goes_on(street: Street) -> None:
    begun = declare(street, BLACK_START)
    street.chain.set_time(begun + STAGE)
    declare(street, BLACK_START)
    assert tuple(street["Tariffs"].limitsOf(1))[:2] == (True, False)
    assert street["Tariffs"].limitsOf(1)[5] == begun + STAGE + MAX_AGE
    street.chain.set_time(begun + 2 * STAGE)
    assert tuple(street["Tariffs"].limitsOf(1))[:2] == (False, False)
    declare(street, NONE)
    assert tuple(street["Tariffs"].limitsOf(1)) == (False, False, False, 10_000, 10_000, 0)


def test_set_protocol__by_others__refused(street: Street) -> None:
    with refused("Tariffs_OnlyGrid", REGISTRAR):
        street["Tariffs"].setProtocol(1, SHED, street.now + 1, by=REGISTRAR)


# The spot market


@pytest.fixture(scope="module")
def spot_built() -> SpotTraders:
    traders = SpotTraders()
    tariff = Tariff(buy=300_000, feed_in=80_000, network_fee=20_000, protocol_fee=7_000)
    traders["Tariffs"].addRegion(NORTH, packed(tariff), by=REGISTRAR)
    traders.connect("rival", region=NORTH)
    traders.chain.set_time(START + 60)
    return traders


@pytest.fixture
def traders(spot_built: SpotTraders) -> Iterator[SpotTraders]:
    mark = spot_built.chain.snapshot()
    yield spot_built
    spot_built.chain.revert(mark)


@pytest.mark.parametrize(("protocol", "buying"), [(SHED, True), (CURTAIL, False)])
def test_spot__side_closed__nobody_of_the_region_buys_or_sells(
    traders: SpotTraders, protocol: int, buying: bool
) -> None:
    """Seller and buyer are at home, the rival in the north, whose side is open."""
    offer, trade, other = traders.offer(), traders.trade(), traders.offer(seller="rival")
    declare(traders, protocol)
    for buy in (lambda: traders.accept(offer), lambda: traders.complete(trade)):
        with refused("PeerToPeerTrading_RegionClosed", 1, buying):
            buy()
    if buying:
        traders.accept(offer, buyer="rival")
    else:
        traders.accept(other)
    traders.spot.cancelTrade(trade, by=traders.at("buyer"))


@pytest.mark.parametrize("region", [HOME, NORTH])
def test_spot__either_region_islanded__nothing_crosses_the_border(
    traders: SpotTraders, region: bytes
) -> None:
    offer, other = traders.offer(), traders.offer(seller="rival")
    declare(traders, ISLAND, region)
    with refused("PeerToPeerTrading_BorderClosed", 2, 1):
        traders.accept(offer, buyer="rival")
    with refused("PeerToPeerTrading_BorderClosed", 1, 2):
        traders.accept(other)
    traders.accept(offer)
    traders.spot.cancelEnergyOffer(other, by=traders.at("rival"))

"""Threats 60, 61, 63, 70 and 71: what traders can do with orders and positions.

Buy 30, feed-in 8, fees 2 + 1, the dearest deficit 90. Hour 12 of the day is traded.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.support.core.attack_suite import (
    BUY,
    CREATE,
    DAILY,
    DAY,
    HOME,
    HOUR,
    HOURLY,
    KWH,
    REGISTRAR,
    SELL,
    START,
    TARIFF,
    TODAY,
    WEEKLY,
    Street,
    gain,
    twins,
)
from tests.support.core.chain import refused
from tests.support.examples import Seeds

NOON = START + 12 * HOUR
ISLAND = b"island".ljust(32, b"\0")


@pytest.fixture
def street() -> Street:
    """Owner and accomplice are one person; the day of their meters begins."""
    street = Street()
    for name in ("owner", "accomplice", "outsider"):
        street.home(name)
    street.person("empty", money=1)
    street.chain.set_time(START)
    return street


def settled(street: Street, *names: str, flows: dict[str, list[int]] | None = None) -> int:
    """The rest of the day passes; what owners have who leave their debts behind."""
    street.chain.set_time(max(street.now, START))
    street.live(flows, hours=-(-(START + DAY - street.now) // HOUR))
    street.wait()
    street.close()
    street.assert_solvent()
    return street.spoils(*names)


@pytest.mark.parametrize("price", [0, 3, 8, 29, 90, 93, 10_000])
@pytest.mark.parametrize("kind", [HOURLY, DAILY])
def test_sold__without_producing_to_an_accomplice__never_pays(
    street: Street, price: int, kind: int
) -> None:
    """60: with money, at any price. The accomplice imports nothing, so what it bought is fed in:
    each kWh costs the deficit, the feed-in and the fees."""
    street.chain.set_time(START - HOUR)
    wh, start = 48 * KWH, START if kind == DAILY else NOON

    def play(*, trades: bool) -> int:
        if trades:
            street.trade("accomplice", "owner", wh, price, start, kind)
        return settled(street, "owner", "accomplice")

    lost = wh * (30 - 8 + 3)
    assert gain(street, lambda: play(trades=True), lambda: play(trades=False)) == -lost


@pytest.mark.parametrize("price", [0, 8, 30, 91])
def test_sold__by_a_penniless_account__is_refused_without_its_cover(
    street: Street, price: int
) -> None:
    """60: the first core's best attack. Whoever has no money cannot sell below the dearest
    deficit and the fees; what it has is one unit."""
    cover = 90 - max(price - 3, 0) + max(3 - price, 0)
    with refused("Settlement_InsufficientBalance", street.at("empty"), 1, KWH * cover // 1000):
        street.order("empty", SELL, KWH, price, NOON)
    orders = [
        street.signed("accomplice", BUY, KWH, price, NOON),
        street.signed("empty", SELL, KWH, price, NOON),
    ]
    assert street.batch(orders, [(0, 1, KWH)], price, NOON, skip=True) == 0
    assert street.refusals() == [19]


def test_sold__by_a_penniless_account_at_the_dearest_price__gains_nothing(street: Street) -> None:
    """60: at 93 the price is the cover. Seller and accomplice have in the end what the accomplice
    would have paid the grid in the same dear hour, less the fees."""
    flows = {"accomplice": [0] * 12 + [-8 * KWH]}

    def play(*, trades: bool) -> int:
        if trades:
            street.trade("accomplice", "empty", 8 * KWH, 93, NOON)
        street.live(flows, hours=10)
        street.make_dear()
        rest = {name: nets[10:] for name, nets in flows.items()}
        return settled(street, "accomplice", "empty", flows=rest)

    assert gain(street, lambda: play(trades=True), lambda: play(trades=False)) == -8 * KWH * 3


def test_sold__cover_cannot_be_taken_out_before_the_bill(street: Street) -> None:
    """60, 69: what a seller has locked and earned is neither free, nor withdrawn, nor locked
    again, until its deficit is charged."""
    street.person("seller", money=720)
    street.trade("accomplice", "seller", 8 * KWH, 3, NOON)
    assert street.account("seller")["free"] == 0
    with refused("Settlement_InsufficientBalance", street.at("seller"), 0, 1):
        street["Settlement"].withdraw(1, street.at("seller"), by=street.at("seller"))
    settled(street)
    # 8 kWh sold at 3, of which fees are 3, and bought of the grid at 30.
    assert street.account("seller")["free"] == 720_000 - 8 * KWH * 30


def test_sold__in_a_circle__costs_the_fees(street: Street) -> None:
    """12, 60: two own accounts sell each other the same energy."""

    def play(*, trades: bool) -> int:
        if trades:
            street.trade("owner", "accomplice", 8 * KWH, 50, NOON)
            street.trade("accomplice", "owner", 8 * KWH, 10, NOON)
        return settled(street, "owner", "accomplice")

    assert gain(street, lambda: play(trades=True), lambda: play(trades=False)) == -2 * 8 * KWH * 3


def test_sold__while_feed_in_is_high__is_no_pump_in_any_slot(street: Street, seeds: Seeds) -> None:
    """60, 61: random trades of two own accounts with each other, and any meters: nothing is
    gained beyond what trading within the own meters' energy could bring, which is the saved
    difference of import and feed-in."""
    street.chain.set_time(START)
    own = ("owner", "accomplice")
    for seed in seeds(15):
        random = Random(seed)
        nets = {name: [random.choice((-8, -3, 0, 3, 8)) * KWH for _ in range(6)] for name in own}
        trades = [
            (*_pair(random, own), random.randint(1, 12) * KWH, random.randint(0, 120), hour)
            for hour in range(1, 6)
            if random.random() < 0.7
        ]
        is_dear = random.random() < 0.5

        def play(
            *,
            attack: bool,
            nets: dict[str, list[int]] = nets,
            trades: list[tuple[str, str, int, int, int]] = trades,
            is_dear: bool = is_dear,
        ) -> int:
            if is_dear:
                street.make_dear()
            for buyer, seller, wh, price, hour in trades if attack else ():
                street.trade(buyer, seller, wh, price, START + hour * HOUR)
            return settled(street, *own, flows=nets)

        prices = [30, 90, 90, 30, 30, 30] if is_dear else [30] * 6
        # What one own account exports while the other imports, traded at no more than the fees.
        most = 0
        for first, second, price in zip(nets["owner"], nets["accomplice"], prices, strict=True):
            both = min(max(first, 0), max(-second, 0)) + min(max(second, 0), max(-first, 0))
            most += both * max(price - 8 - 3, 0)
        assert gain(street, lambda: play(attack=True), lambda: play(attack=False)) <= most, seed


def _pair(random: Random, names: tuple[str, str]) -> tuple[str, str]:
    first, second = random.sample(names, 2)
    return first, second


def test_bought__to_be_kept_for_a_dearer_hour__is_fed_in(street: Street) -> None:
    """61: energy that was bought, of the grid or of a neighbour, is neither kept as credit nor
    moved to another hour; it earns the feed-in."""
    street["Settlement"].setKeeps(True, by=street.at("owner"))
    street.live(hours=24)
    street.wait()
    street.close()
    noon = NOON + DAY
    flows = {"owner": [0] * 13 + [-5 * KWH], "outsider": [0] * 12 + [5 * KWH]}

    def play(*, trades: bool) -> int:
        if trades:
            street.trade("owner", "outsider", 5 * KWH, 9, noon)
        street.chain.set_time(START + DAY)
        street.live(flows)
        street.wait()
        street.close(day=TODAY + 1)
        assert street.account("owner")["credits"] == 0
        return street.worth("owner")

    assert gain(street, lambda: play(trades=True), lambda: play(trades=False)) == -5 * KWH * (9 - 8)


def test_gate__at_the_first_slots_begin__is_closed(street: Street) -> None:
    """63: nobody matches when something of the period is known; neither pairs nor batches, and of
    days and weeks the first slot counts."""
    buy, sell = (street.order(name, side, KWH, 20, NOON) for name, side in PARTIES)
    orders = [street.signed(name, side, KWH, 20, NOON, nonce=1) for name, side in PARTIES]
    street.live(hours=11)
    street.chain.set_time(NOON - 1)
    twins(
        street,
        lambda: street["EnergyTrading"].matchOrders(buy, sell) or 1,
        lambda: street.batch(orders, [(0, 1, KWH)], 20, NOON),
    )

    street.chain.set_time(NOON)
    with refused("EnergyTrading_Expired", buy, NOON - 1, NOON):
        street["EnergyTrading"].matchOrders(buy, sell)
    with refused("EnergyTrading_GateClosed", NOON, NOON):
        street.batch(orders, [(0, 1, KWH)], 20, NOON)
    for kind, wh in ((DAILY, 24 * KWH), (WEEKLY, 168 * KWH)):
        start = START if kind == DAILY else START - 3 * DAY
        with refused("EnergyTrading_GateClosed", start, NOON):
            street["EnergyTrading"].call(
                CREATE, wh, 20, NOON, BUY, kind, start, by=street.at("owner")
            )


PARTIES = (("owner", BUY), ("outsider", SELL))


def test_matched__in_the_last_second__locks_no_more_than_signed(street: Street) -> None:
    """63: the other side is locked by its limit alone, whenever the match comes: a buyer pays the
    earlier order's price, a seller its cover, and resting orders lock the same before."""
    early, late = (NOON - HOUR, NOON - 1)

    def play(time: int) -> int:
        buy = street.order("owner", BUY, 8 * KWH, 20, NOON)
        street.live(hours=11)
        locked = street.account("owner")["free"]
        street.chain.set_time(time)
        sell = street.order("outsider", SELL, 8 * KWH, 15, NOON)
        street["EnergyTrading"].matchOrders(buy, sell)
        assert street.account("owner")["free"] == locked
        return settled(street, "owner", "outsider")

    first, second = twins(street, lambda: play(early), lambda: play(late))
    assert first == second


def test_ground__nonces_expiries_and_hashes__give_no_priority(street: Street) -> None:
    """70: the chain takes the fills in the keeper's order. Whatever a seller grinds, the same
    plan gives it the same trade, and its hash decides nothing."""
    results = set()
    for nonce, expiry in ((0, 2**40), (7, 2**40), (2**40 - 1, NOON - 1), (123_456, 2**200)):
        mark = street.chain.snapshot()
        orders = [
            street.signed("owner", BUY, 3 * KWH, 20, NOON),
            street.signed("outsider", SELL, 3 * KWH, 15, NOON),
            street.signed("accomplice", SELL, 3 * KWH, 15, NOON, nonce=nonce, expiry=expiry),
        ]
        fills = [(0, 1, 2 * KWH), (0, 2, KWH)]
        assert street.batch(orders, fills, 17, NOON) == 2
        results.add(tuple(street.account(name)["free"] for name in street.holders))
        street.chain.revert(mark)
    assert len(results) == 1


@pytest.mark.parametrize("pieces", [2, 40, 1000])
def test_cut__an_amount_into_pieces__saves_no_fee(street: Street, pieces: int) -> None:
    """71: fees are exact in thousandths of a unit, down to pieces of a Wh."""
    wh, price = KWH, 19
    settlement = street["Settlement"]

    def play(count: int) -> int:
        size = wh // count
        buyers = [
            street.signed("owner", BUY, size, price, NOON, nonce=n) for n in range(min(count, 40))
        ]
        sellers = [
            street.signed("outsider", SELL, size, price, NOON, nonce=n)
            for n in range(min(count, 40))
        ]
        for _ in range(count // len(buyers)):
            fills = [(n, len(buyers) + n, size) for n in range(len(buyers))]
            assert street.batch(buyers + sellers, fills, price, NOON) == len(buyers)
            buyers, sellers = (
                [
                    street.signed(name, side, size, price, NOON, nonce=order[5] + len(orders))
                    for order in orders
                ]
                for name, side, orders in (("owner", BUY, buyers), ("outsider", SELL, sellers))
            )
        cash, _, fees, *_ = settlement.gridAccount()
        assert (cash - 10**12, fees) == (wh * TARIFF.network_fee, wh * TARIFF.protocol_fee)
        return settled(street, "outsider")

    assert gain(street, lambda: play(pieces), lambda: play(1)) == 0


@pytest.mark.parametrize("pieces", [10, 1000])
def test_cut__a_spot_sale_into_pieces__saves_no_fee(street: Street, pieces: int) -> None:
    """71: credits that are sold on the spot; fees are at most what is paid, and exact."""
    spot, settlement, grid = (
        street[name] for name in ("PeerToPeerTrading", "Settlement", "GridManagement")
    )
    seller, buyer = street.at("owner"), street.at("outsider")
    settlement.setKeeps(True, by=seller)
    street.live()
    street.live({"owner": [KWH]})
    street.wait()
    street.close(day=TODAY + 1)
    settlement.withdrawCredits(KWH, by=seller)
    street["EnergyToken"].approve(spot.address, KWH, by=seller)
    grid.registerProducer(KWH, 0, by=seller)
    grid.registerConsumer(KWH, by=buyer)
    grid.confirmByMeter(street.devices["owner"].address, True)
    grid.confirmByMeter(street.devices["outsider"].address, False)

    def play(count: int) -> int:
        spot.createEnergyOffer(KWH, 6, by=seller)
        for _ in range(count):
            spot.acceptEnergyOffer(1, KWH // count, by=buyer)
        assert settlement.gridAccount()[2] == KWH * TARIFF.protocol_fee
        return street.worth("owner")

    assert gain(street, lambda: play(pieces), lambda: play(1)) == 0


def test_week__over_a_rise_of_fees__saves_the_difference_until_sunday(street: Street) -> None:
    """64, 71: the documented bound. A trade pays the fees in force when its period begins, so a
    week that was traded over a rise costs the old fees for its last days: at most six of them."""
    street.chain.set_time(START - DAY)
    thursday, monday = TODAY + 14, TODAY + 11
    street["Tariffs"].setTariff(HOME, (30, 8, 10, 1, 30_000), thursday, by=REGISTRAR)
    for name in ("plant", "house"):
        street.person(name)
    street.chain.set_time(START + 3 * DAY)

    def play(*, weekly: bool) -> int:
        if weekly:
            street.trade("house", "plant", 168 * KWH, 20, monday * DAY, WEEKLY)
        else:
            for day in range(monday, monday + 7):
                street.trade("house", "plant", 24 * KWH, 20, day * DAY, DAILY)
        return street.worth("plant", "house")

    saved = 4 * 24 * KWH * (10 - 2)
    assert gain(street, lambda: play(weekly=True), lambda: play(weekly=False)) == saved


def test_region__of_the_fixture__is_home(street: Street) -> None:
    """60: an account without a meter trades at the home region's terms."""
    assert street["Tariffs"].tariffOf(HOME, TODAY)[0] == TARIFF.buy
    assert street["EnergyAccounts"].regionOf(street.number("empty"))[0] == 0

"""What an adversary has tried on the whole market, beside an honest twin: neither earns by it."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain, refused
from tests.support.core.full_market import FullMarket
from tests.support.core.meter_suite import HOME, REGISTRAR

FIRST = 20_000
"""The first day that meters speak for."""
HOUR = 3600
TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=50_000)
SOUTH = b"south".ljust(32, b"\0")
RATED = 20_000
OTHER_REGION = 18
CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"


def key(name: str) -> Account:
    """Of a holder, or a device."""
    return Account.from_key("0x" + keccak(text=name).hex())


class Street(FullMarket):
    """Households with devices of 20 kW, which read when they are told to. Slots of an hour."""

    def __init__(self) -> None:
        super().__init__(Chain((FIRST - 1) * DAY + HOUR), TARIFF, slot=HOUR)
        self.shown: dict[str, int] = {}
        self.fund(10**12)

    def live_in(self, name: str, *, money: int = 10**10, region: bytes = HOME) -> str:
        """The address of a new household."""
        holder = key(name)
        self.deposit(holder.address, money)
        self.register(key(name + "'s device"), holder, region)
        self.shown[name] = 0
        return holder.address

    def register(self, device: Account, holder: Account, region: bytes) -> None:
        """A meter whose registers begin at 0."""
        changes: dict[str, Any] = {"consumption": 0, "production": 0, "region": region}
        self.meters.register(device, holder, ratedPower=RATED, **changes)

    def read(self, name: str, end: int, wh: int) -> list[str]:
        """The import register when a slot begins; what happened."""
        self.shown[name] += wh
        self.chain.set_time(max(self.chain.now, end * HOUR))
        reading = self.meters.reading(end * HOUR, (self.shown[name], 0))
        self.meters.read_many(self.meters.sign_reading(key(name + "'s device"), reading))
        return [event for _, event, _ in self.chain.logs]

    def live(self, name: str, days: range, wh: int) -> None:
        """Every slot is read in time, every day is closed."""
        for end in range(days.start * 24 + 1, days.stop * 24 + 1):
            self.read(name, end, wh)
            if end % 24 == 1 and end > days.start * 24 + 1:
                self.close(end // 24 - 1, name)
        self.close(days.stop - 1, name)

    def close(self, day: int, *names: str) -> None:
        """A day, as soon as it is final."""
        self.chain.set_time(max(self.chain.now, (day + 1) * DAY + 900))
        self["Settlement"].closeThrough([key(name).address for name in names], day)

    def worth(self, name: str) -> int:
        """All money, in thousandths."""
        number, word, owed, security = self["Settlement"].accountOf(key(name).address)
        debt, receivable = owed & 2**88 - 1, owed >> 88
        pending = self["EnergyAccounts"].pendingOf(number)
        return int((word & 2**88 - 1) + security + receivable - debt - pending)


@pytest.fixture
def street() -> Street:
    return Street()


# Silence


def _after_days_of_little(street: Street) -> tuple[str, int, int]:
    """A household whose mean import is low, the day on which it begins to take a lot, its worth."""
    home = street.live_in("home")
    street.read("home", FIRST * 24, 0)
    street.live("home", range(FIRST, FIRST + 30), 50)
    return home, FIRST + 30, street.worth("home")


def _taken(street: Street, worth: int) -> float:
    return (worth - street.worth("home")) / 10**9


def test_silence__then_detaching__costs_what_was_taken() -> None:
    """28 days of 192 kWh: once read as they should be, once with the last register alone."""
    paid = {}
    for silent in (False, True):
        street = Street()
        home, begin, worth = _after_days_of_little(street)
        device, end = key("home's device").address, begin + 28
        settlement, meters = street["Settlement"], street["SmartMeter"]
        if silent:
            street.chain.set_time(end * DAY - 100)
            meters.detachMeter(device, by=home)
            street.close(end - 1, "home")
            # Three hours at rated power a day.
            assert _taken(street, worth) == 28 * 60_000 * 300_000 / 10**9
            number, open_from = settlement.numberOf(home), (end + 30) * DAY
            street.chain.set_time(open_from - 1)
            with refused("EnergyAccounts_RegistersMissing", number, end * 24, open_from):
                settlement.releaseSecurity(home)
            # Anybody who has the device's last register publishes it by now.
            assert "ReadLate" in street.read("home", end * 24, 28 * 24 * 8000)
            street.close(end + 28, "home")
        else:
            for slot in range(begin * 24 + 1, end * 24):
                street.read("home", slot, 8000)
            meters.detachMeter(device, by=home)
            street.read("home", end * 24, 8000)
            street.close(end - 1, "home")
        settlement.releaseSecurity(home)
        paid[silent] = _taken(street, worth)
    assert paid[False] == paid[True] == 28 * 192_000 * 300_000 / 10**9


def test_silence__for_ever__costs_three_hours_of_rated_power_a_day(street: Street) -> None:
    home, begin, worth = _after_days_of_little(street)
    end = begin + 60
    street.chain.set_time(end * DAY - 100)
    street["SmartMeter"].detachMeter(key("home's device").address, by=home)
    street.close(end - 1, "home")
    street.chain.set_time((end + 30) * DAY)
    street["Settlement"].releaseSecurity(home)
    assert _taken(street, worth) == 60 * 60_000 * 300_000 / 10**9
    assert "ReadingSkipped" in street.read("home", end * 24, 60 * 24 * 8000)


# Regions


@pytest.mark.parametrize(
    ("tariff", "load"),
    [
        ((450_000, 80_000, 50_000, 0, 30_000), 10_000),
        ((450_000, 400_000, 50_000, 0, 30_000), 0),
    ],
    ids=["dear", "dear feed-in"],
)
def test_regions__what_is_bought_in_another_one__is_refused(
    tariff: tuple[int, ...], load: int
) -> None:
    """Energy of an own account without a meter, which is at home, for the house in the south."""
    gained = []
    for trades in (False, True):
        street = Street()
        street["Tariffs"].addRegion(SOUTH, tariff, by=REGISTRAR)
        house, other = street.live_in("house", region=SOUTH), key("other").address
        street.deposit(other, 10**9)
        before = street.worth("house") + street.worth("other")
        if trades:
            _trade_across(street, house, other)
        street.read("house", FIRST * 24, 0)
        for end in range(FIRST * 24 + 1, FIRST * 24 + 25):
            street.read("house", end, load)
        street.close(FIRST, "house", "other")
        gained.append(street.worth("house") + street.worth("other") - before)
    assert gained == [-24 * load * tariff[0]] * 2


def _trade_across(street: Street, buyer: str, seller: str) -> None:
    """By orders on the chain, and in a batch; what was locked comes back."""
    trading: Any = street["EnergyTrading"]
    terms = 240_000, 50_000, 2**40
    buy = trading.call(CREATE, *terms, 0, 1, FIRST * DAY, by=buyer)
    sell = trading.call(CREATE, *terms, 1, 1, FIRST * DAY, by=seller)
    with refused("EnergyTrading_Refused", sell, OTHER_REGION):
        trading.matchOrders(buy, sell, by=seller)
    batch: Any = (1, FIRST * DAY, 50_000, bytes(32), [], [buy, sell], [(0, 1, 240_000)], [])
    with refused("EnergyTrading_Refused", sell, OTHER_REGION):
        trading.settleBatch(batch, False, by=REGISTRAR)
    assert trading.settleBatch(batch, True, by=REGISTRAR) == 0
    skipped = [values for _, event, values in street.chain.logs if event == "OrderSkipped"]
    assert skipped == [{"order_id": sell, "reason": OTHER_REGION}]
    trading.cancelOrder(buy, by=buyer)
    trading.cancelOrder(sell, by=seller)


def test_regions__a_seller_without_one__stays_at_home_with_what_it_sold(street: Street) -> None:
    street["Tariffs"].addRegion(SOUTH, (600_000, 80_000, 50_000, 0, 65_000), by=REGISTRAR)
    seller, buyer = key("seller"), key("buyer")
    trading: Any = street["EnergyTrading"]
    orders = []
    for side, holder in enumerate((buyer, seller)):
        street.deposit(holder.address, 10**9)
        terms = 24_000, 50_000, 2**40, side, 1, FIRST * DAY
        orders.append(trading.call(CREATE, *terms, by=holder.address))
    trading.matchOrders(*orders)
    number = street["Settlement"].numberOf(seller.address)
    with refused("EnergyAccounts_OtherRegion", number, 1):
        street.register(key("its device"), seller, SOUTH)
    street.close(FIRST, "seller")
    street.register(key("its device"), seller, SOUTH)


# Communities


def test_suspension__has_effect_as_long_as_the_debt() -> None:
    """A member that owes tries to stay; its twin never was one. Another one has enough to give."""
    charged = []
    for member in (True, False):
        street = Street()
        communities = street["Communities"]
        home = street.live_in("home", money=10**5)
        giver, manager = street.live_in("giver"), key("manager").address
        street_id = communities.create(HOME, 5000, manager)
        communities.join(street_id, by=giver)
        if member:
            communities.join(street_id, by=home)
        street.read("giver", FIRST * 24, 0)
        street.read("home", FIRST * 24, 0)
        _share(street, FIRST, 0)
        assert street["Settlement"].debtOf(home) > 0
        last = FIRST + 16
        if member:
            communities.suspend(home, by=manager)
            last = street["EnergyAccounts"].membershipOf(street["Settlement"].numberOf(home))[2]
        for day in range(FIRST + 1, last):
            _share(street, day, 5000)
            if day >= last - 2:
                with refused("Communities_InDebt", home, street["Settlement"].debtOf(home)):
                    communities.join(street_id, by=home)
        before = street.worth("home")
        _share(street, last, 5000)
        charged.append(before - street.worth("home"))
    assert charged == [24 * 1000 * 300_000] * 2


def _share(street: Street, day: int, exported: int) -> None:
    """A day on which the home takes 1 kWh an hour and the giver exports."""
    for end in range(day * 24 + 1, day * 24 + 25):
        street.read("home", end, 1000)
        reading = street.meters.reading(end * HOUR, (0, (end - FIRST * 24) * exported))
        street.meters.read_many(street.meters.sign_reading(key("giver's device"), reading))
    street.close(day, "home", "giver")

"""What households, devices and keepers pay for on an Anvil: the second edition's operations.

Every account has a meter that is read, so that all checks of a trade are made. `used` words hold
something before the call, `fresh` ones do not: a word of energy has two hours of quarter-hour
slots, money has one for each day.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.model.market import DAY, Tariff
from tests.support.core.full_market import FullMarket
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import LIMIT, REGISTRAR, domain_of, struct_hash

__all__ = ["SIZE", "START", "GasSuite"]

SIZE = 100
"""Readings of a call, and pairs of a batch."""
QUARTER, HOUR = 900, 3600
START = 20_004 * DAY + 43_217
BUY, SELL = 0, 1
_HOURLY, _DAILY, _QUARTERLY = 0, 1, 3
_NAMES = {
    kind: keccak(text=name)
    for kind, name in ((_HOURLY, "HOURLY"), (_DAILY, "DAILY"), (_QUARTERLY, "QUARTER_HOURLY"))
}
_SIDES = keccak(text="BUY"), keccak(text="SELL")
_LENGTHS = {_HOURLY: HOUR, _DAILY: DAY, _QUARTERLY: QUARTER}
_SLOTS = {kind: length // QUARTER for kind, length in _LENGTHS.items()}
_ORDER = (
    "EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,"
    "uint256 deliveryStart,uint256 validUntil,uint256 nonce)"
)
_CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
_TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=40_000, protocol_fee=1_000)
_PRICE, _AMOUNT, _RATED, _MONEY = 200_000, 40, 5_000, 10**9


class GasSuite:
    """A market of 2 * SIZE households: first those that are alone, then those of a community."""

    def __init__(self, chain: GasChain) -> None:
        self.figures: dict[str, int] = {}
        self.chain = chain
        self.market = FullMarket(chain, _TARIFF, slot=QUARTER)
        keys = [Account(keccak(text=f"household {number}")) for number in range(4 * SIZE)]
        self.holders, self.devices = keys[: 2 * SIZE], keys[2 * SIZE :]
        self.registers = [(0, 0)] * (2 * SIZE)
        self.nonces = count()
        trading = self.market["EnergyTrading"]
        self.domain = domain_of("EnergyGrid EnergyTrading", trading.address)
        self._settle_in()

    def measure(self) -> dict[str, int]:
        """Gas by operation."""
        self._read_day()
        self._trade()
        self._settle()
        self._money()
        return self.figures

    def _settle_in(self) -> None:
        market, chain = self.market, self.chain
        market.fund(10**10)
        market.give(REGISTRAR, 4 * SIZE * _MONEY)
        settlement, meters = market["Settlement"], market.meters
        with chain.together():
            for holder in self.holders:
                settlement.depositFor(holder.address, _MONEY, by=REGISTRAR)
        with chain.together():
            for holder, device in zip(self.holders, self.devices, strict=True):
                fresh = {"ratedPower": _RATED, "consumption": 0, "production": 0}
                meters.register(device, holder, **fresh)
        communities = market["Communities"]
        street = communities.create(market.meters_home, 5000, market.supplier)
        with chain.together():
            for holder in self.holders[SIZE:-1]:
                communities.join(street, by=holder.address)
        self._note("join", lambda: communities.join(street, by=self.holders[-1].address))

    def _note(self, name: str, call: Callable[[], object]) -> None:
        call()
        self.figures[name] = self.chain.gas

    # Readings

    def _read(self, end: int, name: str = "", most: int = SIZE) -> None:
        """Every second household exports; the gas of a reading, alone and in a community."""
        self.chain.set_time(end)
        for first, where in (0, ""), (SIZE, " in a community"):
            signed = []
            for place in range(first, first + most):
                imported, exported = self.registers[place]
                if end % DAY:
                    imported += 90 * (place % 2)
                    exported += 70 * (1 - place % 2)
                self.registers[place] = imported, exported
                reading = self.market.meters.reading(end, (imported, exported))
                signed.append(self.market.meters.sign_reading(self.devices[place], reading))
            self.market.meters.read_many(*signed)
            if name:
                self.figures[f"signed reading, {name}{where}"] = self.chain.gas // SIZE

    def _read_day(self) -> None:
        """The first slots of the meters' first day."""
        midnight = (START // DAY + 1) * DAY
        names = {4: "used words", 9: "fresh words"}
        for number in range(10):
            self._read(midnight + number * QUARTER, names.get(number, ""))
        device, (imported, exported) = self.devices[0], self.registers[0]
        for time in (midnight + 9 * QUARTER + 60 * minutes for minutes in (5, 10)):
            reading = self.market.meters.reading(time, (imported, exported))
            self.chain.set_time(time)
            self._note(
                "submitReading, between boundaries",
                lambda reading=reading: self.market["SmartMeter"].submitReading(
                    reading, by=device.address
                ),
            )

    # Trades

    def _signed(self, place: int, kind: int, start: int, nonce: int) -> tuple[object, ...]:
        side = place % 2
        trader, amount = self.holders[place], _AMOUNT * _SLOTS[kind]
        terms = trader.address, _SIDES[side], amount, _PRICE, _NAMES[kind], start, LIMIT, nonce
        digest = keccak(b"\x19\x01" + self.domain + struct_hash(_ORDER, terms))
        r, vs = trader.sign(digest).compact
        return trader.address, side, amount, _PRICE, LIMIT, nonce, r, vs

    def _batch(self, kind: int, start: int, name: str = "") -> None:
        """Buyer and seller of each pair are neighbours; the gas of a pair."""
        nonce = next(self.nonces)
        orders = [(self._signed(place, kind, start, nonce), place) for place in range(2 * SIZE)]
        orders.sort(key=lambda order: int(str(order[0][0]), 16))
        places = {place: number for number, (_, place) in enumerate(orders)}
        amount = _AMOUNT * _SLOTS[kind]
        fills = [(places[place], places[place + 1], amount) for place in range(0, 2 * SIZE, 2)]
        signed = [order for order, _ in orders]
        batch = kind, start, _PRICE, bytes(32), signed, [], fills, []
        matched = self.market["EnergyTrading"].settleBatch(batch, False, by=REGISTRAR)
        assert matched == SIZE
        if name:
            self.figures[f"pair of {SIZE}, {name}"] = self.chain.gas // SIZE

    def _trade(self) -> None:
        """Two hours after midnight. Words of nonces are used after the first batch."""
        today = self.chain.now // DAY * DAY
        tomorrow, days = today + DAY, today + 2 * DAY
        self._batch(_QUARTERLY, days + DAY)
        self._batch(_QUARTERLY, tomorrow, "quarter hour, fresh words, and of the day's money")
        self._batch(_QUARTERLY, tomorrow + QUARTER, "quarter hour, used words")
        self._batch(_QUARTERLY, tomorrow + 2 * HOUR, "quarter hour, fresh words")
        self._batch(_HOURLY, tomorrow + 3 * HOUR, "hour, used words")
        self._batch(_HOURLY, tomorrow + 4 * HOUR, "hour, fresh words")
        self._batch(_DAILY, days, "day, fresh words, and of the day's money")
        self._batch(_DAILY, days, "day, used words")
        self._orders(tomorrow + HOUR)

    def _orders(self, start: int) -> None:
        trading = self.market["EnergyTrading"]
        buyer, seller = (self.holders[place].address for place in (0, 1))

        def create(side: int, by: str) -> None:
            trading.call(_CREATE, 4 * _AMOUNT, _PRICE, LIMIT, side, _HOURLY, start, by=by)

        for _ in range(4):
            self._note("createOrder BUY", lambda: create(BUY, buyer))
            self._note("createOrder SELL", lambda: create(SELL, seller))
        # Two trades share a word: the first of all stands in the second half of one.
        for first, word in (1, "fresh"), (3, "fresh"), (5, "used"):
            self._note(
                f"matchOrders, both filled, {word} word of trades",
                lambda first=first: trading.matchOrders(first, first + 1, by=REGISTRAR),
            )
        self._note("cancelOrder", lambda: trading.cancelOrder(7, by=buyer))
        self._note("cancelSigned, used word", lambda: trading.cancelSigned([99], by=buyer))

    def _settle(self) -> None:
        """A trade of a day of 96 slots, whose last ones are read; both accounts close two days.

        The day of their registration is the first of them; the figure is of the second.
        """
        trading, today = self.market["EnergyTrading"], self.chain.now // DAY * DAY
        self._batch(_HOURLY, today + 20 * HOUR)
        for number in range(10, 97):
            self._read(today + number * QUARTER, most=2)
        addresses = [self.holders[place].address for place in (0, 1)]
        self.chain.set_time(today + DAY + HOUR // 2)
        self.market["Settlement"].closeThrough(addresses, today // DAY - 1, by=REGISTRAR)
        transaction = trading.batchCount() << 32
        place = next(
            number
            for number in range(SIZE)
            if trading.getTransaction(transaction + number)[0] in addresses
        )
        self._note(
            "settleTransaction, both close a day of 96 slots",
            lambda: trading.settleTransaction(transaction + place, by=REGISTRAR),
        )

    # Money

    def _money(self) -> None:
        settlement = self.market["Settlement"]
        holder = self.market.supplier
        self.market.give(holder, 10**9)
        for _ in range(2):
            self._note("deposit", lambda: settlement.deposit(10**8, by=holder))
        for _ in range(2):
            self._note("withdraw", lambda: settlement.withdraw(10**7, holder, by=holder))

"""What households, devices and keepers pay for: readings, orders, batches, money.

`used` words hold something before the call, `fresh` ones do not: a word of energy has two hours of
quarter-hour slots, money has one for each day.
"""

from __future__ import annotations

from tests.gas.street import BUY, CREATE, HOUR, PRICE, QUARTER, SELL, START, Street
from tests.gas.wallets import Safes
from tests.model.market import DAY
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import LIMIT, REGISTRAR

__all__ = ["measure_core_suite"]

SIZE, WALLETS = 100, 10
"""Readings of a call, and pairs of the largest batch; pairs of a batch of contract wallets."""


# Some are alone, the last ones are a community's; one device between them submits its own readings.
_ALONE, _ITSELF, _MEMBERS = range(SIZE), SIZE, range(SIZE + 2, 2 * SIZE + 2)
_TRADERS = [*_ALONE, *_MEMBERS]


def measure_core_suite(chain: GasChain) -> dict[str, int]:
    """Gas by operation, on a fresh chain at `START`."""
    street = Street(chain, homes=2 * SIZE + 2, slot=QUARTER, members=SIZE)
    street.figures["signed order, cost to its maker"] = 0
    _readings(street)
    _batches(street)
    _orders(street)
    _settle(street)
    _money(street)
    return street.figures


def _readings(street: Street) -> None:
    """The first slots of the meters' first day."""
    midnight, figures = (START // DAY + 1) * DAY, street.figures
    names = {1: "first of a day", 4: "used word", 9: "fresh word"}
    for number in range(10):
        end = midnight + number * QUARTER
        for places, where in (_ALONE, ""), (_MEMBERS, " in a community"):
            gas = street.read(places, [end])
            if number in names:
                figures[f"submitSignedReadings, each of {SIZE}, {names[number]}{where}"] = gas
        _submit(street, f"submitReading, boundary, {names.get(number, '')}", end)
    del figures["submitReading, boundary, "]
    for minutes in (5, 10):
        street.chain.set_time(end + 60 * minutes)
        _submit(street, "submitReading, between boundaries", street.chain.now)


def _submit(street: Street, name: str, time: int) -> None:
    """A device's own reading."""
    reading, device = street.reading(_ITSELF, time), street.devices[_ITSELF]
    street.note(name, street.meters.submitReading, reading, by=device.address)


def _batches(street: Street) -> None:
    """From two hours after midnight on. Words of nonces are used after the first batch."""
    today = street.chain.now // DAY * DAY
    tomorrow, days = today + DAY, today + 2 * DAY

    def pairs(name: str, period: str, start: int, size: int = SIZE) -> None:
        gas = street.batch(period, start, _TRADERS[: 2 * size])
        street.figures[f"settleBatch, each of {size}, {name}"] = gas

    quarter, hour = "QUARTER_HOURLY", "HOURLY"
    street.batch(quarter, days + DAY, _TRADERS)
    pairs("quarter hour, fresh words, and of the day's money", quarter, tomorrow)
    pairs("quarter hour, used words", quarter, tomorrow + QUARTER)
    pairs("quarter hour, fresh words", quarter, tomorrow + 2 * HOUR)
    pairs("hour, used words", hour, tomorrow + 3 * HOUR)
    for size in (10, 1):
        pairs("hour, used words", hour, tomorrow + 3 * HOUR, size)
    pairs("hour, fresh words", hour, tomorrow + 4 * HOUR)
    pairs("day, fresh words, and of the day's money", "DAILY", days)
    pairs("day, used words", "DAILY", days)
    gas = street.stored_batch(hour, tomorrow + 3 * HOUR, _TRADERS)
    street.figures[f"settleBatch, each of {SIZE}, hour, used words, on-chain orders"] = gas
    gas = _wallets(street, tomorrow + 3 * HOUR)
    street.figures[f"settleBatch, each of {WALLETS}, hour, used words, Safes of two owners"] = gas


def _wallets(street: Street, start: int) -> int:
    safes = Safes(street.chain)
    wallets = [safes.make() for _ in range(2 * WALLETS)]
    for wallet in wallets:
        street.settlement.depositFor(wallet, 10**8, by=REGISTRAR)
    street.wallet_batch("HOURLY", start, safes, wallets)
    return street.wallet_batch("HOURLY", start, safes, wallets)


def _orders(street: Street) -> None:
    trading, start = street.trading, (street.chain.now // DAY + 1) * DAY + HOUR
    buyer, seller = street.addresses((0, 1))
    before = trading.orderCount()

    def create(side: int, *, by: str) -> None:
        order = street.amount("HOURLY"), PRICE, LIMIT, side, 0, start
        trading.call(CREATE, *order, by=by)

    for _ in range(4):
        street.note("createOrder BUY", create, BUY, by=buyer)
        street.note("createOrder SELL", create, SELL, by=seller)
    # Two trades share a word: the first of all stands in the second half of one.
    for first, word in (1, "fresh"), (3, "fresh"), (5, "used"):
        buy, sell = before + first, before + first + 1
        street.note(
            f"matchOrders, both filled, {word} word of trades",
            trading.matchOrders,
            buy,
            sell,
            by=REGISTRAR,
        )
    street.note("cancelOrder", trading.cancelOrder, before + 7, by=buyer)
    for name, nonce in ("used", 99), ("fresh", 10_000):
        street.note(f"cancelSigned, {name} word", trading.cancelSigned, [nonce], by=buyer)
    for floor in (20_000, 20_001):
        street.note("cancelSignedBelow", trading.cancelSignedBelow, floor, by=seller)


def _settle(street: Street) -> None:
    """A trade of a day of 96 slots, whose last ones are read; both accounts close two days.

    The day of their registration is the first of them; the figure is of the second.
    """
    trading, today = street.trading, street.chain.now // DAY * DAY
    street.batch("HOURLY", today + 20 * HOUR, range(4, 8))
    transaction = trading.batchCount() << 32
    for number in range(10, 97):
        street.read((4, 5), [today + number * QUARTER])
    addresses = street.addresses((4, 5))
    street.go_to(today + DAY + HOUR)
    street.settlement.closeThrough(addresses, today // DAY - 1, by=REGISTRAR)
    place = next(
        number for number in (0, 1) if trading.getTransaction(transaction + number)[0] in addresses
    )
    street.note(
        "settleTransaction, both close a day of 96 slots",
        trading.settleTransaction,
        transaction + place,
        by=REGISTRAR,
    )


def _money(street: Street) -> None:
    settlement, holder = street.settlement, street.market.supplier
    street.market.give(holder, 10**9)
    for _ in range(2):
        street.note("deposit", settlement.deposit, 10**8, by=holder)
    for _ in range(2):
        street.note("withdraw", settlement.withdraw, 10**7, holder, by=holder)

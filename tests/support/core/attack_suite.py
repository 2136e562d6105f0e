"""Attacks on the incentives: a market of all contracts, households that may cheat, and their twins.

A play is run twice from the same state, by an attacker and by its honest twin, who have the same
physical energy. What both have in the end is compared, in thousandths of a base unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain
from tests.support.core.full_market import FullMarket
from tests.support.core.meter_suite import HOME, REGISTRAR
from tests.support.core.settlement_suite import account_word

__all__ = [
    "BUY",
    "CREATE",
    "DAILY",
    "DAY",
    "EVER",
    "HOME",
    "HOUR",
    "HOURLY",
    "KWH",
    "REGISTRAR",
    "RICH",
    "SELL",
    "START",
    "TARIFF",
    "TODAY",
    "VALUE",
    "WEEKLY",
    "Street",
    "gain",
    "twins",
]

HOUR, KWH, EVER = 3600, 1000, 2**40
TODAY = 20_006
"""A Thursday; the first day with meters."""
START = TODAY * DAY
TARIFF = Tariff(buy=30, feed_in=8, network_fee=2, protocol_fee=1, max_factor=30_000)
"""A shared kWh costs 18, and its taker 20."""
VALUE = 5
"""Of a kWh of credit."""
BUY, SELL = range(2)
HOURLY, DAILY, WEEKLY = range(3)
CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
EXACT = 1000
RICH = 10**7
_REACH = 40
"""Days from a cursor on that a test's trades reach at most."""

Found = TypeVar("Found")
Flows = Mapping[str, Sequence[int]]
"""Wh that meters export (or import, if negative), hour by hour."""


class Street(FullMarket):
    """Households by name, one community, and a grid account that can pay."""

    def __init__(
        self, tariff: Tariff = TARIFF, *, credit: int = VALUE, cash: int = 10**9, **options: Any
    ) -> None:
        super().__init__(Chain(START - DAY), tariff, slot=HOUR, credit=credit, **options)
        self.holders: dict[str, Account] = {}
        self.devices: dict[str, Account] = {}
        self.shown: dict[str, tuple[int, int]] = {}
        """What the registers of meters show: import, export."""
        self.community = int(self["Communities"].create(HOME, 5000, self.supplier))
        self._nonce = 0
        if cash:
            self.fund(cash)

    # Who and when

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now

    def at(self, name: str) -> str:
        """The address of an account."""
        return self.holders[name].address

    def number(self, name: str) -> int:
        """The number of an account."""
        return int(self["Settlement"].numberOf(self.at(name)))

    def person(self, name: str, money: int = RICH) -> str:
        """An account without a meter."""
        self.holders[name] = Account(keccak(text=f"holder of {name}"))
        if money:
            self.deposit(self.at(name), money)
        return self.at(name)

    def home(
        self,
        name: str,
        *,
        money: int = RICH,
        rated: int = 8000,
        member: bool = False,
        keeps: bool = False,
        region: bytes = HOME,
    ) -> str:
        """An account whose meter speaks from the next day on."""
        self.person(name, money)
        self.connect(name, rated, region)
        if member:
            self["Communities"].join(self.community, by=self.at(name))
        if keeps:
            self["Settlement"].setKeeps(True, by=self.at(name))
        return self.at(name)

    def connect(self, name: str, rated: int = 8000, region: bytes = HOME) -> None:
        """A meter for an account."""
        device = self.devices[name] = Account(keccak(text=f"{len(self.devices)}: meter of {name}"))
        self.shown[name] = (0, 0)
        changes: dict[str, Any] = {
            "ratedPower": rated,
            "consumption": 0,
            "production": 0,
            "region": region,
        }
        self.meters.register(device, self.holders[name], **changes)

    def key(self, contract: str, *functions: str, delay: int = 0) -> str:
        """A key that may call these functions, and nothing else.

        Args:
            delay: seconds that its calls wait after they were scheduled.
        """
        self._nonce += 1
        holder, target = Account(keccak(text=f"key {self._nonce}")).address, self[contract]
        selectors = [target.abi.function(each).selector for each in functions]
        self.manager.setTargetFunctionRole(target.address, selectors, self._nonce, by=REGISTRAR)
        self.manager.grantRole(self._nonce, holder, delay, by=REGISTRAR)
        return str(holder)

    # Energy

    def reading(self, name: str, registers: tuple[int, int] | None = None) -> tuple[Any, ...]:
        """What a meter signs now."""
        shown = registers or self.shown[name]
        return self.meters.sign_reading(self.devices[name], self.meters.reading(self.now, shown))

    def publish(self, *readings: tuple[Any, ...]) -> None:
        """Signed readings, in this order; those that cannot be recorded are skipped."""
        if readings:
            self.meters.read_many(*readings)

    def publish_by_consent(self, name: str, reading: tuple[Any, ...]) -> None:
        """A reading that skips others."""
        self.meters.meters.submitWithConsent(reading, EVER, b"", by=self.at(name))

    def live(
        self,
        flows: Flows | None = None,
        *,
        hours: int = 24,
        silent: Collection[tuple[str, int]] = (),
    ) -> dict[tuple[str, int], tuple[Any, ...]]:
        """Hours pass; what meters signed at the end of the hours in which they were silent.

        Flows and silence count the hours from now, which a slot begins with.
        """
        kept: dict[tuple[str, int], tuple[Any, ...]] = {}
        self.publish(*(self.reading(name) for name in self.devices if self._begins(name)))
        for hour in range(hours):
            self.chain.set_time((self.now // HOUR + 1) * HOUR)
            readings = []
            for name in self.devices:
                self.flow(name, *((flows or {}).get(name, ())[hour : hour + 1]))
                if (name, hour) in silent:
                    kept[name, hour] = self.reading(name)
                else:
                    readings.append(self.reading(name))
            self.publish(*readings)
        return kept

    def _begins(self, name: str) -> bool:
        """Whether the meter has not spoken yet, and now is the time to begin."""
        info = self.meters.meters.getMeter(self.devices[name].address)
        first, read_to = info[5], info[7]
        return bool(self.now == first * DAY and read_to * HOUR < self.now)

    def flow(self, name: str, net: int = 0) -> None:
        """The registers of a meter move."""
        imported, exported = self.shown[name]
        self.shown[name] = imported + max(-net, 0), exported + max(net, 0)

    def wait(self, seconds: int = 900) -> None:
        """Time passes, without readings; the grace unless said otherwise."""
        self.chain.set_time(self.now + seconds)

    def close(self, *names: str, day: int = TODAY) -> None:
        """Days of accounts, up to and including this one."""
        self["Settlement"].closeThrough([self.at(name) for name in names or self.holders], day)

    def detach(self, name: str) -> None:
        """The meter speaks until the end of the day."""
        self.meters.meters.detachMeter(self.devices[name].address, by=self.at(name))

    def make_dear(self, region: bytes = HOME) -> None:
        """Three times the price, for the slots of two hours that have not begun."""
        self["GridManagement"].implementEmergencyProtocol(region, 1, by=REGISTRAR)

    # Orders

    def order(
        self, name: str, side: int, wh: int, price: int, start: int, kind: int = HOURLY
    ) -> int:
        """On the chain; Wh of the whole period."""
        terms = wh, price, start - 1, side, kind, start
        return int(self["EnergyTrading"].call(CREATE, *terms, by=self.at(name)))

    def trade(
        self, buyer: str, seller: str, wh: int, price: int, start: int, kind: int = HOURLY
    ) -> int:
        """Two on-chain orders that match; the trade's number."""
        buy = self.order(buyer, BUY, wh, price, start, kind)
        sell = self.order(seller, SELL, wh, price, start, kind)
        self["EnergyTrading"].matchOrders(buy, sell)
        return int(self["EnergyTrading"].transactionCount())

    def signed(
        self,
        name: str,
        side: int,
        wh: int,
        price: int,
        start: int,
        *,
        kind: int = HOURLY,
        nonce: int = 0,
        expiry: int = EVER,
    ) -> tuple[Any, ...]:
        """An order by signature."""
        terms = self.at(name), side, wh, price, expiry, nonce
        found = self["EnergyTrading"].hashOrder((*terms, bytes(32), bytes(32)), kind, start)
        return (*terms, *self.holders[name].sign(bytes(found)).compact)

    def batch(
        self,
        orders: Sequence[tuple[Any, ...]],
        fills: Sequence[tuple[int, int, int]],
        price: int,
        start: int,
        *,
        kind: int = HOURLY,
        skip: bool = False,
        by: str = REGISTRAR,
    ) -> int:
        """Signed orders, sorted as the contract wants them; fills count them as given."""
        ranks = sorted(range(len(orders)), key=lambda n: (int(orders[n][0], 16), orders[n][5]))
        places = [(ranks.index(buy), ranks.index(sell), wh) for buy, sell, wh in fills]
        whole: tuple[Any, ...] = (
            kind,
            start,
            price,
            bytes(32),
            [orders[n] for n in ranks],
            [],
            places,
            [],
        )
        return int(self["EnergyTrading"].settleBatch(whole, skip, by=by))

    def order_id(self, order: tuple[Any, ...], start: int, kind: int = HOURLY) -> int:
        """What names a signed order in errors and events."""
        return int.from_bytes(self["EnergyTrading"].hashOrder(order, kind, start))

    def refusals(self) -> list[int]:
        """Why orders of the last batch were skipped."""
        return [values["reason"] for _, name, values in self.chain.logs if name == "OrderSkipped"]

    # What somebody has

    def account(self, name: str) -> dict[str, int]:
        """Money in thousandths, credits in Wh."""
        settlement, energy = self["Settlement"], self["EnergyAccounts"]
        number, word, owed, security = settlement.accountOf(self.at(name))
        cursor = word >> 128 & 2**16 - 1
        to_come = [settlement.dayMoneyOf(number, day) for day in range(cursor, cursor + _REACH)]
        return {
            "free": word & 2**88 - 1,
            "to come": sum(map(sum, to_come)),
            "receivable": owed >> 88,
            "security": security,
            "debt": owed & 2**88 - 1,
            "pending": energy.pendingOf(number),
            "credits": word >> 88 & 2**40 - 1,
            "outside": self.token.balanceOf(self.at(name)) * EXACT,
            "tokens": self["EnergyToken"].balanceOf(self.at(name)),
        }

    def inside(self, name: str) -> int:
        """What an account holds for its owner: money, what comes later, credits, less debts."""
        found = self.account(name)
        money = sum(found[each] for each in ("free", "to come", "receivable", "security"))
        value = int(self["Tariffs"].creditValueAt(self.now // DAY))
        return money + found["credits"] * value - found["debt"] - found["pending"]

    def worth(self, *names: str) -> int:
        """Of owners who pay what they owe: their accounts, and what is outside."""
        value = self["Tariffs"].creditValueAt(self.now // DAY)
        found = 0
        for name in names:
            account = self.account(name)
            found += self.inside(name) + account["outside"] + account["tokens"] * value
        return found

    def available(self, holder: str) -> int:
        """Base units that an account can withdraw: debts and what open days may cost stay."""
        number, word, owed, _ = self["Settlement"].accountOf(holder)
        account, state = account_word(word), self["EnergyAccounts"].stateOf(number)
        if self["EnergyAccounts"].gapOf(number)[0]:
            return 0
        today, region = self.now // DAY, state & 2**16 - 1
        first, end = state >> 16 & 2**16 - 1, state >> 32 & 2**16 - 1
        dearest: int = self["Tariffs"].termsOf(region or 1, today, today)[1]
        open_days = max(min(today + 1, end) - max(account["day"], first), 0)
        held = open_days * account["deemed"] * dearest
        held += (owed & 2**88 - 1) + max(self["EnergyAccounts"].pendingOf(number), 0)
        return int(max(account["free"] - held, 0) // EXACT)

    def spoils(self, *names: str) -> int:
        """Of owners who leave accounts behind that owe more than they hold."""
        return sum(self.worth(name) - min(self.inside(name), 0) for name in names)

    def assert_solvent(self) -> None:
        """What the contract holds covers all that it owes to anybody, orders and pot included."""
        settlement = self["Settlement"]
        cash, _, fees, *_ = settlement.gridAccount()
        accounts = [self.account(name) for name in self.holders]
        owned = sum(each["free"] + each["to come"] + each["security"] for each in accounts)
        assert self.token.balanceOf(settlement.address) * EXACT >= cash + fees + owned


@contextmanager
def _undone(street: Street) -> Any:
    """Whatever happens inside is undone at the end."""
    mark, known = street.chain.snapshot(), [dict(each) for each in _memory(street)]
    try:
        yield
    finally:
        street.chain.revert(mark)
        for each, before in zip(_memory(street), known, strict=True):
            each.clear()
            each.update(before)


def _memory(street: Street) -> tuple[dict[str, Any], ...]:
    return street.holders, street.devices, street.shown


def twins(street: Street, *plays: Callable[[], Found]) -> list[Found]:
    """What each play comes to, all from the same state."""
    found = []
    for play in plays:
        with _undone(street):
            found.append(play())
    return found


def gain(street: Street, attack: Callable[[], int], honest: Callable[[], int]) -> int:
    """What an attacker has more than its twin; `pytest -rP` shows both."""
    ours, theirs = twins(street, attack, honest)
    print(f"attacker {ours:,}, twin {theirs:,}, gain {ours - theirs:,}")
    return ours - theirs

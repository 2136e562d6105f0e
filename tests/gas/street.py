"""Households of one street on an Anvil: meters that are read, matched orders, days that end.

All contracts are the product's, and every account has a meter that is read, so that all checks are
made. Keys, times and amounts are fixed, so figures are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.gas.wallets import Safes
from tests.model.market import DAY, Tariff
from tests.support.core.full_market import FullMarket
from tests.support.core.gas_chain import GasChain
from tests.support.core.gateway_street import GatewayDays
from tests.support.core.meter_suite import LIMIT, REGISTRAR, domain_of, struct_hash

__all__ = [
    "AMOUNT",
    "BUY",
    "CREATE",
    "HOUR",
    "PRICE",
    "QUARTER",
    "SELL",
    "START",
    "TARIFF",
    "Street",
]

QUARTER, HOUR = 900, 3600
START = 20_004 * DAY + 43_217
BUY, SELL = 0, 1
AMOUNT, PRICE = 40, 200_000
"""Of an order: Wh in each slot, money per kWh."""
CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"

_KINDS = {"HOURLY": (0, HOUR), "DAILY": (1, DAY), "QUARTER_HOURLY": (3, QUARTER)}
_SIDES = keccak(text="BUY"), keccak(text="SELL")
_ORDER = (
    "EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,"
    "uint256 deliveryStart,uint256 validUntil,uint256 nonce)"
)
TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=40_000, protocol_fee=1_000)
_RATED, _MONEY, _GRACE = 5_000, 10**9, HOUR


class Street:
    """Homes with a meter each; the last ``members`` of them form a community, with a gateway if
    ``gateway``.

    ``figures`` is gas by operation, of what `note` has called.
    """

    def __init__(
        self, chain: GasChain, *, homes: int, slot: int, members: int, gateway: bool = False
    ) -> None:
        self.chain, self.slot = chain, slot
        self.figures: dict[str, int] = {}
        self.market = FullMarket(chain, TARIFF, slot=slot, grace=_GRACE)
        self.trading = self.market["EnergyTrading"]
        self.settlement = self.market["Settlement"]
        self.meters = self.market["SmartMeter"]
        keys = [Account(keccak(text=f"household {number}")) for number in range(2 * homes)]
        self.holders, self.devices = keys[:homes], keys[homes:]
        self.registers = [(0, 0)] * homes
        self.domain = domain_of("EnergyGrid EnergyTrading", self.trading.address)
        self._nonces = count()
        self._settle_in(members, gateway)

    def note(self, name: str, call: Callable[..., object], *arguments: object, by: str) -> None:
        """Make a call, and note its gas."""
        call(*arguments, by=by)
        self.figures[name] = self.chain.gas

    def addresses(self, places: Sequence[int]) -> list[str]:
        """Of the holders."""
        return [self.holders[place].address for place in places]

    def go_to(self, time: int) -> None:
        """Unless it is later already."""
        if time > self.chain.now:
            self.chain.set_time(time)

    def _settle_in(self, members: int, gateway: bool) -> None:
        market, chain, homes = self.market, self.chain, len(self.holders)
        market.fund(10**10)
        market.give(REGISTRAR, 2 * homes * _MONEY)
        with chain.together():
            for holder in self.holders:
                self.settlement.depositFor(holder.address, _MONEY, by=REGISTRAR)
        with chain.together():
            for holder, device in zip(self.holders, self.devices, strict=True):
                fresh: dict[str, Any] = {"ratedPower": _RATED, "consumption": 0, "production": 0}
                market.meters.register(device, holder, **fresh)
        communities = market["Communities"]
        if gateway:
            self.days = GatewayDays(market, self.slot)
            street = self.days.community
        else:
            street = communities.create(market.meters_home, 5000, market.supplier)
        with chain.together():
            for holder in self.holders[homes - members : -1]:
                communities.join(street, by=holder.address)
        self.note("Communities join", communities.join, street, by=self.holders[-1].address)

    # Readings

    def reading(self, place: int, time: int) -> tuple[int, int, int, int, int]:
        """A home's next reading: every second one exports."""
        imported, exported = self.registers[place]
        energy = 70 + time // self.slot % 7
        imported += (energy + 20) * (place % 2)
        exported += energy * (1 - place % 2)
        self.registers[place] = imported, exported
        return self.market.meters.reading(time, (imported, exported))

    def read(self, places: Sequence[int], ends: Sequence[int]) -> int:
        """In one call, when the last of these slots is over; gas of a reading."""
        self.go_to(ends[-1])
        sign = self.market.meters.sign_reading
        signed = [
            sign(self.devices[place], self.reading(place, end)) for end in ends for place in places
        ]
        self.market.meters.read_many(*signed)
        return self.chain.gas // len(signed)

    # Trades

    def amount(self, period: str) -> int:
        """In all slots of a period."""
        return AMOUNT * max(1, _KINDS[period][1] // self.slot)

    def batch(self, period: str, start: int, places: Sequence[int]) -> int:
        """Buyer and seller of each pair are neighbours; the gas of a pair."""
        keys = {self.holders[place].address: self.holders[place] for place in places}
        return self._signed_batch(
            period, start, [*keys], lambda trader, digest: keys[trader].sign(digest).compact
        )

    def wallet_batch(self, period: str, start: int, safes: Safes, wallets: Sequence[str]) -> int:
        """The same of contract wallets."""
        confirmed: list[bytes] = []

        def confirm(wallet: str, digest: bytes) -> tuple[bytes, bytes]:
            confirmed.append(safes.confirm(wallet, digest))
            return (len(confirmed) - 1).to_bytes(32), bytes(32)

        return self._signed_batch(period, start, wallets, confirm, confirmed)

    def _signed_batch(
        self,
        period: str,
        start: int,
        traders: Sequence[str],
        sign: Callable[[str, bytes], tuple[bytes, bytes]],
        confirmed: Sequence[bytes] = (),
    ) -> int:
        nonce, amount = next(self._nonces), self.amount(period)
        places = {trader: place for place, trader in enumerate(traders)}
        ascending = sorted(traders, key=lambda trader: int(trader, 16))
        orders: list[object] = []
        for trader in ascending:
            side, when = places[trader] % 2, (keccak(text=period), start, LIMIT, nonce)
            terms = struct_hash(_ORDER, (trader, _SIDES[side], amount, PRICE, *when))
            signature = sign(trader, keccak(b"\x19\x01" + self.domain + terms))
            orders.append((trader, side, amount, PRICE, LIMIT, nonce, *signature))
        at = [ascending.index(trader) for trader in traders]
        pairs = [*zip(at[::2], at[1::2], strict=True)]
        return self._settle(period, start, pairs, signed=orders, confirmed=confirmed)

    def stored_batch(self, period: str, start: int, places: Sequence[int]) -> int:
        """The same of on-chain orders, which are placed before; the gas of a pair."""
        first = self.trading.orderCount() + 1
        kind = _KINDS[period][0]
        with self.chain.together():
            for place in places:
                order = self.amount(period), PRICE, LIMIT, place % 2, kind, start
                self.trading.call(CREATE, *order, by=self.holders[place].address)
        stored = range(first, first + len(places))
        pairs = [(place, place + 1) for place in range(0, len(places), 2)]
        return self._settle(period, start, pairs, stored=stored)

    def _settle(
        self,
        period: str,
        start: int,
        pairs: Sequence[tuple[int, int]],
        *,
        signed: Sequence[object] = (),
        stored: Sequence[int] = (),
        confirmed: Sequence[bytes] = (),
    ) -> int:
        fills = [(*pair, self.amount(period)) for pair in pairs]
        terms = _KINDS[period][0], start, PRICE, bytes(32)
        batch = *terms, signed, [*stored], fills, confirmed
        matched: int = self.trading.settleBatch(batch, False, by=REGISTRAR)
        assert matched == len(pairs)
        return self.chain.gas // matched

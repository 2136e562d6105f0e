"""How many bytes calls have, and what compression leaves of them.

Orders differ in amount, limit and expiry, readings in their values, as they do in a market. The
curves of a community's day are the demo's: 92 households in summer, eight of them twice. A rollup
compresses what it publishes (brotli, over many transactions); zlib of each call by itself leaves
somewhat more.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.contracts.community_days import CommunityDays
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.contracts.settlement import Settlement
from energy_grid.contracts.smart_meter import MeterReading, SmartMeter
from energy_grid.demo import simbench
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import trading_domain
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.signing import meter_domain, sign_order, sign_reading
from tests.support.market import MONDAY, Market

__all__ = ["MEMBERS", "Bytes", "community_leaves", "measure_calldata"]

PAIRS, READINGS, ACCOUNTS, MEMBERS = 100, 100, 50, 100
QUARTER, HOUR = 900, 3600
_COMMUNITY, _DAY = 4_711, 20_454


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """Of one call: all its bytes, those that are zero, and what zlib leaves."""

    all: int
    zero: int
    compressed: int

    @classmethod
    def of(cls, call: Call) -> Bytes:
        """Count them."""
        data = call.data
        return cls(all=len(data), zero=data.count(0), compressed=len(zlib.compress(data, 9)))


def measure_calldata(market: Market) -> dict[str, Bytes]:
    """The bytes of calls; nothing is sent."""
    rng = np.random.default_rng(2026)
    trading = EnergyTrading(market.node, market.trading.address)
    meters = SmartMeter(market.node, market.meters.address)
    settlement = Settlement(market.node, market.settlement.address)
    households = [Account(keccak(text=f"household {at}")).address for at in range(ACCOUNTS)]
    days = CommunityDays(market.node, market.settlement.address)
    period = Period(kind=PeriodKind.HOURLY, start=MONDAY + HOUR)
    amounts = [int(one) for one in rng.integers(200, 5_000, PAIRS)]
    calls = {
        "createOrder": trading.create_order(
            amounts[0], 251_337, period.end - 1, OrderType.BUY, period.kind, period.start
        ),
        "matchOrders": trading.match_orders(4_711, 4_712),
        f"settleBatch, {PAIRS} pairs": settle_batch(
            trading, _batch(market, rng, period, amounts), False
        ),
        f"closeThrough, {ACCOUNTS} accounts": settlement.close_through(households, _DAY),
        f"submitSignedReadings, {READINGS} readings": _readings(market, meters, rng),
    }
    calls["anchor"] = days.anchor(_COMMUNITY, _DAY, keccak(text="leaves"))
    for slot in (HOUR, QUARTER):
        leaves = community_leaves(slot, MEMBERS)
        name = f"settleDay, {MEMBERS} members, {leaves.nets.shape[1]} slots"
        calls[name] = days.settle_day(_COMMUNITY, _DAY, leaves.encode())
    return {name: Bytes.of(call) for name, call in calls.items()}


def community_leaves(slot: int, members: int) -> DayLeaves:
    """A day of so many members, each with a curve of the demo, one after the other."""
    rng = np.random.default_rng(2026)
    summer = simbench.load("summer")
    curves = [each.nets_wh for day in summer.week.days for each in summer.slots(day, slot)]
    nets = np.array(curves[:members], dtype=np.int32)
    numbers = np.sort(rng.choice(1_000_000, members, replace=False)) + 1
    leaves = []
    for number, curve in zip(numbers.tolist(), nets, strict=True):
        imported, exported = (int(one) for one in rng.integers(0, 30_000_000, 2))
        last = Registers(
            imported - int(curve[curve < 0].sum()), exported + int(curve[curve > 0].sum())
        )
        first = Registers(imported, exported)
        leaves.append(Measured(number=number, first=first, last=last, continues=True))
    return DayLeaves(slot_seconds=slot, leaves=tuple(leaves), nets=nets)


def _batch(market: Market, rng: np.random.Generator, period: Period, amounts: list[int]) -> Batch:
    domain = trading_domain(market.node.chain_id, market.trading.address)
    traders = [Account(keccak(text=f"trader {number}")) for number in range(2 * PAIRS)]
    traders.sort(key=lambda trader: int(trader.address, 16))
    orders = []
    for place, trader in enumerate(traders):
        terms = OrderTerms(
            trader=trader.address,
            order_type=OrderType(place % 2),
            amount=amounts[place // 2] + int(rng.integers(0, 500)),
            price=250_000 + (-1) ** place * int(rng.integers(0, 50_000)),
            expiry=period.start + int(rng.integers(0, HOUR)),
            period=period,
        )
        orders.append(sign_order(trader, terms, int(rng.integers(0, 10_000)), domain))
    fills = tuple(
        Fill(buy=2 * pair, sell=2 * pair + 1, amount=amount) for pair, amount in enumerate(amounts)
    )
    return Batch(
        period=period,
        price=250_000,
        order_set=keccak(text="orders"),
        signed_orders=tuple(orders),
        stored_orders=(),
        fills=fills,
    )


def _readings(market: Market, meters: SmartMeter, rng: np.random.Generator) -> Call:
    domain = meter_domain(market.node.chain_id, meters.address)
    signed = []
    for number in range(READINGS):
        consumption, production = (int(one) for one in rng.integers(0, 30_000_000, 2))
        reading = MeterReading(
            timestamp=MONDAY + HOUR,
            consumption=consumption,
            production=production,
            grid_frequency=int(rng.integers(4_990, 5_010)),
            voltage=int(rng.integers(2_250, 2_350)),
        )
        signed.append(sign_reading(Account(keccak(text=f"meter {number}")), reading, domain))
    return meters.submit_signed_readings(signed)

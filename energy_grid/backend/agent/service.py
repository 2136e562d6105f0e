"""The agent of an account: a schedule for its battery, and orders within its preference.

All that it knows is in the store, on the chain, and retained by the broker. A schedule is made anew
each hour. An hour has its orders or has none yet: the store tells, so none is signed twice. Their
nonces follow from the hour, so of two agents of one account only one is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, exists, select

from energy_grid.backend.agent.messages import (
    AGENT,
    Slot,
    configurations,
    parse_battery,
    parse_schedule,
    schedule,
)
from energy_grid.backend.agent.orders import bids, within
from energy_grid.backend.agent.outlook import Ahead, forecast_of, worth_of
from energy_grid.backend.agent.quantiles import cautious, whole
from energy_grid.backend.agent.schedule import end_price, plan
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Listener, Message
from energy_grid.backend.meter_gateway.payload import PayloadError, topic_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.hours import HOUR_SECONDS
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.backend.trading_engine.door import Door, TooManyOrdersError
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from energy_grid.domain.battery import Band, Battery, dispatch
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.preferences import Preference
from energy_grid.errors import InputError
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.preference_file import load_preference
from energy_grid.market.signing import sign_order

__all__ = ["Agent"]

_POLL_SECONDS, _MOST = 1.0, 100
# Seconds before an hour begins: the first and the last moment for its orders.
_FIRST, _LAST = 2 * HOUR_SECONDS, 1200
# Slots that are told: two days would be too long for a message.
_SHOWN = 24
# Of an hour, for both sides.
_NONCES = 8
# Less is not worth the gas of a trade.
_LEAST_WH = 100


class Agent:
    """Acts for an account that has opted in; a `Service`.

    Args:
        account: the address.
        key: that signs its orders, and the file with its preference; None: it does not trade.
        battery: that it has; None: there is no schedule.
        place: the broker of its battery.
        home_assistant: the prefix of its discovery; empty: it is not shown there.
        clock: gives Unix seconds of the market.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        account: str,
        *,
        name: str,
        clock: Callable[[], int],
        key: Account | None = None,
        preference: Path | None = None,
        battery: Battery | None = None,
        place: BrokerPlace | None = None,
        home_assistant: str = "",
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.name = name
        self._market, self._database, self._account = market, database, account
        self._key, self._preference, self._battery = key, preference, battery
        self._clock, self._prefix, self._log = clock, home_assistant, log
        self._chain_id, self._slot = market.node.chain_id, market.settlement.slot_length()
        self._door = Door(
            market, database, ChainOrders(market.node, market.trading, market.settlement)
        )
        self._topics = {
            topic_of(self._chain_id, account, kind): take
            for kind, take in (("battery", self._take_battery), ("schedule", self._take_schedule))
        }
        self._listener = None
        if battery is not None and place is not None:
            self._listener = Listener(place, f"agent-{account}", [*self._topics])
        self._stored: int | None = None
        self._slots = tuple[Slot, ...]()
        self._by = AGENT
        self._planned: tuple[int, int] | None = None
        # Hours with the forecast that their orders were made of: of some there is nothing to trade.
        self._ordered: dict[int, int] = {}
        self._orders = self._rejected = self._malformed = 0
        # Why it does not trade though it has been given a preference.
        self._unfit = ""

    def step(self) -> float:
        """Make the schedule and the orders that are due.

        Raises:
            BrokerGoneError, ChainError, DatabaseGoneError: take the step again after a while.
            InputError: the broker refuses this agent.
        """
        if self._listener is not None:
            self._hear(self._listener)
        now = self._clock()
        with self._database.reading() as connection:
            ahead = forecast_of(connection, self._account)
            if ahead is not None:
                self._schedule(connection, ahead, now)
        # What the battery will do is a part of what is left to trade.
        is_planned = self._stored is not None and bool(self._slots)
        # Who is new has a part of what neighbours do: they would choose what is sold and bought.
        is_known = ahead is not None and ahead.is_own and (self._battery is None or is_planned)
        allowed = self._allowed()
        if ahead and is_known and allowed is not None and self._key is not None:
            first = -(-(now + _LAST) // HOUR_SECONDS)
            for hour in range(first, (now + _FIRST) // HOUR_SECONDS + 1):
                is_new = self._ordered.get(hour) != ahead.first
                if is_new and (hour + 1) * HOUR_SECONDS <= allowed.until:
                    self._order(self._key, allowed, ahead, hour)
                    self._ordered[hour] = ahead.first
            self._ordered = {hour: at for hour, at in self._ordered.items() if hour >= first}
        return _POLL_SECONDS

    def describe(self) -> str:
        """Whose schedule it follows, and what it has signed since the start."""
        by = "no schedule" if not self._slots else f"a schedule by {self._by}"
        malformed = f", {self._malformed} malformed messages" if self._malformed else ""
        rejected = f", {self._rejected} rejected" if self._rejected else ""
        unfit = f", trades nothing: {self._unfit}" if self._unfit else ""
        return f"{by}, {self._orders} orders{rejected}{malformed}{unfit}"

    def metrics(self) -> Mapping[str, float]:
        """Slots of the schedule, and orders and malformed messages since the start; an order is
        rejected for want of money, above all."""
        return {
            "slots": len(self._slots),
            "orders_total": self._orders,
            "rejected_total": self._rejected,
            "malformed_total": self._malformed,
        }

    def close(self) -> None:
        """Leave the broker."""
        if self._listener is not None:
            self._listener.close()

    def _hear(self, listener: Listener) -> None:
        if listener.connect() and self._prefix:
            for topic, content in configurations(self._prefix, self._chain_id, self._account):
                listener.show(topic, content)
        messages = listener.receive(_MOST)
        for each in messages:
            self._take(each)
        listener.acknowledge(messages)

    def _take(self, message: Message) -> None:
        try:
            self._topics[message.topic](message.content)
        except PayloadError as error:
            if not self._malformed:
                self._log(f"{self.name}: a message that is none: {error}")
            self._malformed += 1

    def _take_battery(self, content: bytes) -> None:
        self._stored = parse_battery(content)

    def _take_schedule(self, content: bytes) -> None:
        by, slots = parse_schedule(content)
        if by != AGENT and self._battery is not None:
            capacity = self._battery.capacity_wh
            self._by = by
            self._slots = tuple(
                replace(
                    each,
                    band=Band(min(each.band.at_least, capacity), min(each.band.at_most, capacity)),
                )
                for each in slots
            )

    def _schedule(self, connection: Connection, ahead: Ahead, now: int) -> None:
        """Make and show a schedule, once an hour and for each forecast, unless Home Assistant has
        made one."""
        self._slots = tuple(each for each in self._slots if each.end > now)
        if self._slots and self._by != AGENT:
            return
        hour = now // HOUR_SECONDS
        known, due = ahead.since(hour), (hour, ahead.first)
        if (
            self._battery is None
            or self._listener is None
            or self._stored is None
            or self._planned == due
            or not known.size
        ):
            return
        hours = range(hour, hour + known.shape[1])
        worth = worth_of(connection, self._account, hours, self._deficit)
        prices = [each.short for each in worth]
        found = plan(
            self._battery,
            stored_wh=min(self._stored, self._battery.capacity_wh),
            nets_wh=cautious(known),
            import_prices=prices,
            export_prices=[each.long for each in worth],
            seconds=HOUR_SECONDS,
            end_price=end_price(self._battery, prices),
        )
        self._by, self._planned = AGENT, due
        planned = zip(hours, found.bands, found.steps, strict=True)
        self._slots = tuple(
            Slot(
                start=each * HOUR_SECONDS,
                seconds=HOUR_SECONDS,
                band=band,
                stored_wh=step.stored_wh,
            )
            for each, band, step in islice(planned, _SHOWN)
        )
        self._listener.show(*schedule(self._chain_id, self._account, self._slots))

    def _allowed(self) -> Preference | None:
        """The preference; None: there is none, or it was taken away. A file of one household ends
        its trading, and no other service."""
        if self._preference is None:
            return None
        try:
            allowed = load_preference(self._preference, self._market.trading_domain)
            if allowed.account != self._account:
                raise InputError(
                    f"{self._preference} is a preference of {allowed.account}, not of"
                    f" {self._account}: sign one with the key of the agent's account"
                )
        except InputError as error:
            if self._unfit != str(error):
                self._unfit = str(error)
                self._log(f"{self.name}: trades nothing: {error}")
            return None
        self._unfit = ""
        return allowed

    def _order(self, key: Account, allowed: Preference, ahead: Ahead, hour: int) -> None:
        """Bring the orders of an hour to the engine, once."""
        net = ahead.of(hour)
        period = Period(kind=PeriodKind.HOURLY, start=hour * HOUR_SECONDS)
        with self._database.reading() as connection:
            if net is None or _has_orders(connection, key.address, hour):
                return
            (worth,) = worth_of(connection, self._account, range(hour, hour + 1), self._deficit)
        slots = len(period.slots(self._slot))
        wanted = bids(
            [*(net + self._from_battery(ahead, hour))], worth, slots=slots, least_wh=_LEAST_WH
        )
        for number, each in enumerate(within(allowed, wanted, slots)):
            terms = OrderTerms(
                trader=key.address,
                order_type=each.order_type,
                amount=each.wh,
                price=each.price,
                expiry=period.last_order,
                period=period,
            )
            signed = sign_order(key, terms, hour * _NONCES + number, self._market.trading_domain)
            try:
                is_taken = self._door.submit(signed).state is not OrderState.REJECTED
            except TooManyOrdersError:
                is_taken = False
            self._orders += is_taken
            self._rejected += not is_taken

    def _from_battery(self, ahead: Ahead, hour: int) -> int:
        """What the battery adds to the net of an hour if all goes as expected, in Wh."""
        if self._battery is None or self._stored is None or not self._slots:
            return 0
        # What is stored was told now: from here on, whenever schedule and forecast begin.
        begin = max(self._clock() // HOUR_SECONDS, ahead.first)
        nets = whole(ahead.since(begin)[1])[: hour - begin + 1]
        steps = dispatch(
            self._battery,
            generation_wh=[max(net, 0) for net in nets],
            load_wh=[max(-net, 0) for net in nets],
            seconds=HOUR_SECONDS,
            stored_wh=min(self._stored, self._battery.capacity_wh),
            bands=[
                self._band(at, self._battery.capacity_wh) for at in range(begin, begin + len(nets))
            ],
        )
        return steps[-1].discharged_wh - steps[-1].charged_wh

    def _band(self, hour: int, capacity_wh: int) -> Band:
        """What the schedule wants to be stored after an hour; anything, if it does not say."""
        last = (hour + 1) * HOUR_SECONDS - 1
        found = (each.band for each in self._slots if each.start <= last < each.end)
        return next(found, Band(0, capacity_wh))

    def _deficit(self, region: str, time: int) -> int:
        return self._market.grid.price_of_with_region(region, time // self._slot)


def _has_orders(connection: Connection, trader: str, hour: int) -> bool:
    orders = SIGNED_ORDERS.c
    first = hour * _NONCES
    known = exists().where(
        orders.trader == trader, orders.nonce >= first, orders.nonce < first + _NONCES
    )
    return bool(connection.scalar(select(known)))

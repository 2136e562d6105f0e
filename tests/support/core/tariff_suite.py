"""Tariffs on a chain beside the model's prices."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.model.market import BPS, DAY, Market, Refused, Rules, Tariff, up
from tests.support.core.chain import Chain, Deployed, Reverted

__all__ = ["DAY", "GRID", "START", "TariffWorld", "name", "packed", "terms"]

START = 20_000 * DAY + 5_000
GRID = "0x" + 40 * "9"
_ADMIN = "0x" + 40 * "1"
_MAX_FEE = 100_000
_MAX_BUY = 600_000_000


def name(region: str) -> bytes:
    """A region as the chain names it."""
    return region.encode().ljust(32, b"\0")


def packed(tariff: Tariff) -> tuple[int, int, int, int, int]:
    """A tariff as the contract's struct."""
    fees = tariff.network_fee, tariff.protocol_fee
    return tariff.buy, tariff.feed_in, *fees, tariff.max_factor


def terms(word: int) -> tuple[int, int, int, int, int]:
    """What a TariffWord says, without its day."""
    buy, feed_in, network, protocol = (word >> 32 * lane & 0xFFFFFFFF for lane in range(4))
    return buy, feed_in, network, protocol, word >> 128 & 0xFFFF


class TariffWorld:
    """The contract, its model, and who may call."""

    def __init__(
        self, tariff: Tariff, credit_value: int, *, slot: int = 900, max_age: int = 7_200
    ) -> None:
        self.chain = Chain(START)
        self.authority = _ADMIN
        self.manager = self.chain.deploy("AccessManager", _ADMIN)
        self.rules = Rules(slot_seconds=slot, max_buy=_MAX_BUY, max_fee=_MAX_FEE)
        self.max_age = max_age
        parameters = (slot, max_age, _MAX_BUY, _MAX_FEE, _MAX_FEE)
        first = name("home"), packed(tariff), credit_value
        self.tariffs: Deployed = self.chain.deploy(
            "Tariffs", self.manager.address, GRID, parameters, *first
        )
        self.market = Market(self.rules, tariff, credit_value)
        self.regions = ["home"]

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now

    @property
    def today(self) -> int:
        """The day of now."""
        return self.now // DAY

    def both(self, of_model: Any, of_chain: Any) -> None:
        """The same call of both: both do it, or both refuse it by the same error."""
        refusals = []
        for call in (of_model, of_chain):
            try:
                call()
                refusals.append("")
            except (Refused, Reverted) as refusal:
                refusals.append(refusal.name.removeprefix("Tariffs_"))
        assert refusals[0] == refusals[1]

    def add_region(self, region: str, tariff: Tariff) -> None:
        """Its number is the next one."""

        def on_chain() -> None:
            self.tariffs.addRegion(name(region), packed(tariff), by=self.authority)
            self.regions.append(region)

        self.both(lambda: self.market.add_region(region, tariff), on_chain)

    def set_tariff(self, region: str, tariff: Tariff, day: int) -> None:
        """Of a region, from a day on."""
        self.both(
            lambda: self.market.set_tariff(region, tariff, day, self.now),
            lambda: self.tariffs.setTariff(name(region), packed(tariff), day, by=self.authority),
        )

    def set_buy_price(self, region: str, price: int) -> None:
        """The rest of the first possible day's tariff stays."""
        day = self.rules.beyond_horizon(self.now)
        old = self.market.tariffs[region].at(day)
        fees = {"network_fee": old.network_fee, "protocol_fee": old.protocol_fee}
        tariff = Tariff(buy=price, feed_in=old.feed_in, max_factor=old.max_factor, **fees)
        named = b"\0" * 32 if region == "home" and price % 2 else name(region)
        self.both(
            lambda: self.market.set_tariff(region, tariff, day, self.now),
            lambda: self._set_buy_price(named, price),
        )

    def _set_buy_price(self, region: bytes, price: int) -> None:
        self.tariffs.setBuyPrice(region, price, by=GRID)

    def set_credit_value(self, value: int, day: int) -> None:
        """Of a kWh of credit."""
        self.both(
            lambda: self.market.set_credit_value(value, day, self.now),
            lambda: self.tariffs.setCreditValue(value, day, by=self.authority),
        )

    def write(self, region: str, factor: int, until: int) -> None:
        """The factor of the slots that begin before a time."""
        slot = self.rules.slot_seconds
        span = self.now // slot + 1, up(until, slot)
        self.market.write_prices(region, factor, until, self.now)
        self.tariffs.writeFactors(self.regions.index(region) + 1, *span, factor, by=GRID)

    def compare(self, draws: Random) -> None:
        """What people and contracts ask, of days and slots drawn around now."""
        region = draws.choice(self.regions)
        number, rules = self.regions.index(region) + 1, self.rules
        dated = self.market.tariffs[region]
        days = sorted(max(0, self.today + draws.randint(-60, 40)) for _ in range(2))
        first = dated.at(days[0])
        assert self.tariffs.tariffOf(name(region), days[1]) == packed(dated.at(days[1]))
        word, dearest = self.tariffs.termsOf(number, *days)
        assert terms(word) == packed(first)
        assert dearest == max(dated.at(day).max_buy for day in range(days[0], days[1] + 1))
        assert self.tariffs.creditValueAt(days[0]) == self.market.credit_value.at(days[0])

        day = self.today + draws.randint(-2, 1)
        word, pages = self.tariffs.dayOf(number, day)
        assert terms(word) == packed(dated.at(day))
        slots = rules.slots(day)
        assert len(pages) == (slots[-1] >> 4) - (slots[0] >> 4) + 1
        for slot in slots:
            lane = pages[(slot >> 4) - (slots[0] >> 4)] >> 16 * (slot & 15) & 0xFFFF
            assert (lane or BPS) == self.factor(region, slot)

        slot = draws.choice(slots)
        price = up(dated.at(day).buy * self.factor(region, slot), BPS)
        assert self.tariffs.deficitPrice(number, slot) == price
        assert self.tariffs.priceOf(name(region), slot) == price
        assert self.tariffs.factorOf(number, slot) == self.factor(region, slot)

        span = range(slot - draws.choice((0, 5, 700, 4_000)), slot + 1)
        lowest = min(dated.at(day).feed_in for day in {rules.day_of(each) for each in span})
        prices = (
            up(self._tariff(region, each).buy * self.factor(region, each), BPS) for each in span
        )
        found = self.tariffs.lowestAndDearest(number, span.start, span.stop)
        assert found == (lowest, max(prices))

    def factor(self, region: str, slot: int) -> int:
        """Of a slot, in basis points."""
        return self.market.factors.get((region, slot), BPS)

    def _tariff(self, region: str, slot: int) -> Tariff:
        return self.market.tariffs[region].at(self.rules.day_of(slot))

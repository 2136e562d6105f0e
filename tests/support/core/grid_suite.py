"""GridManagement with Tariffs and the oracles on a chain, and what their rules make of it."""

from __future__ import annotations

from typing import Any, cast

from energy_grid.domain.enums import RoundStatus
from energy_grid.domain.grid_levels import BANDS, Bands
from tests.model import pricing
from tests.model.market import BPS, DAY, Tariff, up
from tests.model.oracles import GRID, WEATHER, Feed, price_quantity, smoothed_price
from tests.support.core.chain import Chain, Deployed, Reverted
from tests.support.core.tariff_suite import START, name, packed

__all__ = ["ADMIN", "DAY", "REPORTERS", "STABILITY", "GridWorld", "name"]

ADMIN = "0x" + 40 * "1"
STABILITY = "0x" + 40 * "3"
FORWARDER = "0x" + 40 * "4"
REPORTERS = tuple("0x" + 40 * digit for digit in "678")
_NOBODY = "0x" + 40 * "0"
TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=50_000)
ORACLE_DECIMALS = 8


class GridWorld:
    """All contracts of the price side; money and meters are a double."""

    oracle_decimals = ORACLE_DECIMALS

    def __init__(self, *, slot: int = 900, max_age: int = 7_200, quorum: int = 1) -> None:
        chain = self.chain = Chain(START)
        self.slot_seconds, self.max_age = slot, max_age
        manager = chain.deploy("AccessManager", ADMIN).address
        for reporter in REPORTERS:
            chain.send(
                ADMIN, manager, _GRANT + bytes.fromhex(reporter[2:].rjust(64, "0")) + bytes(32)
            )
        token = chain.deploy("TestDollar", "0x" + 40 * "0").address
        self.double = chain.deploy("GridDouble", token)
        grid, rules = chain.address_after(5), (quorum, max_age)
        parameters = slot, max_age, 600_000_000, 100_000, 100_000
        self.tariffs = chain.deploy(
            "Tariffs", manager, grid, parameters, name("home"), packed(TARIFF), 0
        )
        self.price_oracle = chain.deploy("PriceOracle", manager, rules, ORACLE_DECIMALS, 5_000)
        self.weather_oracle = chain.deploy("WeatherOracle", manager, rules)
        self.grid_oracle = chain.deploy("GridOracle", manager, rules, grid)
        self.bands = chain.deploy("GridBands", manager, self.tariffs.address, BANDS["default"])
        oracles = self.price_oracle, self.weather_oracle, self.grid_oracle
        market = self.double.address, self.tariffs.address, self.double.address
        modules = FORWARDER, *market, STABILITY, *(each.address for each in (*oracles, self.bands))
        self.grid: Deployed = chain.deploy("GridManagement", manager, modules)

        self.tariff_of: dict[str, Any] = {"home": TARIFF}
        self.bands_of: dict[str, Bands] = {}
        self.prices = Feed((price_quantity(5_000),), quorum, max_age)
        self.weather: dict[str, Feed] = {}
        self.states: dict[str, Feed] = {}
        self.capacities = [0] * 7
        self.emergencies: dict[tuple[str, str], int] = {}
        self.factors: dict[tuple[str, int], int] = {}
        self._quorum = quorum

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self.chain.now

    @property
    def running(self) -> int:
        """The running slot."""
        return self.now // self.slot_seconds

    def add_region(self, region: str, tariff: Tariff) -> None:
        """Another one with a tariff."""
        self.tariffs.addRegion(name(region), packed(tariff), by=ADMIN)
        self.tariff_of[region] = tariff

    def tariff_at(self, region: str, slot: int) -> Tariff:
        """Here one for ever."""
        return cast(Tariff, self.tariff_of[region])

    def set_bands(self, region: str, bands: Bands) -> None:
        """From now on."""
        self.bands.setBands(name(region), bands, by=ADMIN)
        self.bands_of[region] = bands

    def bands_at(self, region: str) -> Bands:
        """Its own, or the default."""
        return self.bands_of.get(region, BANDS["default"])

    # Oracles

    def report_price(self, value: int, reporter: str) -> None:
        """To the open round."""
        number = self.prices.open_round
        self.prices.submit(reporter, number, (value,), self.now)
        self.price_oracle.submitPrice(number, value, by=reporter)

    def report_weather(self, region: str, values: tuple[int, ...], reporter: str) -> None:
        """To the open round."""
        feed = self._feed(self.weather, region, WEATHER)
        number = feed.open_round
        feed.submit(reporter, number, values, self.now)
        self.weather_oracle.submitWeather(name(region), number, values, by=reporter)

    def report_grid(self, region: str, values: tuple[int, ...], reporter: str) -> None:
        """To the open round; a round that closes writes prices."""
        feed = self._feed(self.states, region, GRID)
        number = feed.open_round
        current = feed.submit(reporter, number, values, self.now)
        self.grid_oracle.submitGridState(name(region), number, values, by=reporter)
        if current.status is not RoundStatus.OPEN:
            self.write(region)

    def confirm_grid(self, region: str) -> bool:
        """The newest closed round, if it is held."""
        feed = self._feed(self.states, region, GRID)
        closed = feed.closed
        if closed is None or closed.status is not RoundStatus.HELD:
            return False
        feed.confirm(closed.id, self.now)
        self.grid_oracle.confirmRound(name(region), closed.id, by=ADMIN)
        self.write(region)
        return True

    def _feed(self, feeds: dict[str, Feed], region: str, quantities: Any) -> Feed:
        return feeds.setdefault(region, Feed(quantities, self._quorum, self.max_age))

    # Emergencies

    def toggle(self) -> None:
        """By hand, at home."""
        is_on = self.emergencies.get(("home", "hand"), 0) > self.now
        self.grid.toggleEmergencyMode(by=ADMIN)
        self._set_emergency("home", "hand", not is_on)

    def implement(self, region: str, protocol: int) -> None:
        """By the authority."""
        self.grid.implementEmergencyProtocol(name(region), protocol, by=ADMIN)
        self._set_emergency(region, "protocol", protocol != 0)

    def stabilize(self, region: str, on: bool) -> None:
        """By StabilityMaintenance."""
        self.grid.setRegionEmergency(name(region), on, by=STABILITY)
        self._set_emergency(region, "stability", on)

    def _set_emergency(self, region: str, reason: str, on: bool) -> None:
        self.emergencies[region, reason] = self.now + self.max_age if on else 0
        self.write(region)

    def emergency_until(self, region: str) -> int:
        """Of all reasons."""
        reasons = ("hand", "protocol", "stability")
        return max(self.emergencies.get((region, reason), 0) for reason in reasons)

    # What follows

    def write(self, region: str) -> None:
        """The rule of following slots, slot by slot."""
        if region not in self.tariff_of:
            return
        fresh_until = self.fresh_until(region)
        for slot in range(self.running + 1, up(self.now + self.max_age, self.slot_seconds)):
            begins = slot * self.slot_seconds
            factor = self.next_factors(region)["nextFactor"] if begins < fresh_until else BPS
            if begins < self.emergency_until(region):
                factor *= pricing.EMERGENCY_FACTOR
            self.factors[region, slot] = min(self.tariff_at(region, slot).max_factor, factor)

    def fresh_until(self, region: str) -> int:
        """Of the region's state; 0 without an answer."""
        feed = self.states.get(region)
        return feed.fresh_until() if feed else 0

    def next_factors(self, region: str) -> dict[str, Any]:
        """The fields of MarketPrice that the oracles make."""
        buy = self.tariff_at(region, self.running).buy
        is_price_fresh, history = self.prices.is_fresh(self.now), BPS
        if is_price_fresh:
            smoothed = smoothed_price(answer[0] for answer in self.prices.answers)
            decimals = {"token_decimals": 6, "oracle_decimals": self.oracle_decimals}
            history = pricing.history_factor(buy, smoothed, **decimals)
        load = demand = stability = supply = BPS
        state = self.states.get(region)
        is_grid_fresh = state is not None and state.is_fresh(self.now)
        if state is not None and is_grid_fresh:
            kw, produced, frequency, voltage = state.answer(self.now)
            load = pricing.load_factor(kw, produced)
            demand = pricing.demand_factor(kw, produced)
            stability = pricing.stability_factor(
                frequency, self.bands_at(region).nominal_frequency, voltage
            )
        weather = self.weather.get(region)
        is_weather_fresh = weather is not None and weather.is_fresh(self.now)
        if weather is not None and is_weather_fresh:
            irradiance, temperature, wind_speed, _ = weather.answer(self.now)
            supply = pricing.supply_factor(
                solar=self.capacities[0],
                wind=self.capacities[1],
                others=sum(self.capacities[2:]),
                irradiance=irradiance,
                temperature=temperature,
                wind_speed=wind_speed,
            )
        time = pricing.time_factor((self.running + 1) * self.slot_seconds)
        return {
            "nextFactor": pricing.price_factor(
                load=load,
                history=history,
                demand=demand,
                supply=supply,
                time=time,
                stability=stability,
            ),
            "loadFactor": load,
            "historyFactor": history,
            "demandFactor": demand,
            "supplyFactor": supply,
            "timeFactor": time,
            "stabilityFactor": stability,
            "isPriceFresh": is_price_fresh,
            "isWeatherFresh": is_weather_fresh,
            "isGridFresh": is_grid_fresh,
        }

    def price(self, region: str, slot: int) -> int:
        """Of a deficit."""
        return up(self.tariff_at(region, slot).buy * self.factors.get((region, slot), BPS), BPS)

    def compare(self, region: str) -> None:
        """What people read agrees with what is charged."""
        running, named = self.running, name(region)
        for slot in range(running - 3, running + self.max_age // self.slot_seconds + 3):
            price = self.price(region, slot)
            assert self.grid.call("priceOf(bytes32,uint256)", named, slot) == price
            number = self.tariffs.regionId(named)
            assert self.tariffs.deficitPrice(number, slot) == price
        charged = self.price(region, running)
        assert self.grid.call("getDynamicPrice(bytes32)", named) == charged
        buy, factor = self.tariff_at(region, running).buy, self.factors.get((region, running), BPS)
        found = (charged, buy, factor, *self.next_factors(region).values())
        assert tuple(self.grid.getMarketPrice(named)) == found
        if region == "home":
            assert self.grid.call("getDynamicPrice()") == charged
            assert self.grid.call("priceOf(uint256)", running) == charged
        until = self.emergency_until(region)
        assert self.grid.emergencyUntil(named) == until
        status = self.grid.call("getGridStatus(bytes32)", named)
        state, load, supply = self.states.get(region), 0, 0
        if state is not None and state.is_fresh(self.now):
            load, supply = state.answer(self.now)[:2]
        capacity, drawn = (kw * 1000 * self.slot_seconds // 3600 for kw in (supply, load))
        used = load * BPS // supply if supply else 0
        expected = capacity, 0, drawn, max(0, capacity - drawn), used, charged
        fresh = state is not None and state.is_fresh(self.now)
        assert tuple(status) == (*expected, 0, until > self.now, fresh)


def attempt(call: Any) -> str:
    """The name of the error that refused it, or nothing."""
    try:
        call()
    except Reverted as refusal:
        return refusal.name
    return ""


_GRANT = bytes.fromhex("25c471a0") + bytes(32)
"""grantRole(uint64,address,uint32) of role 0, the administrators'."""

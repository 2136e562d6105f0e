"""What a forecast is worth in money: batteries and orders on held-out weeks, docs/foresight.md.

    python -m tests.bench.agent

It keeps what it measured in agent.json; a test compares the page with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from energy_grid.backend.agent.orders import Worth, bids
from energy_grid.backend.agent.quantiles import cautious, net_quantiles
from energy_grid.backend.agent.schedule import end_price, plan
from energy_grid.backend.analytics.features import features
from energy_grid.backend.analytics.models import Model, forecast, train
from energy_grid.backend.analytics.series import DAY, HORIZON, Array, Hours, Kind
from energy_grid.backend.analytics.weather import Weather
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.domain.battery import Battery, dispatch
from energy_grid.domain.costs import EXACT, FACTOR_ONE, grid_alone
from energy_grid.domain.orders import OrderType
from energy_grid.domain.simulation import Meter, Terms, simulate
from energy_grid.domain.units import MONEY_DECIMALS
from tests.bench.forecast import ELSEWHERE, PLACE, rows, village
from tests.support.artifacts import ROOT

__all__ = ["Home", "homes", "main", "measure", "page", "saved"]

_SAVED = Path(__file__).with_name("agent.json")
_PAGE = ROOT / "docs" / "foresight.md"
# Every second week of the second half of the year: before it, there is too little to train on.
WEEKS = tuple(range(150, 358, 14))
_WEEK, _EVERY = 7 * DAY, 6
_RATED_W = 3000
_PREFIXES = {Kind.LOAD: "H0", Kind.PRODUCTION: "PV"}
NONE, RULE, YESTERDAY, PERFECT = "no battery", "the rule", "yesterday", "perfect"
MODEL, WEATHER = "model", "model with weather"
MARGIN, WEATHER_MARGIN = "model, margin", "model with weather, margin"
# With a margin, and of which forecast.
_USED = {MARGIN: MODEL, WEATHER_MARGIN: WEATHER}
_METHODS = (NONE, RULE, YESTERDAY, MODEL, MARGIN, WEATHER_MARGIN, PERFECT)
_TRADING = (YESTERDAY, MODEL, MARGIN, WEATHER_MARGIN, PERFECT)
THREE, ONE = "three prices", "one price"
# Night, day, and 17 to 20 UTC: 0.20, 0.30 and 0.45 a kWh.
_FACTORS = (10_000,) * 5 + (15_000,) * 12 + (22_500,) * 4 + (10_000,) * 3
_USUAL: Any = {"feed_in": 80_000, "network_fee": 0, "theta": 5000}
TARIFFS = {
    THREE: Terms(grid_price=200_000, factors=_FACTORS, **_USUAL),
    ONE: Terms(grid_price=300_000, factors=(FACTOR_ONE,) * DAY, **_USUAL),
}
PRICES = {"a quarter": 1, "half": 2, "three quarters": 3}
"""Of trades: how far from the feed-in tariff to what the grid takes, in quarters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A household of the village.

    Attributes:
        load, sun: names of its profiles, and the rated power in W.
    """

    name: str
    load: tuple[str, int]
    sun: tuple[str, int] | None
    battery: Battery | None

    def quantiles(self, ahead: Mapping[str, Array]) -> Array:
        """Of its net, of those of the profiles; shape (3, hours), in Wh."""
        used = ahead[self.load[0]] * self.load[1]
        return net_quantiles(ahead[self.sun[0]] * self.sun[1] if self.sun else 0 * used, used)


def homes() -> list[Home]:
    """All 92 households, those without panels and batteries too."""
    plants = {row["household"]: row for row in rows("plants.csv")}
    found = []
    for row in rows("loads.csv"):
        if not row["household"]:
            continue
        plant, battery = plants.get(row["household"]), None
        if plant and plant["battery_capacity_wh"] != "0":
            battery = Battery(
                power_w=int(plant["battery_power_w"]),
                capacity_wh=int(plant["battery_capacity_wh"]),
                efficiency_percent=int(plant["efficiency_percent"]),
            )
        found.append(
            Home(
                name=row["household"],
                load=(row["profile"], int(row["p_w"])),
                sun=(plant["pv_profile"], int(plant["pv_peak_w"])) if plant else None,
                battery=battery,
            )
        )
    return found


def _whole(wh: Iterable[float]) -> list[int]:
    return [round(each) for each in wh]


class Foresight:
    """What each method says of all profiles of the village, at one hour."""

    def __init__(self) -> None:
        self.first, self.year = village()
        count = len(next(iter(self.year.values())))
        elsewhere = np.mean([self.year[name] for name in ELSEWHERE], axis=0)
        span = self.first, count + HORIZON
        self._clear = Weather(PLACE, {}, *span)
        self._given = Weather(PLACE, dict(enumerate(elsewhere, self.first)), *span)
        self._hours = {kind: self._of(kind) for kind in _PREFIXES}
        self._models: dict[tuple[Kind, str], Model] = {}

    def train(self, day: int) -> None:
        """Models of all that was before a day of the year."""
        for kind, hours in self._hours.items():
            before = hours.until(self.first + day * DAY)
            self._models[kind, MODEL] = train(before, self._clear)
            self._models[kind, WEATHER] = (
                train(before, self._given) if kind is Kind.PRODUCTION else self._models[kind, MODEL]
            )

    def actual(self, at: int, hours: int) -> dict[str, Array]:
        """What came, from an hour of the year on, as parts of rated power."""
        return {name: each[at : at + hours] for name, each in self.year.items()}

    def ahead(self, at: int) -> dict[str, dict[str, Array]]:
        """By method, the quantiles of 48 hours of each profile, from an hour of the year on."""
        found: dict[str, dict[str, Array]] = {
            PERFECT: {name: _sure(each) for name, each in self.actual(at, HORIZON).items()},
            YESTERDAY: {},
            MODEL: {},
            WEATHER: {},
        }
        for kind, hours in self._hours.items():
            origin = self.first + at
            before = features(hours, origin, self._clear).baselines[YESTERDAY]
            for name, each in zip(hours.names, before / _RATED_W, strict=True):
                found[YESTERDAY][name] = _sure(each)
            for method, sky in ((MODEL, self._clear), (WEATHER, self._given)):
                said = forecast(self._models[kind, method], hours, origin, sky).wh / _RATED_W
                for row, name in enumerate(hours.names):
                    found[method][name] = said[:, row]
        return found

    def _of(self, kind: Kind) -> Hours:
        names = tuple(name for name in self.year if name.startswith(_PREFIXES[kind]))
        wh = np.array([self.year[name] * _RATED_W for name in names])
        return Hours(kind=kind, names=names, first=self.first, wh=wh)


def _sure(wh: Array) -> Array:
    return np.array([wh, wh, wh])


# By the hour that they are made at, of methods.
_Ahead = Mapping[int, Mapping[str, Mapping[str, Array]]]


def _counted(
    home: Home, terms: Terms, nets: Sequence[int], first: int, ahead: _Ahead, method: str
) -> tuple[list[int], int]:
    """What the meter counts in a week, and what the battery has after it."""
    if home.battery is None or method == NONE:
        return [*nets], 0
    stored, found = 0, []
    for start in range(0, _WEEK, _EVERY):
        actual, bands = nets[start : start + _EVERY], None
        if method != RULE:
            known = home.quantiles(ahead[start][_USED.get(method, method)])
            prices = terms.deficit_prices(
                range(first + start, first + start + HORIZON), HOUR_SECONDS
            )
            bands = plan(
                home.battery,
                stored_wh=stored,
                nets_wh=cautious(known) if method in _USED else _whole(known[1]),
                import_prices=prices[: known.shape[1]],
                export_prices=[terms.feed_in] * known.shape[1],
                seconds=HOUR_SECONDS,
                end_price=end_price(home.battery, prices),
            ).bands[:_EVERY]
        steps = dispatch(
            home.battery,
            generation_wh=[max(net, 0) for net in actual],
            load_wh=[max(-net, 0) for net in actual],
            seconds=HOUR_SECONDS,
            stored_wh=stored,
            bands=bands,
        )
        stored = steps[-1].stored_wh
        found += [
            net + each.discharged_wh - each.charged_wh
            for net, each in zip(actual, steps, strict=True)
        ]
    return found, stored


def _batteries(
    known: Sequence[Home], nets: Sequence[Sequence[int]], first: int, ahead: _Ahead
) -> dict[str, dict[str, list[int]]]:
    """By tariff and method, exact bills of a week: of those with a battery with the grid alone, and
    of the community. What is left in batteries is worth what it replaces."""
    found: dict[str, dict[str, list[int]]] = {}
    for (tariff, terms), method in product(TARIFFS.items(), _METHODS):
        meters, left = [], 0
        for home, net in zip(known, nets, strict=True):
            counted, stored = _counted(home, terms, net, first, ahead, method)
            # Bills need no more of a meter.
            meters.append(Meter(name=home.name, nets_wh=counted, generated_wh=0, used_wh=0))
            if home.battery:
                left += stored * end_price(home.battery, [terms.grid_price])
        done = simulate(meters, terms, first_slot=first, slot_seconds=HOUR_SECONDS).homes
        alone = (one.exact_alone for home, one in zip(known, done, strict=True) if home.battery)
        bills = sum(alone) - left, sum(one.exact_bill for one in done) - left
        found.setdefault(tariff, {})[method] = [*bills]
    return found


def _orders(
    known: Sequence[Home], nets: Sequence[Sequence[int]], first: int, ahead: _Ahead
) -> dict[str, dict[str, int]]:
    """By price and method, exact money that all households gain by trades in a week: each with the
    grid alone, and with its meter as if it had no battery."""
    terms = TARIFFS[THREE]
    found: dict[str, dict[str, int]] = {name: dict.fromkeys(_TRADING, 0) for name in PRICES}
    for home, net in zip(known, nets, strict=True):
        for start in range(0, _WEEK, _EVERY):
            # The gate is closed for what begins: orders are of the forecast before.
            said = {
                method: home.quantiles(each)[:, _EVERY : 2 * _EVERY]
                for method, each in ahead[start - _EVERY].items()
            }
            slots = range(first + start, first + start + _EVERY)
            for at, buy in enumerate(terms.deficit_prices(slots, HOUR_SECONDS)):
                came, alone = net[start + at], (buy, terms.feed_in)
                without = grid_alone([(came, *alone)])
                for (name, quarter), method in product(PRICES.items(), _TRADING):
                    price = terms.feed_in + (buy - terms.feed_in) * quarter // 4
                    quantiles = said[_USED.get(method, method)][:, at]
                    if method not in _USED:
                        quantiles = quantiles[[1, 1, 1]]
                    sold = _sold(quantiles, terms.feed_in, buy, price)
                    bill = grid_alone([(came - sold, *alone)]) - sold * price
                    found[name][method] += without - bill
    return found


def _sold(quantiles: Array, feed_in: int, buy: int, price: int) -> int:
    """What is sold in an hour, in Wh, at a price that everybody gets; below 0: bought."""
    worth = Worth(unsold=feed_in, unbought=buy, short=buy, long=feed_in, fees=0)
    sold = 0
    for each in bids([*quantiles], worth, slots=1, least_wh=0):
        if each.order_type is OrderType.SELL and each.price <= price:
            sold += each.wh
        elif each.order_type is OrderType.BUY and each.price >= price:
            sold -= each.wh
    return sold


def measure() -> dict[str, Any]:
    """By week: bills with batteries, and what orders gain."""
    known, sight = homes(), Foresight()
    found = {}
    for day in WEEKS:
        sight.train(day)
        at = day * DAY
        ahead = {start: sight.ahead(at + start) for start in range(-_EVERY, _WEEK, _EVERY)}
        came = sight.actual(at, _WEEK)
        sure = {name: _sure(each) for name, each in came.items()}
        nets = [_whole(home.quantiles(sure)[1]) for home in known]
        given = known, nets, sight.first + at, ahead
        found[f"{day}"] = {"batteries": _batteries(*given), "orders": _orders(*given)}
        print(day, json.dumps(found[f"{day}"]), flush=True)
    return found


def page(found: Mapping[str, Any]) -> str:
    """The page."""
    weeks = len(found)
    lines = [
        "# What a forecast is worth",
        "",
        f"{weeks} weeks of the SimBench year, every second one from the end of May to December,"
        " were lived again with forecasts of",
        "models that were trained on what was before each week, and paid by the market's own"
        " rules, to the last unit.",
        "`python -m tests.bench.agent` writes this page. All money is tUSD of these weeks together;"
        " income is below 0.",
        "",
        "## Batteries",
        "",
        "Eight households have panels and a battery. Four times a day each makes a"
        " [schedule](concepts/agent.md) for 48 hours, from what it",
        "expects and the prices of its tariff. *The rule* keeps one's own surplus for the evening"
        " and knows nothing. *Yesterday* expects",
        "what was a day before, *model* the median of the forecast, *margin* less sun and more"
        " load: half the way to the lowest quantile.",
        "*Perfect* knows what comes. The bills are those of the eight, each with the grid alone,"
        " and that of their community of 92.",
        "What is left in a battery after a week counts as the import that it replaces.",
        "",
    ]
    for tariff, told in (
        (THREE, "0.20 a kWh from 21 to 5 UTC, 0.30 by day, and 0.45 from 17 to 21 UTC"),
        (ONE, "0.30 a kWh at any time"),
    ):
        bills = _bills(found, tariff)
        lines += [
            f"**{tariff.capitalize()}**: {told}; 0.08 for what is fed in.",
            "",
            "| Schedule by | eight bills | less than by the rule | the community's | less than by"
            " the rule |",
            "|---|--:|--:|--:|--:|",
        ]
        for method in _METHODS:
            cells = []
            for bill, rule in zip(bills[method], bills[RULE], strict=True):
                cells += [_coins(bill), _coins(rule - bill)]
            lines.append(f"| {method} | {' | '.join(cells)} |")
        lines.append("")
    lines += [
        "The weeks of three prices one by one, the eight alone: how much less than by the rule.",
        "",
        f"| Day of the year | {' | '.join(_METHODS[2:])} |",
        f"|---|{'--:|' * len(_METHODS[2:])}",
    ]
    for day, one in found.items():
        week = one["batteries"][THREE]
        cells = [_coins(week[RULE][0] - week[method][0]) for method in _METHODS[2:]]
        lines.append(f"| {day} | {' | '.join(cells)} |")
    gains = {
        name: {
            method: sum(one["orders"][name][method] for one in found.values())
            for method in _TRADING
        }
        for name in PRICES
    }
    lines += [
        "",
        "## Orders",
        "",
        "All 92 households sell and buy [each hour ahead](concepts/orders.md), with three prices a"
        " day and the grid alone. Orders are",
        "of a forecast that is at least six hours old. The price of trades lies a quarter, half or"
        " three quarters of the way from feed-in",
        "to what the grid takes; it is assumed that somebody takes every order at it. What was sold"
        " and did not come is bought from the",
        "grid, what was bought and not needed is fed in. *Margin* is the ladder of"
        " [an agent](concepts/agent.md); the others trade all they expect.",
        "",
        "What all gain in comparison with no trades:",
        "",
        f"| Price | {' | '.join(_TRADING)} |",
        f"|---|{'--:|' * len(_TRADING)}",
        *(
            f"| {name} | {' | '.join(_coins(one[method]) for method in _TRADING)} |"
            for name, one in gains.items()
        ),
        "",
        "## What that says",
        "",
        *_verdict(_bills(found, THREE), _bills(found, ONE), gains),
        "- Hours are the finest that the year has. A battery that follows the meter within an hour,"
        " and trades of quarter hours, are not in",
        "  these figures.",
        "- *With weather* has a stand-in for a weather forecast, as [the page about"
        " forecasts](forecast.md) tells. Without it, a model knows the",
        "  clear sky alone.",
        "- The prices are of no supplier: they have the shape of tariffs with a cheap night and a"
        " dear evening. Batteries are as SimBench has",
        "  them, large beside what the households use: in summer they are never empty, and there is"
        " nothing to plan.",
        "- The half of the margin was chosen by looking at six weeks of this same year: what it"
        " gains is optimistic. So are the models'",
        "  settings.",
        "",
        "The data are from [SimBench](https://simbench.net), under the"
        " [ODbL 1.0](https://opendatacommons.org/licenses/odbl/1-0/).",
        "",
    ]
    return "\n".join(lines)


def _bills(found: Mapping[str, Any], tariff: str) -> dict[str, tuple[int, int]]:
    """By method, of all weeks: those of the households with a battery, and the community's."""
    weeks = [one["batteries"][tariff] for one in found.values()]
    return {
        method: (sum(week[method][0] for week in weeks), sum(week[method][1] for week in weeks))
        for method in _METHODS
    }


def _verdict(
    three: Mapping[str, tuple[int, int]],
    one: Mapping[str, tuple[int, int]],
    gains: Mapping[str, Mapping[str, int]],
) -> list[str]:
    worth = {method: three[YESTERDAY][0] - three[method][0] for method in (MODEL, MARGIN, PERFECT)}
    flat = one[RULE][0] - one[PERFECT][0]
    half = gains["half"]
    return [
        f"- **A schedule of the model's forecast with a margin is worth {_coins(worth[MARGIN])}"
        f" more than one of yesterday**, with three prices;",
        f"  perfect knowledge would be worth {_coins(worth[PERFECT])}. The model's median alone is"
        f" worth {_coins(worth[MODEL])}: what a battery lacks in a dear hour",
        "  costs more than what it has left, and the median of each hour is too little for all of"
        " them.",
        f"- With one price all day a schedule gains {_coins(flat)} over the rule, even with perfect"
        f" knowledge, and {_coins(one[RULE][0] - one[MARGIN][0])} with a margin: nobody",
        "  needs one.",
        f"- **Orders of the model's forecast gain {_coins(half[MODEL] - half[YESTERDAY])} more than"
        f" those of yesterday** at half the way; perfect knowledge",
        f"  {_coins(half[PERFECT] - half[YESTERDAY])}. The margin adds"
        f" {_coins(gains['a quarter'][MARGIN] - gains['a quarter'][MODEL])} at a quarter of the way"
        f" and {_coins(gains['three quarters'][MARGIN] - gains['three quarters'][MODEL])} at three"
        " quarters.",
    ]


def _coins(exact: int) -> str:
    return f"{exact / EXACT / 10**MONEY_DECIMALS:,.2f}"


def saved() -> dict[str, Any]:
    """What was measured last."""
    found: dict[str, Any] = json.loads(_SAVED.read_text())
    return found


def main() -> None:
    """Measure, and write the page."""
    found = measure()
    _SAVED.write_text(json.dumps(found, indent=1) + "\n")
    _PAGE.write_text(page(found))


if __name__ == "__main__":
    main()

"""What if: what a community would have paid, off chain, by the market's own rules.

    meters   a household's panels, load and battery give what its meter counts, slot by slot
    sharing  what neighbours have left over and need in the same slot, by the community's key
    bills    all cash: shared and grid energy, less what shared energy and feed-in earn

Nobody trades, and nobody keeps energy credits. Beside each bill stands the one with the grid alone:
the same meters, without neighbours. What panels and batteries cost is in neither. What is left in a
battery at the end is in no bill either: it is told by itself.

Energy in Wh, prices in base units per kWh, exact money in thousandths of a base unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TypeVar

from energy_grid.domain.battery import Battery, BatteryStep, dispatch
from energy_grid.domain.closing import (
    ClosingPrices,
    Flows,
    settle_slots,
    shared_price,
    summed,
)
from energy_grid.domain.costs import EXACT, FACTOR_ONE, deficit_price, grid_alone
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "MAX_INTERVAL_WH",
    "MAX_MEMBERS",
    "Home",
    "HomeResult",
    "Meter",
    "Simulation",
    "Terms",
    "equip",
    "meter",
    "simulate",
]

MAX_MEMBERS = 160
"""Of a community (Communities.sol)."""
MAX_INTERVAL_WH = 10_000_000
"""Of a household's interval: a hundred times the largest connection that there is."""
_BPS = 10_000
_HOUR, _HOURS = 3600, 24
_PERCENT = 100

_Owned = TypeVar("_Owned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What energy costs, and how it is shared.

    Attributes:
        grid_price: of a deficit.
        feed_in: of a surplus.
        network_fee: of a kWh that is shared.
        theta: where the price among neighbours lies, basis points from feed-in to purchase.
        is_static: the static key, with equal parts; otherwise the dynamic key.
        factors: of the hours of a day (UTC), basis points: how many times the grid price they cost.

    Raises:
        DomainError: a market takes no such terms.
    """

    grid_price: int
    feed_in: int
    network_fee: int
    theta: int
    is_static: bool = False
    factors: tuple[int, ...] = (FACTOR_ONE,) * _HOURS

    def __post_init__(self) -> None:
        room = natural("grid price", self.grid_price) - natural("network fee", self.network_fee)
        if not natural("feed-in tariff", self.feed_in) <= room:
            raise DomainError(
                f"a feed-in tariff of {self.feed_in} and a network fee of {self.network_fee} are"
                f" more than a grid price of {self.grid_price}: lower one of them"
            )
        if natural("theta", self.theta) > _BPS:
            raise DomainError(f"theta is 0 to 1, not {self.theta} basis points")
        if len(self.factors) != _HOURS or min(self.factors) < FACTOR_ONE:
            raise DomainError("each of a day's 24 hours costs the grid price or a multiple of it")

    @property
    def prices(self) -> ClosingPrices:
        """Those that are the same in all slots."""
        return ClosingPrices(
            feed_in=self.feed_in,
            network_fee=self.network_fee,
            shared=shared_price(
                buy=self.grid_price,
                feed_in=self.feed_in,
                network_fee=self.network_fee,
                theta=self.theta,
            ),
            credit_value=0,
        )

    def deficit_prices(self, slots: range, slot_seconds: int) -> list[int]:
        """Of each of these slots."""
        return [
            deficit_price(self.grid_price, self.factors[slot * slot_seconds // _HOUR % _HOURS])
            for slot in slots
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A household: what its panels give and what it uses, in Wh, slot by slot."""

    name: str
    generation_wh: Sequence[int]
    load_wh: Sequence[int]
    battery: Battery | None = None

    @property
    def has_panels(self) -> bool:
        """Whether they ever give anything."""
        return any(self.generation_wh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What a household's meter counts.

    Attributes:
        nets_wh: export less import, slot by slot.
        generated_wh, used_wh: behind the meter, in all.
        stored_wh: what the battery has at the end, less what it had at the beginning.
        lost_wh: in the battery.
    """

    name: str
    nets_wh: Sequence[int]
    generated_wh: int
    used_wh: int
    stored_wh: int = 0
    lost_wh: int = 0
    has_panels: bool = False
    has_battery: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeResult:
    """What a household would have paid.

    Attributes:
        flows: of its meter and its neighbours.
        exact_bill, exact_alone: exact money, with neighbours and with the grid alone.
    """

    meter: Meter
    flows: Flows
    imported_wh: int
    exported_wh: int
    exact_bill: int
    exact_alone: int

    @property
    def bill(self) -> int:
        """Base units, rounded up; income is below 0."""
        return -(-self.exact_bill // EXACT)

    @property
    def grid_alone(self) -> int:
        """The same with the grid alone."""
        return -(-self.exact_alone // EXACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The outcome.

    Attributes:
        slots: their numbers.
        by_slot: of all households together, one after the other.
    """

    terms: Terms
    slot_seconds: int
    slots: range
    homes: tuple[HomeResult, ...]
    by_slot: tuple[Flows, ...]

    @property
    def days(self) -> int:
        """How many the slots are of, also in part."""
        of_day = DAY_SECONDS // self.slot_seconds
        return (self.slots[-1] // of_day) - (self.slots[0] // of_day) + 1

    @property
    def total(self) -> Flows:
        """Of all households and slots."""
        return summed(self.by_slot)

    @property
    def bill(self) -> int:
        """Of all households: the sum of their bills, in base units."""
        return sum(home.bill for home in self.homes)

    @property
    def grid_alone(self) -> int:
        """The same with the grid alone."""
        return sum(home.grid_alone for home in self.homes)

    @property
    def generated_wh(self) -> int:
        """By all panels."""
        return sum(home.meter.generated_wh for home in self.homes)

    @property
    def used_wh(self) -> int:
        """By all households, without what batteries lose."""
        return sum(home.meter.used_wh for home in self.homes)

    @property
    def stored_wh(self) -> int:
        """What all batteries gained."""
        return sum(home.meter.stored_wh for home in self.homes)

    @property
    def lost_wh(self) -> int:
        """What all batteries lost."""
        return sum(home.meter.lost_wh for home in self.homes)

    @property
    def imported_wh(self) -> int:
        """Through all meters: from the grid, if there were no neighbours."""
        return sum(home.imported_wh for home in self.homes)

    @property
    def exported_wh(self) -> int:
        """Through all meters: fed in, if there were no neighbours."""
        return sum(home.exported_wh for home in self.homes)


def equip(
    homes: Sequence[Home], *, panels: int | None, batteries: int | None, battery: Battery | None
) -> list[Home]:
    """Households of which so many percent have panels, and so many a battery.

    The first owners keep what they have. Who gets panels gets a copy of what one of the owners has,
    each of them in turn. Batteries go to those with panels first.

    Args:
        panels, batteries: percent of the households; None: as it is.
        battery: that new owners get; None: a copy of one that there is, each of them in turn.

    Raises:
        DomainError: there is nothing to copy.
    """
    found = list(homes)
    if panels is not None:
        suns = [home.generation_wh for home in found if home.has_panels]
        none = [0] * len(found[0].load_wh)
        given = _given([home.has_panels for home in found], panels, suns, "panels")
        found = [
            home if keeps else replace(home, generation_wh=none if sun is None else sun)
            for home, (keeps, sun) in zip(found, given, strict=True)
        ]
    if batteries is not None:
        known = [home.battery for home in found if home.battery] if battery is None else [battery]
        # Stable: those with panels come first, each group as it was.
        order = sorted(range(len(found)), key=lambda place: not found[place].has_panels)
        owns = [found[place].battery is not None for place in order]
        for place, (keeps, new) in zip(
            order, _given(owns, batteries, known, "a battery"), strict=True
        ):
            if not keeps:
                found[place] = replace(found[place], battery=new)
    return found


def meter(home: Home, *, seconds: int, slot_seconds: int, first: int = 0) -> Meter:
    """What a household's meter counts; its battery is empty when the household's series begin.

    Args:
        seconds: of an interval of the series.
        slot_seconds: of a slot of the meter, one or several intervals.
        first: the interval that the meter begins with.
    """
    steps: Sequence[BatteryStep] = ()
    nets = [made - used for made, used in zip(home.generation_wh, home.load_wh, strict=True)]
    if home.battery is not None:
        steps = dispatch(
            home.battery,
            generation_wh=home.generation_wh,
            load_wh=home.load_wh,
            seconds=seconds,
        )
        nets = [
            net + step.discharged_wh - step.charged_wh
            for net, step in zip(nets, steps, strict=True)
        ]
    each = slot_seconds // seconds
    before = steps[first - 1].stored_wh if steps and first else 0
    return Meter(
        name=home.name,
        nets_wh=[sum(nets[start : start + each]) for start in range(first, len(nets), each)],
        generated_wh=sum(home.generation_wh[first:]),
        used_wh=sum(home.load_wh[first:]),
        stored_wh=steps[-1].stored_wh - before if steps else 0,
        lost_wh=sum(step.lost_wh for step in steps[first:]),
        has_panels=home.has_panels,
        has_battery=home.battery is not None,
    )


def simulate(
    meters: Sequence[Meter], terms: Terms, *, first_slot: int, slot_seconds: int
) -> Simulation:
    """What the households would have paid together, and each with the grid alone.

    Args:
        first_slot: the number of the slot that the meters' series begin with.

    Raises:
        DomainError: nobody, or more than a community has.
        ValueError: the series differ in length.
    """
    if not 1 <= len(meters) <= MAX_MEMBERS:
        raise DomainError(f"a community has 1 to {MAX_MEMBERS} members, not {len(meters)}")
    nets = [each.nets_wh for each in meters]
    slots = range(first_slot, first_slot + len(nets[0]))
    deficits = terms.deficit_prices(slots, slot_seconds)
    none, feed_in = [0] * len(slots), [terms.feed_in] * len(slots)
    of_homes = [Flows()] * len(meters)
    by_slot: list[Flows] = []
    for day in range(0, len(slots), DAY_SECONDS // slot_seconds):
        part = slice(day, day + DAY_SECONDS // slot_seconds)
        flows = list(
            settle_slots(
                [each[part] for each in nets],
                [none[part]] * len(meters),
                prices=terms.prices,
                deficit_prices=deficits[part],
                coefficients=[_BPS // len(meters)] * len(meters) if terms.is_static else None,
                credits_=[None] * len(meters),
            )
        )
        by_slot += map(summed, flows)
        of_homes = [
            summed((before, *of_home))
            for before, of_home in zip(of_homes, zip(*flows, strict=True), strict=True)
        ]
    homes = []
    for each, total in zip(meters, of_homes, strict=True):
        exported = sum(net for net in each.nets_wh if net > 0)
        homes.append(
            HomeResult(
                meter=each,
                flows=total,
                imported_wh=exported - total.net,
                exported_wh=exported,
                exact_bill=-total.money,
                exact_alone=grid_alone(zip(each.nets_wh, deficits, feed_in, strict=True)),
            )
        )
    return Simulation(
        terms=terms,
        slot_seconds=slot_seconds,
        slots=slots,
        homes=tuple(homes),
        by_slot=tuple(by_slot),
    )


def _given(
    owns: Sequence[bool], percent: int, known: Sequence[_Owned], what: str
) -> list[tuple[bool, _Owned | None]]:
    """Of each in turn: whether it stays as it is; else what it gets, None: nothing."""
    if natural("percentage", percent) > _PERCENT:
        raise DomainError(f"{percent} % of the households: write 0 to {_PERCENT}")
    wanted = (percent * len(owns) + _PERCENT // 2) // _PERCENT
    if wanted > sum(owns) and not known:
        raise DomainError(f"no household has {what} that others could get a copy of")
    ranked = sorted(range(len(owns)), key=lambda place: not owns[place])
    owners = set(ranked[:wanted])
    copies = cycle(known)
    return [
        (own is (place in owners), next(copies) if place in owners and not own else None)
        for place, own in enumerate(owns)
    ]

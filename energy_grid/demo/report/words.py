"""What the picture and the page say in words."""

from __future__ import annotations

from energy_grid.cli.numbers import clock, counted, fixed, kilos, kw, kwh
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.feeder import (
    RATING_PERCENT,
    evening_of,
    in_kw,
)
from energy_grid.demo.feeder_report import EventRow
from energy_grid.demo.names import coins
from energy_grid.demo.plants import LIFETIME_YEARS, SHARES_EACH, VALUE_PER_KW
from energy_grid.demo.spot_plan import BUYERS
from energy_grid.domain.enums import OfferStatus
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT, LoadStatus

__all__ = [
    "CREDIT",
    "FEEDER",
    "PLANTS",
    "SPOT",
    "banked_note",
    "bill_note",
    "dip_note",
    "event_note",
    "feeder_note",
    "headline",
    "plant_note",
    "price_note",
    "reward_note",
    "sharing_note",
    "spot_note",
    "summary",
]

# Below this, a kW is a large part of a feeder's rating.
_COARSE_KW = 5
FEEDER = "The feeder, and the evening that is too much for it"
PLANTS = "The plants, their carbon credits, and one that neighbours share"
SPOT = "The spot market in banked energy, once the day is over"

CREDIT = (
    "Load and solar profiles: SimBench 1-LV-rural2--2-sw, 2016 (simbench.net), ODbL 1.0, modified."
    " Times are UTC. Traded on a local test chain with test money."
)


def headline(report: DayReport) -> str:
    """What the day was."""
    return (
        f"A neighbourhood trades its energy: {report.day:%A}, {report.day.day} {report.day:%B %Y}"
    )


def summary(report: DayReport) -> str:
    """The day in one line."""
    households = [row.household for row in report.households]
    panels = sum(household.pv_peak_w > 0 for household in households)
    batteries = sum(household.battery is not None for household in households)
    total, currency = report.total, report.currency
    return (
        f"{counted(len(households), 'household')}, {panels} with panels,"
        f" {batteries} with a battery."
        f" Produced {kwh(total.produced)} kWh, consumed {kwh(total.consumed)} kWh,"
        f" traded {kwh(total.sold)} kWh."
        f" Saved together: {coins(total.saved, currency)} {currency.symbol}."
    )


def bill_note(report: DayReport) -> str:
    """How the bills are to be read."""
    currency = report.currency
    return (
        f"Energy in kWh, money in {currency.symbol}; negative bills are income. Grid alone: every"
        f" slot's own deficit at {coins(report.tariff.grid_price, currency)} and its own surplus"
        f" at the feed-in tariff of {coins(report.tariff.feed_in, currency)} per kWh."
        " Banked energy is kept as tokens and is not in the bill; to compare like with like,"
        " saved = grid alone - bill + what is left banked at the feed-in tariff."
    )


def banked_note() -> str:
    """Why energy is banked while others buy from the grid."""
    return (
        "Some bank energy in slots in which others buy from the grid: banked tokens belong to their"
        " household, sellers offer only what they expect to have left, and a pair trades only where"
        " the buyer's reservation price is not below the seller's."
    )


def price_note() -> str:
    """Why there are two prices."""
    return (
        "The auction finds one clearing price per slot. On the chain each of its pairs trades at"
        " the price of its earlier order, so the average traded price differs; who gets how many"
        " kWh does not."
    )


def feeder_note(report: DayReport) -> str:
    """What the feeder's load is, where its rating comes from, and when the load was too high."""
    feeder = report.feeder
    coarse = " That is coarse for so few households." if feeder.rating_kw < _COARSE_KW else ""
    return (
        "The load is what the households draw less what they feed in, or 0. The feeder's operator"
        " reports it to the chain after every slot, in whole kW, rounded up; from"
        f" {HIGH_PERCENT} % of the rating on it is HIGH, from {CRITICAL_PERCENT} % on CRITICAL. The"
        f" rating of {feeder.rating_kw} kW is made up, {RATING_PERCENT} % of this evening's peak"
        " without an event, rounded up: SimBench's own transformer has 250 kVA."
        f"{_first(report)}{coarse}"
    )


def event_note(report: DayReport) -> str:
    """When the event was, who took part, and what became of the peak."""
    feeder, event = report.feeder, report.feeder.event
    if event is None:
        return (
            "No demand-response event: none of these households without panels usually draws so"
            " much in the evening that a part of it would count."
        )
    peak, without = feeder.peak, feeder.peak_without_event.without_event
    each = "each of them" if len(event.participants) > 1 else "it"
    return (
        f"Demand response from {clock(event.start)} to {clock(event.end)}, when the evening before"
        f" drew most; announced at {clock(event.announced)} to"
        f" {counted(len(event.participants), 'household')}: {each} draws {event.share_percent} %"
        " less than its data say, and its meter counts that. Orders stay as forecast. The day's"
        f" peak is {kw(peak.watts)} kW, reported as {peak.kw} of {feeder.rating_kw} kW"
        f" ({peak.status.name}); without the event it would be {kw(without)} kW, reported as"
        f" {in_kw(without)} of {feeder.rating_kw} kW."
    )


def reward_note(report: DayReport) -> str:
    """What was paid for, and what a baseline is worth; nothing where there was no event."""
    event, currency = report.feeder.event, report.currency
    if event is None:
        return ""
    total = event.total
    counting = sum(one.amounts.counts > 0 for one in event.participants)
    return (
        f"Paid is what a household draws less than usual: {_usual(event)}. That makes"
        f" {kw(total.counts)} kW, {event.target_kw} kW were wanted. There are rewards for"
        f" {counting} of {counted(len(event.participants), 'household')}: less than"
        f" {event.min_reduction} W does not count. Of a budget of"
        f" {coins(event.budget, currency)} {currency.symbol},"
        f" {coins(total.reward, currency)} go to the households' wallets (not in the bills above)"
        f" and {coins(event.refunded, currency)} back to the operator. Really drawn less are"
        f" {kw(total.otherwise - total.drew)} kW: who would have drawn less than usual anyway is"
        " paid for that too, who would have drawn more is paid less or nothing."
    )


def dip_note(report: DayReport) -> str:
    """What the made-up dip of the frequency set off."""
    dip, after = report.feeder.frequencies
    opened = ", ".join(
        f"{action.target} kW of reserve ({action.status.name.lower()})"
        for action in report.feeder.actions
    )
    return (
        f"A dip of the frequency, made up: at {clock(report.feeder.dip_at)} the operator reports"
        f" {_frequency(dip)}; that by itself calls for {opened}; then it reports"
        f" {_frequency(after)}."
    )


def plant_note(report: DayReport) -> str:
    """What a plant is, and where its credits come from."""
    plants, symbol = report.plants, report.currency.symbol
    if not plants.plants:
        return "None of these households has panels: there is no plant, and nothing to credit."
    return (
        "Each plant is registered as an asset of its household, with the meter that counts for it."
        f" Made up are what plants cost ({VALUE_PER_KW:,} {symbol} per kW of peak power), since"
        f" when they run, and that they are written down over {LIFETIME_YEARS} years to a tenth at"
        f" the least. {_credits(report)}"
    )


def sharing_note(report: DayReport) -> str:
    """Who shares a plant, what it earned, and what was retired for the holders."""
    shared, currency = report.plants.shared, report.currency
    if shared is None:
        if any(row.clean for row in report.plants.plants):
            return "No plant is shared: there is nobody to share it with."
        return "No plant is shared: it would be the largest one without a battery."
    owner, *neighbours = shared.holders
    text = (
        f"The plant of household {shared.owner.number}, the largest one without a battery, is"
        f" divided into {shared.shares} shares: {owner.shares} for the owner and {SHARES_EACH} for"
        f" {_each(len(neighbours), 'neighbour')}, whatever that cost."
    )
    if shared.revenue:
        text += (
            " What it earned in the auctions and on the spot,"
            f" {coins(shared.revenue, currency)} {currency.symbol}, the owner pays to the shares"
            " out of the ledger, and every holder takes its part: it goes to the wallets and is"
            " not in the bills above."
        )
    else:
        text += " It sold nothing on this day, so there is no revenue."
    if shared.retired:
        text += (
            f" The owner retires {kilos(shared.retired)} kg of its credits for the holders:"
            f" {shared.reason}."
        )
    return text


def spot_note(report: DayReport) -> str:
    """Who offers and buys banked energy, and what became of it."""
    spot, currency = report.plants.spot, report.currency
    if not spot.rows:
        return "Nobody has banked more than it drew on the day, so nothing is offered."
    bought = (
        f"{counted(spot.buyers, 'household')} bought {kwh(spot.sold)} kWh for"
        f" {coins(spot.paid, currency)} {currency.symbol}, which is not in the bills above."
        if spot.sold
        else "Nobody bought any of it."
    )
    offers = [row for row in spot.rows if row.buyer is None]
    back = [row.wh for row in offers if row.status == OfferStatus.CANCELLED]
    waiting = sum(row.wh - row.sold for row in offers if row.status == OfferStatus.OPEN)
    text = (
        "Of its banked energy every household keeps what it drew from bank and grid on the day, and"
        f" offers the rest at what a kWh is worth to it. The {BUYERS} who bought most from the grid"
        " buy what they lacked, the cheapest first, and nothing above what it is worth to them."
        " Before that, who has most to offer and one of these agree on a price halfway, if there is"
        f" one. {bought}"
    )
    if back:
        text += (
            f" {counted(len(back), 'offer')} of {kwh(sum(back))} kWh found no buyer and went back."
        )
    if waiting:
        text += f" {kwh(waiting)} kWh are still on offer: the market holds them."
    return text


def _credits(report: DayReport) -> str:
    plants = report.plants
    earned = (
        "No plant has earned carbon credits."
        if plants.factor is None
        else f"Clean kWh are carbon credits of {plants.factor} g CO2e each:"
        f" {kilos(plants.issued)} kg for the day."
    )
    if all(row.clean for row in plants.plants):
        return earned
    return (
        f"{earned} Who has a battery earns none: what it gives back cannot be told from what the"
        " panels make."
    )


def _each(number: int, noun: str) -> str:
    return f"each of {counted(number, noun)}" if number > 1 else f"one {noun}"


def _first(report: DayReport) -> str:
    """When the evening's load was first reported as HIGH, and when as CRITICAL."""
    evening = [report.feeder.loads[at] for at in evening_of(report.slot_seconds)]
    highest, told = LoadStatus.NORMAL, []
    for row in evening:
        if row.status > highest:
            highest = row.status
            at = clock(row.start + report.slot_seconds)
            told.append(f"{row.status.name} ({row.percent} %) at {at}")
    return f" In the evening it is first reported {' and '.join(told)}." if told else ""


def _usual(event: EventRow) -> str:
    if not event.baseline_days:
        return (
            "what it drew in these hours the day before, on the operator's word, as there are no"
            " data of a similar day"
        )
    if event.baseline_days == 1:
        return "what its meter counted in these hours on the one similar day before"
    return (
        f"what its meter counted in these hours on the {event.baseline_days} similar days before,"
        " on average"
    )


def _frequency(report: StabilityReport) -> str:
    return f"{fixed(report.frequency, 2, 2)} Hz ({report.level.name})"

"""What the terminal, the picture and the page say in sentences."""

from __future__ import annotations

from energy_grid.cli.numbers import clock, counted, fixed, kilos, kw, kwh
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.feeder import RATING_PERCENT, evening_of, in_kw
from energy_grid.demo.feeder_report import EventRow
from energy_grid.demo.names import coins
from energy_grid.demo.plants import LIFETIME_YEARS, SHARES_EACH, VALUE_PER_KW
from energy_grid.demo.spot_plan import BUYERS
from energy_grid.domain.enums import OfferStatus
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT, LoadStatus

__all__ = [
    "CREDIT",
    "bill_note",
    "dip_note",
    "energy_credits_note",
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

# Below this rating, a kW is a large part of it.
_COARSE_KW = 5

CREDIT = (
    "Load and solar profiles: SimBench 1-LV-rural2--2-sw, 2016 (simbench.net), ODbL 1.0, modified."
    " Times are UTC. The market runs on a local test chain with test money."
)


def headline(report: DayReport) -> str:
    """What the day was."""
    return (
        f"A neighbourhood trades its energy: {report.day:%A}, {report.day.day} {report.day:%B %Y}"
    )


def summary(report: DayReport) -> str:
    """The day in two lines: its money is what was paid."""
    households = [row.household for row in report.households]
    panels = sum(household.pv_peak_w > 0 for household in households)
    batteries = sum(household.battery is not None for household in households)
    total, currency = report.total, report.currency
    return (
        f"{counted(len(households), 'household')}, {panels} with panels,"
        f" {batteries} with a battery."
        f" Produced {kwh(total.produced)} kWh, consumed {kwh(total.consumed)} kWh,"
        f" traded {kwh(total.sold)} kWh.\n"
        f"Bills {coins(total.bill, currency)} {currency.symbol}, reference bills"
        f" {coins(total.reference, currency)} {currency.symbol};"
        f" energy credits kept {kwh(total.energy_credits)} kWh."
    )


def bill_note(report: DayReport) -> str:
    """How the bills are to be read."""
    currency, tariff, total = report.currency, report.tariff, report.total
    return (
        f"Energy is in kWh, money in {currency.symbol}. A negative bill is income. The reference"
        " bill is without the market: the household buys each slot's deficit for"
        f" {coins(tariff.grid_price, currency)} per kWh and sells each slot's surplus for the"
        f" feed-in tariff of {coins(tariff.feed_in, currency)}. Bill reduction = reference bill"
        " - bill, in cash. A household that keeps its surplus as energy credits earns no cash for"
        " it, so its bill reduction can be negative. One energy credit covers 1 kWh of a later"
        " deficit. At the feed-in tariff, all credits of the day would be"
        f" {coins(total.credit_value, currency)} {currency.symbol}: they are in no bill."
    )


def energy_credits_note() -> str:
    """Why some keep energy credits while others buy from the grid."""
    return (
        "Some households keep energy credits while others buy from the grid in the same slot."
        " There are three reasons. Energy credits belong to their household. A seller offers only"
        " the surplus that it expects. And two orders trade only if the buyer's limit price is not"
        " below the seller's."
    )


def price_note() -> str:
    """Why there are two prices."""
    return (
        "The auction finds one clearing price per slot. On the chain each trade has the price of"
        " its earlier order, so the average traded price differs from the clearing price. The kWh"
        " of each household are the same in both."
    )


def feeder_note(report: DayReport) -> str:
    """What the feeder's load is, where its rating comes from, and when the load was too high."""
    feeder = report.feeder
    coarse = " That is coarse for so few households." if feeder.rating_kw < _COARSE_KW else ""
    return (
        "The load is what the households draw less what they feed in, or 0. The grid operator"
        " reports it to the chain after each slot, in whole kW, rounded up. A load is HIGH from"
        f" {HIGH_PERCENT} % of the rating on, and CRITICAL from {CRITICAL_PERCENT} %. The rating of"
        f" {feeder.rating_kw} kW is made up: {RATING_PERCENT} % of this evening's peak without an"
        " event, rounded up. SimBench's own transformer has 250 kVA."
        f"{_first(report)}{coarse}"
    )


def event_note(report: DayReport) -> str:
    """When the event was, who took part, and what became of the peak."""
    feeder, event = report.feeder, report.feeder.event
    if event is None:
        return (
            "No demand-response event: no household without panels has an evening baseline from"
            " which a load reduction would count."
        )
    peak, without = feeder.peak, feeder.peak_without_event.without_event
    number = len(event.participants)
    return (
        f"Demand response from {clock(event.start)} to {clock(event.end)}, the hours of the highest"
        f" load on the evening before. The operator announces it at {clock(event.announced)}."
        f" {counted(number, 'household')} {'takes' if number == 1 else 'take'} part: each one draws"
        f" {event.share_percent} % less than its profile says. Their orders stay as forecast. The"
        f" day's peak is {kw(peak.watts)} kW, reported as {peak.kw} of {feeder.rating_kw} kW"
        f" ({peak.status.name}). Without the event it would be {kw(without)} kW, reported as"
        f" {in_kw(without)} of {feeder.rating_kw} kW."
    )


def reward_note(report: DayReport) -> str:
    """What was paid for, and what a baseline is worth; nothing where there was no event."""
    event, currency = report.feeder.event, report.currency
    if event is None:
        return ""
    total = event.total
    counting = sum(one.amounts.reduction > 0 for one in event.participants)
    return (
        "The load reduction of a household is its baseline less its metered load."
        f" {_baseline(event)} The target is {event.target_kw} kW; together the households reach"
        f" {kw(total.reduction)} kW. Rewards go to {counting} of"
        f" {counted(len(event.participants), 'household')}: a load reduction counts from"
        f" {event.min_reduction} W on. Of the budget of {coins(event.budget, currency)}"
        f" {currency.symbol}, {coins(total.reward, currency)} are paid to wallets, which is in no"
        f" bill above, and {coins(event.refunded, currency)} go back to the operator. Without the"
        f" event they would have drawn {kw(total.without_event - total.metered)} kW more. A"
        " household below its baseline anyway is rewarded for that as well; one above it gets less"
        " or nothing."
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
        f" {_frequency(dip)}. The contract answers by itself with {opened}. Then the operator"
        f" reports {_frequency(after)}."
    )


def plant_note(report: DayReport) -> str:
    """What a plant is, and where its credits come from."""
    plants, symbol = report.plants, report.currency.symbol
    if not plants.plants:
        return "No household here has panels: there is no plant, and there are no carbon credits."
    return (
        "Each plant is an asset of its household, linked to the household's meter. Three facts are"
        f" made up: a plant costs {VALUE_PER_KW:,} {symbol} per kW of peak power, the year since"
        f" which it runs, and its depreciation over {LIFETIME_YEARS} years down to a tenth."
        f" {_credits(report)}"
    )


def sharing_note(report: DayReport) -> str:
    """Who shares a plant, what it earned, and what was retired for the holders."""
    shared, currency = report.plants.shared, report.currency
    if shared is None:
        if any(row.clean for row in report.plants.plants):
            return "No plant is shared: there is no neighbour to share it with."
        return "No plant is shared: only a plant without a battery can be."
    owner, *neighbours = shared.holders
    text = (
        f"The plant of household {shared.owner.number}, the largest one without a battery, has"
        f" {shared.shares} shares: {owner.shares} for the owner and {SHARES_EACH} for"
        f" {_each(len(neighbours), 'neighbour')}."
    )
    if shared.revenue:
        text += (
            f" It earned {coins(shared.revenue, currency)} {currency.symbol} in the auctions and on"
            " the spot market. The owner pays this out of its settlement account to the shares, and"
            " each holder claims its part. The money goes to wallets and is in no bill above."
        )
    else:
        text += " It sold nothing on this day, so there is no revenue."
    if shared.retired:
        text += (
            f" The owner retires {kilos(shared.retired)} kg of its carbon credits for the holders:"
            f" {shared.reason}."
        )
    return text


def spot_note(report: DayReport) -> str:
    """Who offers and buys energy credits, and what became of them."""
    spot, currency = report.plants.spot, report.currency
    if not spot.rows:
        return "No household has more energy credits than it drew on the day: there is no offer."
    bought = (
        f"{counted(spot.buyers, 'household')} bought {kwh(spot.sold)} kWh for"
        f" {coins(spot.paid, currency)} {currency.symbol}, which is in no bill above."
        if spot.sold
        else "No household bought any."
    )
    offers = [row for row in spot.rows if row.buyer is None]
    back = [row.wh for row in offers if row.status == OfferStatus.CANCELLED]
    waiting = sum(row.wh - row.sold for row in offers if row.status == OfferStatus.OPEN)
    text = (
        "Each household keeps as many energy credits as it drew from credits and grid on the day."
        f" It offers the rest at its limit price. The {BUYERS} households with the largest grid"
        " purchases buy their deficit, the cheapest offer first, up to their own limit price."
        " Before that, the household with the largest surplus trades directly with one of them,"
        f" halfway between their limit prices, if these allow it. {bought}"
    )
    if back:
        text += (
            f" {counted(len(back), 'offer')} of {kwh(sum(back))} kWh found no buyer and went back."
        )
    if waiting:
        text += f" {kwh(waiting)} kWh are still on offer: the spot market holds them."
    return text


def _credits(report: DayReport) -> str:
    plants = report.plants
    earned = (
        "No plant has earned carbon credits."
        if plants.factor is None
        else f"A clean kWh earns carbon credits of {plants.factor} g CO2e:"
        f" {kilos(plants.issued)} kg for the day."
    )
    if all(row.clean for row in plants.plants):
        return earned
    return (
        f"{earned} A household with a battery earns none: its meter cannot tell what the battery"
        " discharges from what the panels produce."
    )


def _each(number: int, noun: str) -> str:
    return f"each of {counted(number, noun)}" if number > 1 else f"one {noun}"


def _first(report: DayReport) -> str:
    """When the evening's load was first reported as HIGH, and when as CRITICAL."""
    evening = [report.feeder.loads[at] for at in evening_of(report.slot_seconds)]
    highest, reported = LoadStatus.NORMAL, []
    for row in evening:
        if row.status > highest:
            highest = row.status
            at = clock(row.start + report.slot_seconds)
            reported.append(f"{row.status.name} ({row.percent} %) at {at}")
    return f" In the evening it is first reported {' and '.join(reported)}." if reported else ""


def _baseline(event: EventRow) -> str:
    if not event.baseline_days:
        return (
            "The baseline is its load in these hours the day before, on the operator's word: there"
            " are no data of a similar day."
        )
    if event.baseline_days == 1:
        return "The baseline is its metered load in these hours on the one similar day before."
    return (
        "The baseline is its metered load in these hours on the"
        f" {event.baseline_days} similar days before, on average."
    )


def _frequency(report: StabilityReport) -> str:
    return f"{fixed(report.frequency, 2, 2)} Hz ({report.level.name})"

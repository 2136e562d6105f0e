"""What the terminal, the picture and the page say in sentences."""

from __future__ import annotations

from energy_grid.cli.numbers import clock, counted, fixed, kilos, kw, kwh
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.feeder import RATING_PERCENT, evening_of, in_kw
from energy_grid.demo.feeder_report import EventRow
from energy_grid.demo.names import coins
from energy_grid.demo.plants import LIFETIME_YEARS, SHARES_EACH, VALUE_PER_KW
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT, LoadStatus

__all__ = [
    "CREDIT",
    "bill_notes",
    "community_note",
    "dip_note",
    "event_note",
    "feeder_note",
    "flow_note",
    "foresight_note",
    "gas_note",
    "headline",
    "plant_note",
    "reward_note",
    "season_note",
    "sharing_note",
    "summary",
    "trade_note",
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
        f"A neighbourhood shares its energy: {report.day:%A}, {report.day.day} {report.day:%B %Y}"
    )


def summary(report: DayReport) -> str:
    """The day in a few lines: cash first, then what is in the bank, then energy."""
    households = [row.household for row in report.households]
    panels = sum(household.pv_peak_w > 0 for household in households)
    batteries = sum(household.battery is not None for household in households)
    total, currency, community = report.total, report.currency, report.community
    kept = total.kept - total.drawn
    bank = (
        f"In the bank: {kwh(kept)} kWh as energy credits, worth"
        f" {coins(total.credits_worth, currency)} {currency.symbol} when they are used or redeemed:"
        " no cash, and in no bill.\n"
        if kept
        else ""
    )
    return (
        f"{counted(len(households), 'household')}, {panels} with panels,"
        f" {batteries} with a battery. Bills in cash {coins(total.bill, currency)}"
        f" {currency.symbol}, with grid and feed-in alone {coins(total.grid_alone, currency)}:"
        f" {coins(total.difference, currency)} {currency.symbol} saved.\n{bank}"
        f"Shared {kwh(community.shared)} kWh, from the grid {kwh(community.grid)} kWh instead of"
        f" {kwh(community.grid_alone)}: self-sufficiency {community.self_sufficiency} % instead of"
        f" {community.self_sufficiency_alone} %."
    )


def bill_notes(report: DayReport) -> list[str]:
    """How the bills are to be read, and why some are above grid alone."""
    currency, tariff = report.currency, report.tariff

    def money(amount: int) -> str:
        return f"{coins(amount, currency)} {currency.symbol}"

    note = (
        f"Energy is in kWh, money in {currency.symbol}, all of it cash of the day. A negative bill"
        " is income. Grid alone is what the household would pay without the others: each slot's"
        f" deficit for {coins(tariff.grid_price, currency)} per kWh, less each slot's surplus for"
        f" the feed-in tariff of {coins(tariff.feed_in, currency)}. Shared energy costs"
        f" {coins(tariff.shared, currency)}. Energy credits are in no bill: one covers 1 kWh of a"
        " later deficit, less what it is worth, or is redeemed for that at any time."
    )
    above = [row for row in report.households if row.bill.reason(money)]
    if not above:
        return [note, "No household pays more than with grid and feed-in alone."]
    saved = [row for row in above if row.bill.credits_cover]
    parts = [f"Bills above grid alone: {len(above)}."]
    if saved:
        kept = ", ".join(
            f"{row.household.number} ({kwh(row.bill.kept - row.bill.drawn)} kWh, worth"
            f" {money(row.bill.credits_worth)})"
            for row in saved
        )
        parts.append(f"The energy credits kept are worth no less than the difference: {kept}.")
    parts += [
        f"Household {row.household.number} {row.bill.reason(money)}."
        for row in above
        if not row.bill.credits_cover
    ]
    return [note, " ".join(parts)]


def community_note(report: DayReport) -> str:
    """How energy is shared and settled, and what rounding does."""
    lost, day = report.total.taken - report.total.given, report.days[-1]
    return (
        f"A gateway has read all meters. It has stored and published the day's leaves"
        f" ({day.leaves}), and anchored their root, 0x{day.root.hex()}. After the challenge time"
        f" one call has settled the day for {day.closed} of {day.closed + day.passed_over}"
        " accounts together. "
        "In each slot, what some meters have left over and others need is shared in proportion,"
        " without anybody's doing: from each giver and to each taker the same part, in whole Wh,"
        f" rounded down. On this day rounding leaves {abs(lost)} Wh more on one side than on the"
        " other, which the grid account balances."
    )


def season_note() -> str:
    """What stands beside each other."""
    return (
        "Computed off chain by the market's own rules (energy-grid simulate): all share, nobody"
        " trades, keeps energy credits or is asked to use less. Prices are those of this day."
    )


def trade_note(report: DayReport) -> str:
    """Who trades, and by what."""
    if report.sharing_only:
        return "Nobody trades ahead and nobody keeps energy credits on this day: all just share."
    traders = sum(row.trades for row in report.households)
    keepers = sum(row.keeps for row in report.households)
    return (
        f"{counted(traders, 'household')} {'trades' if traders == 1 else 'trade'} an hour of the"
        " morning ahead: by signed orders from the readings of the day before, where these promise"
        " enough to be worth the gas. The keeper clears the orders at one price and trades them in"
        " a batch. A trade is firm: what the meters then show changes nothing about it, so bars can"
        " be higher than what they show. What trades leave is shared."
        f" {counted(keepers, 'household')} {'keeps' if keepers == 1 else 'keep'} what sharing"
        " leaves of a surplus as energy credits."
    )


def foresight_note(report: DayReport) -> str:
    """How far a forecast of the day was off, and what that would cost."""
    found, currency = report.foresight, report.currency
    days = "the day before" if found.days == 1 else f"the {found.days} days before"
    percent = fixed(found.missed * 1000 // max(found.net, 1), 1, 1)
    return (
        f"Forecast: {days} said what all households together would take and give with an error of"
        f" {kwh(found.missed)} kWh, {percent} % of what came. If the neighbours traded all of that"
        f" forecast ahead, at the shared price, they would pay {coins(found.cost, currency)}"
        f" {currency.symbol} more than with perfect foresight."
    )


def gas_note() -> str:
    """What the last column is."""
    return (
        "A household and day: all that was sent on the day or because of it, by whomever, divided"
        " by the households. What has no figure there happens once, or was for the days before."
    )


def feeder_note(report: DayReport) -> str:
    """What the feeder's load is, where its rating comes from, and when the load was too high."""
    feeder = report.feeder
    coarse = " That is coarse for so few households." if feeder.rating_kw < _COARSE_KW else ""
    return (
        "The load is what the households draw less what they feed in, or 0. The grid operator"
        " reports it to the chain, in whole kW, rounded up, whenever its level has changed. A load"
        f" is HIGH from {HIGH_PERCENT} % of the rating on, and CRITICAL from {CRITICAL_PERCENT} %."
        f" The rating of {feeder.rating_kw} kW is made up: {RATING_PERCENT} % of the evening's peak"
        " without an event, rounded up. SimBench's own transformer has 250 kVA."
        f"{_first(report)}{coarse}"
    )


def flow_note(report: DayReport) -> str:
    """What flows in the cables, which way, and what that does to voltages."""
    flows, slot = report.feeder.flows, report.slot_seconds
    back = [at for at, flow in enumerate(flows) if flow.supply_w < 0]
    most = min(range(len(flows)), key=lambda at: flows[at].supply_w)
    low = min(flows, key=lambda flow: flow.lowest_bps)
    high = max(flows, key=lambda flow: flow.highest_bps)
    full = max(flows, key=lambda flow: flow.cable_bps)
    reverse = (
        f"In {len(back)} of {len(flows)} slots power flows back into the grid, at most"
        f" {kw(-flows[most].supply_w)} kW at {clock(most * slot)}."
        if back
        else "Power never flows back into the grid."
    )
    losses = sum(flow.losses_w for flow in flows) * slot // 3600
    broken = sum(flow.is_broken for flow in flows)
    unbroken = "No limit breaks (voltages: 90 to 110 %)."
    return (
        f"{reverse} Computed for SimBench's cables and its transformer of 250 kVA, with these"
        f" households alone: losses are {kwh(losses)} kWh, voltages lie between"
        f" {fixed(low.lowest_bps, 2, 1)} % ({low.lowest_bus}) and"
        f" {fixed(high.highest_bps, 2, 1)} % ({high.highest_bus}) of the rated one, and the fullest"
        f" cable carries {fixed(full.cable_bps, 2, 0)} % of what it can ({full.cable})."
        f" {f'A limit breaks in {broken} slots.' if broken else unbroken}"
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
        f" {event.share_percent} % less than its profile says. The"
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
        f" {_baseline(event)} The target is {event.target_kw} kW; what is verified is"
        f" {kw(total.reduction)} kW. Rewards go to {counting} of"
        f" {counted(len(event.participants), 'household')}: the largest load reduction is verified,"
        f" if it is {event.min_reduction} W or more, as each verification costs gas. Of the budget"
        f" of {coins(event.budget, currency)} {currency.symbol},"
        f" {coins(total.reward, currency)} are paid to wallets, which is in no bill above, and"
        f" {coins(event.refunded, currency)} go back to the operator. Without the event they would"
        f" have drawn {kw(total.without_event - total.metered)} kW more. A household below its"
        " baseline anyway is rewarded for that as well."
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
        "Each plant is an asset of its household, linked to a sub-meter of its own: it counts what"
        " the panels produce, and bills nothing. Three facts are made up: a plant costs"
        f" {VALUE_PER_KW:,} {symbol} per kW of peak power, the year since which it runs, and its"
        f" depreciation over {LIFETIME_YEARS} years down to a tenth. {_credits(report)}"
    )


def sharing_note(report: DayReport) -> str:
    """Who has shares of a plant, what it earned, and what was retired for the holders."""
    shared, currency = report.plants.shared, report.currency
    if shared is None:
        return "No plant has shares: there is no neighbour to share it with."
    owner, *neighbours = shared.holders
    text = (
        f"The plant of household {shared.owner.number}, the largest one, has {shared.shares}"
        f" shares: {owner.shares} for the owner and {SHARES_EACH} for"
        f" {_each(len(neighbours), 'neighbour')}."
    )
    if shared.revenue:
        text += (
            f" Its household earned {coins(shared.revenue, currency)} {currency.symbol} on the day"
            " with what it shared, fed in and sold. The owner pays this out of its settlement"
            " account to the shares, and each holder claims its part. The money goes to wallets and"
            " is in no bill above."
        )
    else:
        text += " It earned nothing on this day, so there is no revenue."
    if shared.retired:
        text += (
            f" The owner retires {kilos(shared.retired)} kg of its carbon credits for the holders:"
            f" {shared.reason}."
        )
    return text


def _credits(report: DayReport) -> str:
    plants = report.plants
    if plants.factor is None:
        return "No plant has earned carbon credits."
    return (
        "The largest plant's production is certified slot by slot. Its household retires the"
        " certificates of what it used itself: a kWh of them earns carbon credits of"
        f" {plants.factor} g CO2e, {kilos(plants.issued)} kg for the day."
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
    if event.baseline_days < 2:
        return "There are no two similar days before in the data, so no reduction can be verified."
    return (
        f"The baseline is its metered load in these hours on the {event.baseline_days} similar days"
        " before, on average: the leaves of all these days prove what the gateway has read. What"
        " these days differ by anyway does not count."
    )


def _frequency(report: StabilityReport) -> str:
    return f"{fixed(report.frequency, 2, 2)} Hz ({report.level.name})"

"""What the picture and the page say in words."""

from __future__ import annotations

from energy_grid.entrypoints.numbers import coins, counted, kwh
from energy_grid.services.day_report import DayReport

__all__ = ["CREDIT", "banked_note", "bill_note", "headline", "price_note", "summary"]

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

"""The sections of a day, as both the terminal and the page show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from energy_grid.demo.charts import energy_chart, flow_chart, load_chart, surplus_chart
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.report import notes
from energy_grid.demo.report.tables import (
    Table,
    community_table,
    gas_table,
    holder_table,
    household_table,
    part_table,
    participant_table,
    plant_table,
    season_table,
)

__all__ = ["Part", "sections"]

# A note, a table, or a chart for the terminal: the page has a picture instead.
Part = str | Table | Callable[..., str]


def sections(report: DayReport) -> list[tuple[str, Sequence[Part]]]:
    """Titles with what belongs to them; the check comes after."""
    event, plants, currency = report.feeder.event, report.plants, report.currency
    rewards: list[Part] = []
    if event is not None:
        rewards = [participant_table(event, currency), notes.reward_note(report)]
    assets: list[Part] = [notes.plant_note(report)]
    if plants.plants:
        assets = [plant_table(plants, currency), *assets, notes.sharing_note(report)]
    if plants.shared is not None and plants.shared.revenue:
        assets.append(holder_table(plants.shared, currency))
    return [
        ("Households: bills in cash", [household_table(report), *notes.bill_notes(report)]),
        (
            "The community",
            [
                community_table(report),
                energy_chart,
                surplus_chart,
                notes.community_note(report),
                notes.trade_note(report),
                notes.foresight_note(report),
            ],
        ),
        (
            "Winter and summer: the same households on the same weekday, sharing alone",
            [season_table(report), notes.season_note()],
        ),
        (
            "The feeder: its load, its voltages, and demand response",
            [
                load_chart,
                notes.feeder_note(report),
                flow_chart,
                notes.flow_note(report),
                notes.event_note(report),
                *rewards,
                notes.dip_note(report),
            ],
        ),
        ("The plants: assets, carbon credits, and shares", assets),
        ("Gas", [gas_table(report), part_table(report), notes.gas_note()]),
    ]

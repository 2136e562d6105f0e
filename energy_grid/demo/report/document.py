"""The day as numbers for programs: integers in Wh, money base units and g, nothing rounded."""

from __future__ import annotations

from dataclasses import asdict
from enum import IntEnum
from typing import Any

from energy_grid.demo.bills import Bill
from energy_grid.demo.day_report import DayReport, HouseholdRow
from energy_grid.demo.feeder_report import EventRow, FeederReport
from energy_grid.demo.names import coins
from energy_grid.demo.plant_report import PlantRow, PlantsReport, SharedPlant
from energy_grid.demo.profiles import Household

__all__ = ["FORMAT", "as_document", "plants_document"]

FORMAT = 4


def as_document(report: DayReport) -> dict[str, Any]:
    """What can be written as JSON."""
    return {
        "format": FORMAT,
        "day": report.day.isoformat(),
        **_keys(report, "week slot_seconds seed sharing_only"),
        "currency": asdict(report.currency),
        "tariff": _keys(report.tariff, "grid_price feed_in shared"),
        "days": [
            {
                "day": row.day.isoformat(),
                "root": f"0x{row.root.hex()}",
                **_keys(row, "leaves closed passed_over"),
            }
            for row in report.days
        ],
        "total": _bill(report.total),
        "community": _keys(
            report.community,
            "consumed shared traded grid grid_alone fed_in fed_in_alone self_sufficiency"
            " self_sufficiency_alone",
        ),
        "seasons": [
            {
                "day": season.day.isoformat(),
                **_keys(season, "used shared grid grid_alone fed_in bill bill_alone"),
            }
            for season in report.seasons
        ],
        "foresight": asdict(report.foresight),
        "households": [_household(row, report) for row in report.households],
        "slots": [
            _keys(
                slot,
                "start exported imported shared sold drawn kept from_grid fed_in clearing_price",
            )
            for slot in report.slots
        ],
        "feeder": _feeder(report.feeder),
        **plants_document(report.plants),
        "gasPerHousehold": report.gas_per_household,
        "gasOfParts": report.gas_of_parts,
        "gas": [
            {
                **_keys(use, "operation transactions items total per_transaction highest per_item"),
                "part": use.part or None,
                "perHousehold": use.per_household(len(report.households)),
            }
            for use in report.gas
        ],
        "check": [asdict(statement) for statement in report.check],
    }


def plants_document(plants: PlantsReport) -> dict[str, Any]:
    """The plants, the shared one, and carbon credits."""
    return {
        "plants": [_plant(row) for row in plants.plants],
        "sharedPlant": None if plants.shared is None else _shared(plants.shared),
        "carbon": {"gramsPerKwh": plants.factor, **_keys(plants, "issued retired")},
    }


def _feeder(feeder: FeederReport) -> dict[str, Any]:
    return {
        **_keys(feeder, "operator region rating_kw dip_at"),
        "loads": [
            {
                **_keys(row, "start watts kw percent status"),
                "wattsWithoutEvent": row.without_event,
            }
            for row in feeder.loads
        ],
        "flows": [
            _keys(
                flow,
                "supply_w losses_w transformer_bps cable cable_bps lowest_bus lowest_bps"
                " highest_bus highest_bps is_broken",
            )
            for flow in feeder.flows
        ],
        "event": None if feeder.event is None else _event(feeder.event),
        "frequencies": [
            {"centihertz": one.frequency, **_keys(one, "level")} for one in feeder.frequencies
        ],
        "actions": [
            {
                **_keys(one, "id automated status"),
                "type": one.action_type.name,
                "kw": one.target,
            }
            for one in feeder.actions
        ],
    }


def _event(event: EventRow) -> dict[str, Any]:
    return {
        **_keys(
            event,
            "announced start end target_kw reward_per_kw budget refunded share_percent"
            " baseline_days",
        ),
        "minReductionW": event.min_reduction,
        "paid": event.total.reward,
        "reductionW": event.total.reduction,
        "participants": [
            {
                "number": one.household.number,
                "usualW": one.amounts.baseline,
                "otherwiseW": one.amounts.without_event,
                "drewW": one.amounts.metered,
                "reductionW": one.amounts.reduction,
                "reward": one.amounts.reward,
            }
            for one in event.participants
        ],
    }


def _plant(row: PlantRow) -> dict[str, Any]:
    return {
        **_keys(row, "asset commissioned_at value book_value"),
        "number": row.household.number,
        "capacityW": row.household.pv_peak_w,
        **_keys(row.amounts, "produced used given kept other carbon_credits"),
    }


def _shared(shared: SharedPlant) -> dict[str, Any]:
    return {
        **_keys(shared, "asset owner shares revenue left retired reason"),
        "holders": [
            {"number": row.household.number, **_keys(row, "shares received")}
            for row in shared.holders
        ],
    }


def _household(row: HouseholdRow, report: DayReport) -> dict[str, Any]:
    """The ``reason`` is there where the bill is above grid alone."""
    currency = report.currency
    reason = row.bill.reason(lambda amount: f"{coins(amount, currency)} {currency.symbol}")
    return {
        **_keys(row.household, "number name"),
        **_keys(row, "account trades keeps passed_over consumed"),
        "pvPeakW": row.household.pv_peak_w,
        "batteryWh": row.household.battery.capacity_wh if row.household.battery else 0,
        **_bill(row.bill),
        **({"reason": reason} if reason else {}),
    }


def _bill(bill: Bill) -> dict[str, int]:
    return _keys(
        bill,
        "imported exported bought sold unused taken given drawn kept from_grid fed_in bill"
        " grid_alone difference credits_worth",
    )


def _keys(record: object, names: str) -> dict[str, Any]:
    """Some attributes under their names in camel case."""
    return {_camel(name): _plain(getattr(record, name)) for name in names.split()}


def _plain(value: Any) -> Any:
    if isinstance(value, Household):
        return value.number
    return value.name if isinstance(value, IntEnum) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))

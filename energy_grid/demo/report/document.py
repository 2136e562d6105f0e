"""The day as numbers for programs: integers in Wh, money base units and g, nothing rounded."""

from __future__ import annotations

from dataclasses import asdict
from enum import IntEnum
from typing import Any

from energy_grid.demo.bills import Bill
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.feeder_report import EventRow, FeederReport
from energy_grid.demo.plant_report import PlantRow, PlantsReport, SharedPlant, SpotRow
from energy_grid.demo.profiles import Household

__all__ = ["FORMAT", "as_document", "plants_document"]

FORMAT = 1


def as_document(report: DayReport) -> dict[str, Any]:
    """What can be written as JSON."""
    tariff, traded = report.tariff, report.total.sold
    return {
        "format": FORMAT,
        "day": report.day.isoformat(),
        **_keys(report, "week slot_seconds seed traded_price"),
        "currency": asdict(report.currency),
        "tariff": _keys(tariff, "grid_price feed_in"),
        "total": _bill(report.total),
        "households": [
            {
                **_keys(row.household, "number name"),
                "account": row.account,
                "pvPeakW": row.household.pv_peak_w,
                "batteryWh": row.household.battery.capacity_wh if row.household.battery else 0,
                **_bill(row.bill),
            }
            for row in report.households
        ],
        "slots": [
            _keys(
                slot,
                "start produced consumed offered wanted matched delivered burned from_grid"
                " clearing_price traded_price",
            )
            for slot in report.slots
        ],
        "feeder": _feeder(report.feeder),
        **plants_document(report.plants),
        "gas": [
            {
                **_keys(use, "operation transactions items total per_transaction highest per_item"),
                "perTradedKwh": use.per_kwh(traded),
            }
            for use in report.gas
        ],
        "check": [asdict(statement) for statement in report.check],
    }


def plants_document(plants: PlantsReport) -> dict[str, Any]:
    """The plants, the shared one, carbon credits and the spot market."""
    return {
        "plants": [_plant(row) for row in plants.plants],
        "sharedPlant": None if plants.shared is None else _shared(plants.shared),
        "carbon": {"gramsPerKwh": plants.factor, **_keys(plants, "issued retired")},
        "spot": {
            **_keys(plants.spot, "sold paid buyers"),
            "offers": [_offer(row) for row in plants.spot.rows],
        },
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
        **_keys(row, "asset commissioned_at value book_value clean"),
        "number": row.household.number,
        "capacityW": row.household.pv_peak_w,
        **_keys(row.amounts, "produced used sold sold_on_spot sales"),
        "banked": row.amounts.energy_credits,
        "credits": row.amounts.carbon_credits,
    }


def _shared(shared: SharedPlant) -> dict[str, Any]:
    return {
        **_keys(shared, "asset owner shares revenue left retired reason"),
        "holders": [
            {"number": row.household.number, **_keys(row, "shares received")}
            for row in shared.holders
        ],
    }


def _offer(row: SpotRow) -> dict[str, Any]:
    return {**_keys(row, "seller buyer price sold buyers paid status"), "offered": row.wh}


def _bill(bill: Bill) -> dict[str, int]:
    """The names are those that programs know: ``saved`` has the energy credits in it."""
    return {
        **_keys(
            bill,
            "produced consumed bought sold from_grid sales purchases grid_cost compensated"
            " compensating bill",
        ),
        "banked": bill.energy_credits,
        "gridAlone": bill.reference,
        "bankedValue": bill.credit_value,
        "saved": bill.reduction + bill.credit_value,
    }


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

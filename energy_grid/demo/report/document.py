"""The day as numbers for programs: integers in Wh, money base units and g, nothing rounded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from energy_grid.demo.bills import Bill
from energy_grid.demo.day_report import DayReport
from energy_grid.demo.feeder_report import EventRow, FeederReport
from energy_grid.demo.plant_report import PlantRow, PlantsReport, SharedPlant, SpotReport

__all__ = ["FORMAT", "as_document", "plants_document"]

FORMAT = 1


def as_document(report: DayReport) -> dict[str, Any]:
    """What can be written as JSON."""
    return {
        "format": FORMAT,
        "day": report.day.isoformat(),
        "week": report.week,
        "slotSeconds": report.slot_seconds,
        "seed": report.seed,
        "currency": asdict(report.currency),
        "tariff": {"gridPrice": report.tariff.grid_price, "feedIn": report.tariff.feed_in},
        "tradedPrice": report.traded_price,
        "total": _bill(report.total),
        "households": [
            {
                "number": row.household.number,
                "name": row.household.name,
                "account": row.account,
                "pvPeakW": row.household.pv_peak_w,
                "batteryWh": row.household.battery.capacity_wh if row.household.battery else 0,
                **_bill(row.bill),
            }
            for row in report.households
        ],
        "slots": [
            {
                "start": slot.start,
                "produced": slot.produced,
                "consumed": slot.consumed,
                "offered": slot.offered,
                "wanted": slot.wanted,
                "matched": slot.matched,
                "delivered": slot.delivered,
                "burned": slot.burned,
                "fromGrid": slot.from_grid,
                "clearingPrice": slot.clearing_price,
                "tradedPrice": slot.traded_price,
            }
            for slot in report.slots
        ],
        "feeder": _feeder(report.feeder),
        **plants_document(report.plants),
        "gas": [
            {
                "operation": use.operation,
                "transactions": use.transactions,
                "items": use.items,
                "total": use.total,
                "perTransaction": use.per_transaction,
                "highest": use.highest,
                "perItem": use.per_item,
                "perTradedKwh": use.per_kwh(report.total.sold),
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
        "carbon": {
            "gramsPerKwh": plants.factor,
            "issued": plants.issued,
            "retired": plants.retired,
        },
        "spot": _spot(plants.spot),
    }


def _feeder(feeder: FeederReport) -> dict[str, Any]:
    return {
        "operator": feeder.operator,
        "region": feeder.region,
        "ratingKw": feeder.rating_kw,
        "loads": [
            {
                "start": row.start,
                "watts": row.watts,
                "wattsWithoutEvent": row.without_event,
                "kw": row.kw,
                "percent": row.percent,
                "status": row.status.name,
            }
            for row in feeder.loads
        ],
        "event": None if feeder.event is None else _event(feeder.event),
        "dipAt": feeder.dip_at,
        "frequencies": [
            {"centihertz": one.frequency, "level": one.level.name} for one in feeder.frequencies
        ],
        "actions": [
            {
                "id": one.id,
                "type": one.action_type.name,
                "kw": one.target,
                "automated": one.automated,
                "status": one.status.name,
            }
            for one in feeder.actions
        ],
    }


def _event(event: EventRow) -> dict[str, Any]:
    return {
        "announced": event.announced,
        "start": event.start,
        "end": event.end,
        "targetKw": event.target_kw,
        "rewardPerKw": event.reward_per_kw,
        "budget": event.budget,
        "paid": event.total.reward,
        "refunded": event.refunded,
        "sharePercent": event.share_percent,
        "minReductionW": event.min_reduction,
        "baselineDays": event.baseline_days,
        "reductionW": event.total.counts,
        "participants": [
            {
                "number": one.household.number,
                "usualW": one.amounts.usual,
                "otherwiseW": one.amounts.otherwise,
                "drewW": one.amounts.drew,
                "reductionW": one.amounts.counts,
                "reward": one.amounts.reward,
            }
            for one in event.participants
        ],
    }


def _plant(row: PlantRow) -> dict[str, Any]:
    return {
        "asset": row.asset,
        "number": row.household.number,
        "capacityW": row.household.pv_peak_w,
        "commissionedAt": row.commissioned_at,
        "value": row.value,
        "bookValue": row.book_value,
        "clean": row.clean,
        "produced": row.amounts.produced,
        "used": row.amounts.used,
        "sold": row.amounts.sold,
        "soldOnSpot": row.amounts.sold_on_spot,
        "banked": row.amounts.banked,
        "sales": row.amounts.sales,
        "credits": row.amounts.credits,
    }


def _shared(shared: SharedPlant) -> dict[str, Any]:
    return {
        "asset": shared.asset,
        "owner": shared.owner.number,
        "shares": shared.shares,
        "revenue": shared.revenue,
        "left": shared.left,
        "retired": shared.retired,
        "reason": shared.reason,
        "holders": [
            {
                "number": row.household.number,
                "shares": row.shares,
                "received": row.received,
            }
            for row in shared.holders
        ],
    }


def _spot(spot: SpotReport) -> dict[str, Any]:
    return {
        "sold": spot.sold,
        "paid": spot.paid,
        "buyers": spot.buyers,
        "offers": [
            {
                "seller": row.seller.number,
                "buyer": None if row.buyer is None else row.buyer.number,
                "offered": row.wh,
                "price": row.price,
                "sold": row.sold,
                "buyers": row.buyers,
                "paid": row.paid,
                "status": row.status.name,
            }
            for row in spot.rows
        ],
    }


def _bill(bill: Bill) -> dict[str, int]:
    return {
        "produced": bill.produced,
        "consumed": bill.consumed,
        "bought": bill.bought,
        "sold": bill.sold,
        "banked": bill.banked,
        "fromGrid": bill.from_grid,
        "sales": bill.sales,
        "purchases": bill.purchases,
        "gridCost": bill.grid_cost,
        "compensated": bill.compensated,
        "compensating": bill.compensating,
        "bill": bill.bill,
        "gridAlone": bill.grid_alone,
        "bankedValue": bill.banked_value,
        "saved": bill.saved,
    }

"""The day as numbers for programs: integers in Wh and money base units, nothing rounded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from energy_grid.services.bills import Bill
from energy_grid.services.day_report import DayReport

__all__ = ["FORMAT", "as_document"]

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

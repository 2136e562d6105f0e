"""Every path of the HTTP interface as the client asks it, and what it then gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from energy_grid.api import models

__all__ = ["CALLS", "OF_METERS", "OF_OPERATORS", "Asked", "Subject"]

_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_START = _DAY.replace(hour=2)
_MONTH = "2024-01-01", "2024-01-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about.

    Attributes:
        account: who asks, signed in.
        order: of that account, as it is placed.
        id: of an order of the account.
        message, signature: a signed challenge.
        call: one that an account has signed for the relay.
        relayed: the id of one that the relay has taken.
    """

    account: str
    order: Mapping[str, Any]
    id: str
    message: str
    signature: str
    call: Mapping[str, Any]
    relayed: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a method, and the type of the answer, or of each item."""

    arguments: Callable[[Subject], tuple[Any, ...]]
    gives: type
    options: Mapping[str, Any]


def _asked(gives: type, *arguments: Any, **options: Any) -> Asked:
    return Asked(lambda _: arguments, gives, options)


def _about(gives: type, arguments: Callable[[Subject], tuple[Any, ...]], **options: Any) -> Asked:
    return Asked(arguments, gives, options)


OF_METERS: Mapping[str, Asked] = {
    "create_ven": _about(models.VenCredentials, lambda it: (it.account, "Heat pump"), may_opt=True),
    "submit_reading": _asked(models.ReadingReceipt, models.ReadingDocument.model_construct()),
    "my_meters": _asked(models.Meter),
    "history": _about(models.RegisterReading, lambda it: (it.account,), start=_DAY, end=_START),
    "production": _about(models.MeterEnergy, lambda it: (it.account,), start=_DAY, end=_START),
    "consumption": _about(models.MeterEnergy, lambda it: (it.account,), start=_DAY, end=_START),
    "quarantine": _about(models.QuarantinedReading, lambda it: (it.account,)),
    "erase_history": _about(models.Erasure, lambda it: (it.account,), end=_START),
    "proof": _about(models.Proof, lambda it: (it.account, "2024-01-01")),
}
"""What is asked of accounts with meters."""
_HASH, _ID, _SIGNED = f"0x{1:064x}", "1" * 32, f"0x{1:0130x}"
OF_OPERATORS: Mapping[str, Asked] = {
    "feeder": _asked(models.FeederState, region="home"),
    "feeder_flows": _asked(models.FeederFlow, region="home", start=_DAY, end=_START),
    "feeder_forecast": _asked(models.Forecast, region="home"),
    "feeder_ahead": _asked(models.FeederAhead, region="home"),
    "alarms": _asked(models.Alarm, region="home"),
    "acknowledge": _asked(models.Alarm, f"SILENT~{'0x' + '1' * 40}~1", region="home"),
    "safe_transactions": _asked(models.SafeTransaction, "guardian"),
    "propose_safe": _asked(
        models.SafeTransaction,
        "guardian",
        [{"contract": "Settlement", "function": "pause", "arguments": []}],
    ),
    "sign_safe": _asked(models.SafeTransaction, "guardian", _HASH, _SIGNED),
    "execute_safe": _asked(models.UnsignedCall, "guardian", _HASH),
    "drop_safe": _asked(type(None), "guardian", _HASH),
    "invite": _asked(models.Enrolment, "name,meter,region,power_kw"),
    "enrolments": _asked(models.Enrolment),
    "withdraw_invitation": _asked(type(None), _ID),
    "revoke_ven": _about(type(None), lambda it: (it.account, _ID)),
    "enrolment": _asked(models.Enrolment, _ID),
    "accept": _asked(models.Enrolment, _ID),
    "prove": _asked(
        models.Enrolment, _ID, import_wh=1, export_wh=0, deadline=_START, proof=_SIGNED
    ),
    "agree": _asked(models.Enrolment, _ID, _SIGNED),
}
"""What operators, owners of the Safe and registrars ask, and whom they invite."""
CALLS: Mapping[str, Asked] = {
    "export": _asked(bytes, "prices", format="parquet", start=_DAY, end=_START),
    "export_own": _about(bytes, lambda it: (it.account, "days"), start=_DAY, end=_START),
    "market": _asked(models.MarketInfo),
    "periods": _asked(models.PeriodInfo, "HOURLY", limit=2),
    "book": _asked(models.Book, "HOURLY", _START, region="home"),
    "prices": _asked(models.Prices, _DAY, _START, region="home"),
    "quote": _about(
        models.Quote,
        lambda it: (it.account, "BUY"),
        amount_wh=10,
        price_per_kwh=250_000,
        start=_START,
    ),
    "place_order": _about(models.Order, lambda it: (it.order,), key="one"),
    "my_orders": _asked(models.Order, ["MATCHED", "OPEN"]),
    "order": _about(models.Order, lambda it: (it.id,)),
    "cancel_order": _about(models.Cancellation, lambda it: (it.id,)),
    "trades": _asked(models.Trade, mine=True, start=_DAY, end=datetime(2030, 1, 1, tzinfo=UTC)),
    "batches": _asked(models.Batch),
    "batch": _asked(models.Batch, 1),
    "batch_orders": _asked(str, 1),
    "batch_audit": _asked(models.Audit, 1),
    "grid_status": _asked(models.GridStatus),
    "grid_demand": _asked(models.PowerSeries, region="home", start=_DAY, end=_START),
    "grid_supply": _asked(models.PowerSeries, region="home", start=_DAY, end=_START),
    "balance_grid": _about(
        models.UnsignedCall,
        lambda it: (it.account, "home", "SHED_LOAD"),
        target_kw=5,
        priority=1,
    ),
    "balances": _about(models.Balances, lambda it: (it.account,)),
    "own_demand_response": _about(models.OwnDemandResponse, lambda it: (it.account,)),
    "own_certificates": _about(models.OwnCertificates, lambda it: (it.account, *_MONTH)),
    "held_certificates": _about(models.HeldCertificate, lambda it: (it.account, 1, "2024-01-01")),
    "certificate_offers": _asked(models.CertificateOffer),
    "offered_certificates": _asked(models.CertificateSlot, 1),
    "shares": _about(models.Holding, lambda it: (it.account,)),
    "vens": _about(models.VenClient, lambda it: (it.account,)),
    "telemetry": _about(models.VenTelemetry, lambda it: (it.account,)),
    "notices": _about(models.Notice, lambda it: (it.account,)),
    "days": _about(models.AccountDay, lambda it: (it.account,)),
    "slots": _about(models.AccountSlot, lambda it: (it.account, "2024-01-01")),
    "statement": _about(models.Statement, lambda it: (it.account, "2024-01")),
    "export_statement": _about(bytes, lambda it: (it.account, "2024-01"), format="parquet"),
    "totals": _about(models.DayTotals, lambda _: _MONTH),
    "matching": _asked(models.Matching, *_MONTH, region="home"),
    "imbalance": _asked(models.DayImbalance, *_MONTH),
    "emissions": _asked(models.DayEmissions, *_MONTH, community=1),
    "certified": _asked(models.DayCertified, *_MONTH),
    "welfare": _asked(models.DayWelfare, *_MONTH, region="home"),
    "price_levels": _asked(models.PriceLevel, *_MONTH, region="home"),
    "gas": _asked(models.DayGas, *_MONTH),
    "export_analytics": _asked(bytes, "gas", *_MONTH, format="parquet"),
    "forecasts": _asked(models.Forecast, community=1),
    "drift": _asked(models.ForecastDay, *_MONTH, region="home"),
    "communities": _asked(models.Community),
    "demand_programs": _asked(models.Program),
    "demand_events": _asked(models.DemandEvent),
    "simulate": _asked(models.Simulation, {"week": "winter", "grid_price": 3, "feed_in": 1}),
    "assets": _asked(models.Asset),
    "certificates": _asked(models.Retirement),
    "proposals": _asked(models.Proposal),
    "operators": _asked(models.GridOperator),
    "build_call": _about(
        models.UnsignedCall,
        lambda it: (it.account, "Settlement", "withdraw", ["1", it.account]),
    ),
    "permit": _about(models.Permit, lambda it: (it.account, 1)),
    "safes": _asked(models.SafeInfo),
    "relay_call": _about(models.Relayed, lambda it: (it.call,)),
    "relayed_call": _about(models.Relayed, lambda it: (it.relayed,)),
    "stream": _asked(models.NewBlock, ["block"], since="0"),
    "challenge": _about(models.Challenge, lambda it: (it.account,)),
    "open_session": _about(models.Session, lambda it: (it.message, it.signature)),
    # The last one: afterwards nobody is signed in.
    "close_session": _asked(type(None)),
}

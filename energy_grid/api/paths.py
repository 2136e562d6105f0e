"""The paths of the HTTP interface: what is sent there, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import uuid4

from energy_grid.api.models import (
    AccountDay,
    AccountSlot,
    Alarm,
    Asset,
    Audit,
    BalanceRequest,
    Balances,
    Balancing,
    Batch,
    Book,
    CallRequest,
    Cancellation,
    CertificateOffer,
    CertificateSlot,
    Challenge,
    ChallengeRequest,
    Community,
    DayCertified,
    DayEmissions,
    DayGas,
    DayImbalance,
    DayTotals,
    DayWelfare,
    DemandEvent,
    DeviceProof,
    Enrolment,
    EnrolmentRequest,
    Erasure,
    FeederAhead,
    FeederFlow,
    FeederState,
    Forecast,
    ForecastDay,
    GridOperator,
    GridStatus,
    HeldCertificate,
    HolderConsent,
    Holding,
    Kind,
    MarketInfo,
    Matching,
    Meter,
    MeterEnergy,
    Notice,
    Order,
    OrderStateName,
    OwnCertificates,
    OwnDemandResponse,
    Page,
    PeriodInfo,
    Permit,
    PermitRequest,
    PermitSpender,
    PowerSeries,
    PriceLevel,
    Prices,
    Program,
    Proof,
    Proposal,
    QuarantinedReading,
    Quote,
    QuoteRequest,
    ReadingDocument,
    ReadingReceipt,
    RegisterReading,
    Relayed,
    RelayRequest,
    Retirement,
    SafeInfo,
    SafeRequest,
    SafeSignature,
    SafeTransaction,
    Session,
    Side,
    SignedOrderDocument,
    SignIn,
    Simulation,
    SimulationRequest,
    Statement,
    Topic,
    Trade,
    UnsignedCall,
    VenClient,
    VenCredentials,
    VenRequest,
    VenTelemetry,
)
from energy_grid.api.requests import (
    Answered,
    HttpRequest,
    Listed,
    Streamed,
    body_of,
    bytes_of,
    json_of,
    nothing_of,
    text_of,
    time_text,
)
from energy_grid.api.values import Request

__all__ = ["Paths"]

Result = TypeVar("Result")
FileFormat = Literal["csv", "parquet"]
AnalyticsTable = Literal[
    "days", "matching", "hours", "imbalance", "emissions", "certified", "welfare", "prices", "gas"
]
_STATEMENT = "/statements/{subject}/{month}"


class Paths:
    """One method for each path, called as the interface's description calls it.

    Energy is in Wh, power in W or kW, as names say. Money and prices are whole numbers of the
    coin's smallest unit, prices per kWh. Times have a zone.

    All methods raise `ApiProblemError` if the interface refuses, `ApiUnreachableError` if it does
    not answer, and `InputError` for what cannot be sent.
    """

    # Signing in

    @Answered
    def challenge(self, account: str) -> HttpRequest[Challenge]:
        """A message for an account to sign, as wallets do (``personal_sign``)."""
        body = body_of(ChallengeRequest, {"account": account})
        return _post("/session/challenge", Challenge, body)

    @Answered
    def open_session(self, message: str, signature: str) -> HttpRequest[Session]:
        """A session for a signed challenge; its token is for a client made with it.

        Args:
            signature: ``0x`` and digits.
        """
        body = body_of(SignIn, {"message": message, "signature": signature})
        return _post("/session", Session, body)

    @Answered
    def close_session(self) -> HttpRequest[None]:
        """Let the token be worth nothing from now on."""
        return HttpRequest(method="DELETE", path="/session", read=nothing_of)

    # The market

    @Answered
    def market(self) -> HttpRequest[MarketInfo]:
        """The market: chain, contracts, coin, slots, and how far the backend knows the chain."""
        return _get("/market", MarketInfo)

    @Answered
    def periods(
        self, kind: Kind = "HOURLY", *, limit: int | None = None
    ) -> HttpRequest[list[PeriodInfo]]:
        """The next periods of a kind whose gate is open."""
        return _get("/periods", list[PeriodInfo], {"kind": kind, "limit": limit})

    @Answered
    def book(self, kind: Kind, start: datetime, *, region: str | None = None) -> HttpRequest[Book]:
        """The open orders of a period by limit, and what clearing them now would give.

        Args:
            region: by default the home region.
        """
        parts = {"kind": kind, "start": time_text(start, "start")}
        return _get("/periods/{kind}/{start}/book", Book, {"region": region}, parts)

    @Answered
    def prices(
        self, start: datetime, end: datetime, *, region: str | None = None
    ) -> HttpRequest[Prices]:
        """What energy costs, past and known ahead.

        Args:
            end: the first moment behind them; at most 31 days later.
        """
        return _get("/prices", Prices, {**_span(start, end), "region": region})

    @Answered
    def quote(
        self,
        account: str,
        side: Side,
        *,
        amount_wh: int,
        price_per_kwh: int,
        start: datetime,
        period: Kind = "HOURLY",
    ) -> HttpRequest[Quote]:
        """What an order would bring after all fees, how likely it is to trade, and what to sign."""
        content = {"account": account, "side": side, "amount_wh": amount_wh}
        content |= {"price_per_kwh": price_per_kwh, "period": period, "start": start}
        return _post("/quote", Quote, body_of(QuoteRequest, content))

    # Orders

    @Answered
    def place_order(
        self, order: Mapping[str, Any] | SignedOrderDocument, *, key: str | None = None
    ) -> HttpRequest[Order]:
        """Place a signed order; nobody has to be signed in.

        Args:
            order: as `document_of` and ``energy-grid order sign`` write it.
            key: the same order with the same key is answered as the first time; by default a new
                one.
        """
        body = (
            order if isinstance(order, SignedOrderDocument) else body_of(SignedOrderDocument, order)
        )
        return _post("/orders", Order, body, key=key or uuid4().hex)

    @Listed
    def my_orders(self, state: Sequence[OrderStateName] = ()) -> HttpRequest[Page[Order]]:
        """The signed orders of the account, the latest periods first.

        Args:
            state: only those in one of these.
        """
        return _get("/orders", Page[Order], {"state": list(state)})

    @Answered
    def order(self, id: str) -> HttpRequest[Order]:
        """An order of the account: the hash of a signed one, the number of an on-chain one."""
        return _get("/orders/{id}", Order, parts={"id": id})

    @Answered
    def cancel_order(self, id: str) -> HttpRequest[Cancellation]:
        """Withdraw an order of the account; the call in the answer voids its signature as well."""
        return _post("/orders/{id}/cancel", Cancellation, parts={"id": id})

    # Trades

    @Listed
    def trades(
        self, *, mine: bool = False, start: datetime | None = None, end: datetime | None = None
    ) -> HttpRequest[Page[Trade]]:
        """Trades, the newest first; who traded is told only to those who did.

        Args:
            mine: only those of the account.
            start, end: only those that were matched from the first until before the second.
        """
        return _get("/trades", Page[Trade], {"mine": mine or None, **_span(start, end)})

    @Listed
    def batches(self) -> HttpRequest[Page[Batch]]:
        """All batches, the newest first."""
        return _get("/batches", Page[Batch])

    @Answered
    def batch(self, id: int) -> HttpRequest[Batch]:
        """A batch."""
        return _get("/batches/{id}", Batch, parts={"id": str(id)})

    @Answered
    def batch_orders(self, id: int) -> HttpRequest[str]:
        """The file of all orders that were considered: lines of JSON, to clear them again."""
        path = "/batches/{id}/orders"
        return HttpRequest(method="GET", path=path, read=text_of, parts={"id": str(id)})

    @Answered
    def batch_audit(self, id: int) -> HttpRequest[Audit]:
        """A batch cleared again: whether anybody was left out, and what the optimum was."""
        return _get("/batches/{id}/audit", Audit, parts={"id": str(id)})

    # The grid

    @Answered
    def grid_status(self) -> HttpRequest[GridStatus]:
        """The grid now: load, stability, emergencies and prices of each region."""
        return _get("/grid/status", GridStatus)

    @Answered
    def grid_demand(
        self,
        *,
        region: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> HttpRequest[PowerSeries]:
        """What a region has drawn; by default the home region on the last day."""
        return _get("/grid/demand", PowerSeries, {**_span(start, end), "region": region})

    @Answered
    def grid_supply(
        self,
        *,
        region: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> HttpRequest[PowerSeries]:
        """What a region could be supplied with; by default the home region on the last day."""
        return _get("/grid/supply", PowerSeries, {**_span(start, end), "region": region})

    @Answered
    def feeder(self, region: str | None = None) -> HttpRequest[FeederState]:
        """The feeder of a region now, for its operators."""
        return _get("/grid/feeder", FeederState, {"region": region})

    @Answered
    def feeder_flows(
        self,
        *,
        region: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> HttpRequest[list[FeederFlow]]:
        """What flows in the feeder of a region, for its operators; by default on the last day."""
        return _get("/grid/feeder/flows", list[FeederFlow], {**_span(start, end), "region": region})

    @Answered
    def feeder_forecast(self, region: str | None = None) -> HttpRequest[list[Forecast]]:
        """What the meters of a region will draw and feed in, for its operators."""
        return _get("/grid/feeder/forecast", list[Forecast], {"region": region})

    @Answered
    def feeder_ahead(self, region: str | None = None) -> HttpRequest[list[FeederAhead]]:
        """What the feeder of a region is to carry in the next 48 hours, for its operators."""
        return _get("/grid/feeder/forecast/flows", list[FeederAhead], {"region": region})

    @Answered
    def alarms(self, region: str | None = None) -> HttpRequest[list[Alarm]]:
        """What is wrong in a region, for its operators."""
        return _get("/grid/alarms", list[Alarm], {"region": region})

    @Answered
    def acknowledge(self, alarm: str, *, region: str | None = None) -> HttpRequest[Alarm]:
        """Say that an alarm is known, as an operator of its region."""
        return HttpRequest(
            method="POST",
            path="/grid/alarms/{alarm}/acknowledgement",
            read=json_of(Alarm),
            query={"region": region},
            parts={"alarm": alarm},
        )

    @Answered
    def balance_grid(
        self,
        operator: str,
        region: str,
        action: str,
        *,
        target_kw: int,
        priority: int,
        send: bool = False,
        key: str | None = None,
    ) -> HttpRequest[Balancing]:
        """The call that opens a balancing action, for the operator's wallet; or it is sent.

        Args:
            action: such as ``SHED_LOAD``.
            priority: from 1 to 5.
            send: with the operator's key, if the backend has it; the operator is signed in.
            key: the same action with the same key is opened once; by default a new one.
        """
        content = {"operator": operator, "region": region, "action": action, "send": send}
        body = body_of(BalanceRequest, {**content, "target_kw": target_kw, "priority": priority})
        return _post("/grid/balance", Balancing, body, key=key or uuid4().hex)

    # Accounts

    @Answered
    def balances(self, account: str) -> HttpRequest[Balances]:
        """What the account has now, in the market and beside it."""
        return _get("/accounts/{account}", Balances, parts={"account": account})

    @Answered
    def own_demand_response(self, account: str) -> HttpRequest[OwnDemandResponse]:
        """Programs that the account can join or has been in, and the events in which it is
        asked."""
        path = "/accounts/{account}/demand-response"
        return _get(path, OwnDemandResponse, parts={"account": account})

    @Answered
    def shares(self, account: str) -> HttpRequest[list[Holding]]:
        """Shares of assets that the account has, and the revenue that it can claim."""
        return _get("/accounts/{account}/shares", list[Holding], parts={"account": account})

    @Answered
    def own_certificates(
        self, account: str, start: str | None = None, end: str | None = None
    ) -> HttpRequest[OwnCertificates]:
        """The account's devices, certificates and offers; days of production are by default the
        last 31."""
        path, query = "/accounts/{account}/certificates", {"from": start, "to": end}
        return _get(path, OwnCertificates, query=query, parts={"account": account})

    @Answered
    def held_certificates(
        self, account: str, device: int, day: str
    ) -> HttpRequest[list[HeldCertificate]]:
        """The account's certificates of a device's day, slot by slot, and what of each it could
        retire."""
        path = "/accounts/{account}/certificates/{device}/{day}"
        parts = {"account": account, "device": str(device), "day": day}
        return _get(path, list[HeldCertificate], parts=parts)

    @Answered
    def notices(self, account: str) -> HttpRequest[list[Notice]]:
        """What has happened to the account in the last two weeks, and what it should do; the newest
        first."""
        return _get("/accounts/{account}/notices", list[Notice], parts={"account": account})

    @Answered
    def create_ven(
        self, account: str, name: str, *, may_opt: bool = False
    ) -> HttpRequest[VenCredentials]:
        """Make credentials for a program that speaks OpenADR for the account.

        Args:
            name: what the account calls it.
            may_opt: whether it may opt out of events for the account.
        """
        body = body_of(VenRequest, {"name": name, "may_opt": may_opt})
        path = "/accounts/{account}/vens"
        return _post(path, VenCredentials, body, parts={"account": account})

    @Answered
    def vens(self, account: str) -> HttpRequest[list[VenClient]]:
        """The account's programs that speak OpenADR."""
        return _get("/accounts/{account}/vens", list[VenClient], parts={"account": account})

    @Answered
    def revoke_ven(self, account: str, client_id: str) -> HttpRequest[None]:
        """Revoke credentials of a program."""
        return HttpRequest(
            method="DELETE",
            path="/accounts/{account}/vens/{client_id}",
            read=nothing_of,
            parts={"account": account, "client_id": client_id},
        )

    @Answered
    def telemetry(self, account: str) -> HttpRequest[list[VenTelemetry]]:
        """What the account's programs have reported, beside what its meters show of it."""
        return _get("/accounts/{account}/telemetry", list[VenTelemetry], parts={"account": account})

    @Listed
    def days(self, account: str) -> HttpRequest[Page[AccountDay]]:
        """The closed days of the account, the newest first: each is a line of its bill."""
        path = "/accounts/{account}/days"
        return _get(path, Page[AccountDay], parts={"account": account})

    @Answered
    def slots(self, account: str, day: str) -> HttpRequest[list[AccountSlot]]:
        """The slots of a day of the account that the chain has read, or with trades in them.

        Args:
            day: such as ``2024-01-01``.
        """
        parts = {"account": account}
        return _get("/accounts/{account}/slots", list[AccountSlot], {"day": day}, parts)

    @Answered
    def statement(self, subject: str, month: str) -> HttpRequest[Statement]:
        """A month of an account, or of a community or region that the account answers for.

        Args:
            subject: an address, ``community:1`` or ``region:home``.
            month: such as ``2024-01``.
        """
        return _get(_STATEMENT, Statement, parts={"subject": subject, "month": month})

    @Answered
    def export_statement(
        self, subject: str, month: str, *, format: FileFormat = "csv"
    ) -> HttpRequest[bytes]:
        """The lines of a statement as a file; as `statement`."""
        return HttpRequest(
            method="GET",
            path=f"{_STATEMENT}/lines",
            read=bytes_of,
            query={"format": format},
            parts={"subject": subject, "month": month},
        )

    @Answered
    def totals(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[DayTotals]]:
        """What closed days brought to all accounts together, to a group's, or to one's own.

        Days of fewer than 5 accounts are left out.

        Args:
            start: the first day, such as ``2024-01-01``.
            end: the last day; at most 400 in all.
            community, region, account: one of them; by default everybody.
        """
        return _get(
            "/analytics/days",
            list[DayTotals],
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def matching(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[Matching]:
        """How much of what was taken was given nearby in the same hour; as `totals`."""
        return _get(
            "/analytics/matching",
            Matching,
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def imbalance(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[DayImbalance]]:
        """How far those who traded were from their trades, and what that cost; as `totals`."""
        return _get(
            "/analytics/imbalance",
            list[DayImbalance],
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def emissions(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[DayEmissions]]:
        """Energy from the grid at the market's emission factor; as `totals`."""
        return _get(
            "/analytics/emissions",
            list[DayEmissions],
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def certified(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[DayCertified]]:
        """How much of what was used certificates were retired for; as `totals`."""
        return _get(
            "/analytics/certified",
            list[DayCertified],
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def welfare(
        self, start: str, end: str, *, region: str | None = None
    ) -> HttpRequest[list[DayWelfare]]:
        """What batches made of orders, against the best that these allowed.

        Args:
            region: by default all of them.
        """
        return _get("/analytics/welfare", list[DayWelfare], _days(start, end, region=region))

    @Answered
    def price_levels(
        self, start: str, end: str, *, region: str | None = None
    ) -> HttpRequest[list[PriceLevel]]:
        """In how many slots the grid asked how much, the dearest first.

        Args:
            region: by default the home region.
        """
        return _get("/analytics/prices", list[PriceLevel], _days(start, end, region=region))

    @Answered
    def gas(self, start: str, end: str) -> HttpRequest[list[DayGas]]:
        """Gas that the backend's services used, day by day."""
        return _get("/analytics/gas", list[DayGas], _days(start, end))

    @Answered
    def forecasts(
        self,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[Forecast]]:
        """What a community, a region or one's own account will draw and feed in during 48 hours; by
        default the home region."""
        query = {"community": community, "region": region, "account": account}
        return _get("/forecasts", list[Forecast], query)

    @Answered
    def drift(
        self,
        start: str,
        end: str,
        *,
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[list[ForecastDay]]:
        """How far the forecasts of days were off; as `forecasts`.

        Args:
            start, end: the first day and the last one, such as ``2024-01-01``.
        """
        return _get(
            "/forecasts/drift",
            list[ForecastDay],
            _days(start, end, community=community, region=region, account=account),
        )

    @Answered
    def export_analytics(
        self,
        table: AnalyticsTable,
        start: str,
        end: str,
        *,
        format: FileFormat = "csv",
        community: int | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> HttpRequest[bytes]:
        """What another path of analytics tells, as a file; as `totals`."""
        query = {
            "format": format,
            **_days(start, end, community=community, region=region, account=account),
        }
        path, parts = "/analytics/exports/{table}", {"table": table}
        return HttpRequest(method="GET", path=path, read=bytes_of, query=query, parts=parts)

    @Answered
    def proof(self, account: str, day: str) -> HttpRequest[Proof]:
        """The account's leaf of an anchored day, with the proof that the chain takes.

        Args:
            day: such as ``2024-01-01``.
        """
        return _get("/accounts/{account}/proof", Proof, {"day": day}, {"account": account})

    # Meters

    @Answered
    def submit_reading(
        self, reading: Mapping[str, Any] | ReadingDocument
    ) -> HttpRequest[ReadingReceipt]:
        """Store what a meter has signed; nobody has to be signed in.

        Args:
            reading: as ``energy-grid meter sign`` writes it.
        """
        body = (
            reading if isinstance(reading, ReadingDocument) else body_of(ReadingDocument, reading)
        )
        return _post("/meters/reading", ReadingReceipt, body)

    @Listed
    def my_meters(self) -> HttpRequest[Page[Meter]]:
        """The meters of the account, and how their devices are."""
        return _get("/meters", Page[Meter])

    @Listed
    def history(
        self, meter: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> HttpRequest[Page[RegisterReading]]:
        """What a meter's registers showed, the newest first; by default on the last day."""
        path = "/meters/{id}/history"
        return _get(path, Page[RegisterReading], _span(start, end), {"id": meter})

    @Answered
    def production(
        self, meter: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> HttpRequest[MeterEnergy]:
        """What a meter has exported; by default on the last day."""
        return _get("/meters/{id}/production", MeterEnergy, _span(start, end), {"id": meter})

    @Answered
    def consumption(
        self, meter: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> HttpRequest[MeterEnergy]:
        """What a meter has imported; by default on the last day."""
        return _get("/meters/{id}/consumption", MeterEnergy, _span(start, end), {"id": meter})

    @Listed
    def quarantine(self, meter: str) -> HttpRequest[Page[QuarantinedReading]]:
        """What came under a meter's name and does not count, with the reasons."""
        return _get("/meters/{id}/quarantine", Page[QuarantinedReading], parts={"id": meter})

    @Answered
    def erase_history(self, meter: str, *, end: datetime | None = None) -> HttpRequest[Erasure]:
        """Erase what a meter has read, as far as no open day needs it.

        Args:
            end: only what is older; by default all.
        """
        return HttpRequest(
            method="DELETE",
            path="/meters/{id}/history",
            read=json_of(Erasure),
            query={"to": _span(None, end)["to"]},
            parts={"id": meter},
        )

    # Files

    @Answered
    def export(
        self,
        table: Literal["trades", "prices"],
        *,
        format: FileFormat = "csv",
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> HttpRequest[bytes]:
        """Trades, or what batches traded at, as a file; by default of the last day."""
        query = {"format": format, **_span(start, end)}
        parts = {"table": table}
        return HttpRequest(
            method="GET", path="/exports/{table}", read=bytes_of, query=query, parts=parts
        )

    @Answered
    def export_own(
        self,
        account: str,
        table: Literal["days", "orders", "readings"],
        *,
        format: FileFormat = "csv",
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> HttpRequest[bytes]:
        """The account's closed days, signed orders or readings as a file; by default of the last
        day."""
        path, query = "/accounts/{account}/exports/{table}", {"format": format, **_span(start, end)}
        parts = {"account": account, "table": table}
        return HttpRequest(method="GET", path=path, read=bytes_of, query=query, parts=parts)

    # What there is

    @Listed
    def communities(self) -> HttpRequest[Page[Community]]:
        """Communities, and how many are in each."""
        return _get("/communities", Page[Community])

    @Listed
    def demand_programs(self) -> HttpRequest[Page[Program]]:
        """Demand-response programs, the newest first."""
        return _get("/demand-response/programs", Page[Program])

    @Listed
    def demand_events(self) -> HttpRequest[Page[DemandEvent]]:
        """Demand-response events, the newest first."""
        return _get("/demand-response/events", Page[DemandEvent])

    @Listed
    def assets(self) -> HttpRequest[Page[Asset]]:
        """Production assets."""
        return _get("/assets", Page[Asset])

    @Listed
    def certificates(self) -> HttpRequest[Page[Retirement]]:
        """Carbon credits that were retired, for whom and why; the newest first."""
        return _get("/certificates", Page[Retirement])

    @Listed
    def certificate_offers(self) -> HttpRequest[Page[CertificateOffer]]:
        """Certificates of production that are for sale, the newest offers first."""
        return _get("/certificates/offers", Page[CertificateOffer])

    @Answered
    def offered_certificates(self, id: int) -> HttpRequest[list[CertificateSlot]]:
        """What the seller of an offer has of it, the earliest slots first."""
        path = "/certificates/offers/{id}/slots"
        return _get(path, list[CertificateSlot], parts={"id": str(id)})

    @Listed
    def proposals(self) -> HttpRequest[Page[Proposal]]:
        """Proposals of governance."""
        return _get("/governance/proposals", Page[Proposal])

    @Answered
    def operators(self) -> HttpRequest[list[GridOperator]]:
        """Grid operators, with what they may do now."""
        return _get("/operators", list[GridOperator])

    # Calls

    @Answered
    def build_call(
        self,
        sender: str,
        contract: str,
        function: str,
        arguments: Sequence[Any] = (),
        *,
        value: int = 0,
        address: str | None = None,
    ) -> HttpRequest[UnsignedCall]:
        """A call of a contract of the market, for the wallet that is to send it.

        Args:
            arguments: whole numbers as text, bytes as ``0x`` and digits.
            value: in wei.
            address: of AssetShares, of which there are many: whose shares.
        """
        content = {"from": sender, "contract": contract, "function": function, "value": value}
        body = body_of(CallRequest, {**content, "arguments": list(arguments), "address": address})
        return _post("/calls", UnsignedCall, body)

    @Answered
    def safes(self) -> HttpRequest[list[SafeInfo]]:
        """The operators' Safes."""
        return _get("/safes", list[SafeInfo])

    @Answered
    def safe_transactions(self, safe: str) -> HttpRequest[list[SafeTransaction]]:
        """What waits for the owners of a Safe, who alone see it; ``safe`` is its name."""
        path = "/safes/{safe}/transactions"
        return _get(path, list[SafeTransaction], parts={"safe": safe})

    @Answered
    def propose_safe(
        self, safe: str, calls: Sequence[Mapping[str, Any]]
    ) -> HttpRequest[SafeTransaction]:
        """Let the owners of a Safe sign calls, as one of them.

        Args:
            safe: its name, such as ``treasury``.
            calls: each with ``contract``, ``function`` and ``arguments``, as `build_call` has them.
        """
        body = body_of(SafeRequest, {"calls": list(calls)})
        path = "/safes/{safe}/transactions"
        return _post(path, SafeTransaction, body, parts={"safe": safe})

    @Answered
    def sign_safe(self, safe: str, hash: str, signature: str) -> HttpRequest[SafeTransaction]:
        """Add an owner's signature to a transaction of a Safe."""
        body = body_of(SafeSignature, {"signature": signature})
        path = "/safes/{safe}/transactions/{hash}/signatures"
        return _post(path, SafeTransaction, body, parts={"safe": safe, "hash": hash})

    @Answered
    def execute_safe(self, safe: str, hash: str) -> HttpRequest[UnsignedCall]:
        """The call by which an owner sends what enough others have signed."""
        path = "/safes/{safe}/transactions/{hash}/execution"
        return _post(path, UnsignedCall, parts={"safe": safe, "hash": hash})

    @Answered
    def drop_safe(self, safe: str, hash: str) -> HttpRequest[None]:
        """Let the owners forget a transaction of a Safe. Who has its signatures can still send
        it."""
        path, parts = "/safes/{safe}/transactions/{hash}", {"safe": safe, "hash": hash}
        return HttpRequest(method="DELETE", path=path, read=nothing_of, parts=parts)

    # What if

    @Answered
    def simulate(self, community: Mapping[str, Any] | SimulationRequest) -> HttpRequest[Simulation]:
        """What a community would have paid, and each household with the grid alone; off chain.

        Args:
            community: ``week`` (of the demo's village), ``csv`` or ``data``, with ``grid_price``,
                ``feed_in`` and perhaps other terms.
        """
        body = (
            community
            if isinstance(community, SimulationRequest)
            else body_of(SimulationRequest, community)
        )
        return _post("/simulations", Simulation, body)

    # Enrolment

    @Answered
    def invite(self, csv: str) -> HttpRequest[list[Enrolment]]:
        """Invite households, as the registrar.

        Args:
            csv: a line each, below one with the names of the columns: ``name``, ``meter``,
                ``region``, ``power_kw``, and perhaps ``sub_meter``.
        """
        return _post("/enrolments", list[Enrolment], body_of(EnrolmentRequest, {"csv": csv}))

    @Answered
    def enrolments(self) -> HttpRequest[list[Enrolment]]:
        """The households on their way into the market, for the registrar."""
        return _get("/enrolments", list[Enrolment])

    @Answered
    def enrolment(self, id: str) -> HttpRequest[Enrolment]:
        """A household on its way, for who is invited."""
        return _get("/enrolments/{id}", Enrolment, parts={"id": id})

    @Answered
    def accept(self, id: str) -> HttpRequest[Enrolment]:
        """Accept an invitation as the account that is signed in."""
        return _post("/enrolments/{id}/acceptance", Enrolment, parts={"id": id})

    @Answered
    def prove(
        self, id: str, *, import_wh: int, export_wh: int, deadline: datetime, proof: str
    ) -> HttpRequest[Enrolment]:
        """Hand in what a device has signed (`Meters.draft_registration`)."""
        content = {"import_wh": import_wh, "export_wh": export_wh, "deadline": deadline}
        body = body_of(DeviceProof, {**content, "proof": proof})
        return _post("/enrolments/{id}/proof", Enrolment, body, parts={"id": id})

    @Answered
    def agree(self, id: str, consent: str) -> HttpRequest[Enrolment]:
        """Hand in what the holder's wallet has signed."""
        body = body_of(HolderConsent, {"consent": consent})
        return _post("/enrolments/{id}/consent", Enrolment, body, parts={"id": id})

    @Answered
    def withdraw_invitation(self, id: str) -> HttpRequest[None]:
        """Take an invitation back, as the registrar."""
        path = "/enrolments/{id}"
        return HttpRequest(method="DELETE", path=path, read=nothing_of, parts={"id": id})

    @Answered
    def permit(
        self, account: str, amount: int, *, spender: PermitSpender = "Settlement"
    ) -> HttpRequest[Permit]:
        """What an account signs so that a deposit, or the market of certificates, may take coins
        from its wallet."""
        content = {"account": account, "amount": amount, "spender": spender}
        body = body_of(PermitRequest, content)
        return _post("/permits", Permit, body)

    @Answered
    def relay_call(self, call: Mapping[str, Any] | RelayRequest) -> HttpRequest[Relayed]:
        """Have a signed call sent, which the operator pays for; nobody has to be signed in.

        Args:
            call: as ``energy-grid ... --relay FILE`` writes it: one of the file's ``calls``.
        """
        body = call if isinstance(call, RelayRequest) else body_of(RelayRequest, call)
        return _post("/relay", Relayed, body)

    @Answered
    def relayed_call(self, id: str) -> HttpRequest[Relayed]:
        """What has become of a call, by the id in the answer to it."""
        return _get("/relay/{id}", Relayed, parts={"id": id})

    # The stream

    @Streamed
    def stream(
        self, topics: Sequence[Topic] = (), *, since: str | None = None
    ) -> HttpRequest[None]:
        """What changes, as it happens; it never ends by itself.

        Whatever interrupts it, it goes on behind what was told last: nothing is lost, and nothing
        told twice. `Void` says that all that was told of some blocks is void. `Alive` comes after
        15 s in which nothing happens.

        Args:
            topics: only these; ``order`` and ``account`` tell what is the account's.
            since: the id of the last event that was taken in; by default from now on.

        Raises:
            ApiProblemError: the session is over, or the backend does not remember this event.
            ApiUnreachableError: it was interrupted eight times in a row. The message has the id
                to go on with.
        """
        query = {"topic": list(topics), "since": since}
        return HttpRequest(method="GET", path="/stream", read=nothing_of, query=query)


def _get(
    path: str,
    kind: type[Result],
    query: Mapping[str, Any] | None = None,
    parts: Mapping[str, str] | None = None,
) -> HttpRequest[Result]:
    read = json_of(kind)
    return HttpRequest(method="GET", path=path, read=read, query=query or {}, parts=parts or {})


def _post(
    path: str,
    kind: type[Result],
    body: Request | None = None,
    *,
    parts: Mapping[str, str] | None = None,
    key: str | None = None,
) -> HttpRequest[Result]:
    read = json_of(kind)
    return HttpRequest(method="POST", path=path, read=read, body=body, parts=parts or {}, key=key)


def _days(start: str, end: str, **group: int | str | None) -> dict[str, Any]:
    return {"from": start, "to": end, **group}


def _span(start: datetime | None, end: datetime | None) -> dict[str, str | None]:
    return {
        "from": None if start is None else time_text(start, "start"),
        "to": None if end is None else time_text(end, "end"),
    }

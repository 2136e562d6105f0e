"""What is sent to the HTTP interface, and what it answers; `values` has the units."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, model_validator

from energy_grid.api.values import (
    MAX_TABLE,
    Address,
    Answer,
    Hash,
    Natural,
    Request,
    Time,
    Wh,
    Whole,
)
from energy_grid.domain.costs import FACTOR_ONE
from energy_grid.domain.enums import Refusal
from energy_grid.domain.simulation import MAX_INTERVAL_WH, MAX_MEMBERS

__all__ = [
    "AccountDay",
    "AccountSlot",
    "Alarm",
    "Alive",
    "Asset",
    "Audit",
    "BalanceRequest",
    "Balances",
    "Balancing",
    "Batch",
    "Book",
    "CallPart",
    "CallRequest",
    "Cancellation",
    "CertificateDay",
    "CertificateDevice",
    "CertificateOffer",
    "CertificateSlot",
    "ChainEvent",
    "Challenge",
    "ChallengeRequest",
    "Coin",
    "Community",
    "CriticalEvent",
    "CriticalVoice",
    "DayCertified",
    "DayEmissions",
    "DayGas",
    "DayImbalance",
    "DayMatching",
    "DayTotals",
    "DayWelfare",
    "DemandEvent",
    "DeviceProof",
    "Enrolment",
    "EnrolmentRequest",
    "Erasure",
    "EventKindName",
    "EventStateName",
    "FeederAhead",
    "FeederBus",
    "FeederFlow",
    "FeederLine",
    "FeederState",
    "Forecast",
    "ForecastDay",
    "ForecastHour",
    "ForecastMethod",
    "GridOperator",
    "GridPrice",
    "GridStatus",
    "Head",
    "HeldCertificate",
    "HolderConsent",
    "Holding",
    "HourMatching",
    "Kind",
    "Level",
    "LineKind",
    "MarketInfo",
    "Matching",
    "MeasuredHour",
    "Meter",
    "MeterEnergy",
    "MeterSpan",
    "NewBlock",
    "Notice",
    "NoticeKind",
    "Order",
    "OrderChange",
    "OrderStateName",
    "OwnCertificates",
    "OwnDemandResponse",
    "OwnEvent",
    "OwnProgram",
    "Page",
    "PeriodInfo",
    "Permit",
    "PermitRequest",
    "PermitSpender",
    "PowerPoint",
    "PowerSeries",
    "PriceLevel",
    "PricePoint",
    "Prices",
    "Problem",
    "Program",
    "Proof",
    "Proposal",
    "QuarantinedReading",
    "Quote",
    "QuoteRequest",
    "ReadingDocument",
    "ReadingReceipt",
    "RecordedDay",
    "RefusalName",
    "RegionBand",
    "RegionBands",
    "RegionLoad",
    "RegionStability",
    "RegionStatus",
    "RegisterReading",
    "RelayRequest",
    "Relayed",
    "Retirement",
    "SafeInfo",
    "SafeRequest",
    "SafeSignature",
    "SafeTransaction",
    "Session",
    "Side",
    "SignIn",
    "SignedOrderDocument",
    "SimulatedBill",
    "SimulatedHousehold",
    "Simulation",
    "SimulationData",
    "SimulationRequest",
    "Statement",
    "StatementLine",
    "Topic",
    "Trade",
    "UnsignedCall",
    "VenClient",
    "VenCredentials",
    "VenRequest",
    "VenTelemetry",
    "Void",
]

Item = TypeVar("Item")

Side = Literal["BUY", "SELL"]
Kind = Literal["HOURLY", "DAILY", "WEEKLY", "QUARTER_HOURLY"]
OrderStateName = Literal[
    "RECEIVED",
    "OPEN",
    "PARTLY_FILLED",
    "MATCHED",
    "SETTLED",
    "EXPIRED",
    "CANCELLED",
    "REJECTED",
]
RefusalName = Annotated[str, Field(json_schema_extra={"enum": [each.name for each in Refusal]})]
"""Why an order is rejected."""
EventKindName = Literal["CAPACITY", "PRICE"]
EventStateName = Literal["AHEAD", "RUNNING", "VERIFYING", "COMPLETED", "CANCELLED"]
NoticeKind = Literal[
    "IN_DEBT",
    "METER_SILENT",
    "METER_OFFLINE",
    "READINGS_QUARANTINED",
    "CONSENT_WANTED",
    "WITHDRAWAL_WAITS",
    "WITHDRAWAL_DUE",
    "REVENUE_CLAIMABLE",
    "REWARD_CLAIMABLE",
    "EVENT_ANNOUNCED",
    "DAY_CLOSED",
    "ORDER_TRADED",
]
Topic = Literal["block", "order", "account", "batch", "price", "grid", "community", "governance"]


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="What kind of problem: urn:energy-grid:problem:<name>.")
    title: str
    status: int
    detail: str = Field(description="What is wrong, in one line.")
    next: str | None = Field(default=None, description="What to do now.")
    field: str | None = Field(default=None, description="The part of the request that is wrong.")
    error: str | None = Field(default=None, description="The contract's error, if one reverted.")
    values: dict[str, Any] | None = Field(default=None, description="The values of that error.")


class Page(Answer, Generic[Item]):
    """Some items of a list, and where the next ones are."""

    items: list[Item]
    next: str | None = Field(
        default=None, description="Ask again with ?cursor= and this; null: there are no others."
    )

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """What the interface's description calls it."""
        return f"{params[0].__name__}Page"


# Signing in


class ChallengeRequest(Request):
    """Who wants to sign in."""

    account: Address


class Challenge(Answer):
    """What the account signs (ERC-4361, as personal_sign does)."""

    message: str
    expires_at: Time


class SignIn(Request):
    """A signed challenge."""

    message: Annotated[str, Field(max_length=2000)]
    signature: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2})+$", max_length=20_000)]


class Session(Answer):
    """A session; its token goes into the header ``Authorization: Bearer``."""

    token: str
    account: Address
    expires_at: Time


# The market


class Coin(Answer):
    """What money is counted in: money and prices are whole numbers of its smallest unit."""

    address: Address
    symbol: str
    decimals: int


class Head(Answer):
    """How far the backend knows the chain."""

    block: int | None = Field(description="The newest block whose events the store has.")
    time: Time | None
    chain_block: int = Field(description="The newest block of the node.")
    chain_time: Time


class MarketInfo(Answer):
    """The market: what a program needs before it sends anything."""

    chain_id: int
    network: str
    coin: Coin
    slot_seconds: int
    horizon_seconds: int = Field(description="So far ahead periods can be traded.")
    regions: list[str]
    contracts: dict[str, Address]
    head: Head


class PeriodInfo(Answer):
    """A delivery period."""

    kind: Kind
    start: Time
    end: Time
    gate_closes_at: Time = Field(description="The last second at which its orders can trade.")


class Level(Answer):
    """All orders of one limit."""

    price_per_kwh: int
    energy_wh: Wh
    orders: int


class Book(Answer):
    """The open signed orders of a period, and what clearing them now would give."""

    period: PeriodInfo
    region: str
    bids: list[Level] = Field(description="The highest first.")
    asks: list[Level] = Field(description="The lowest first.")
    clearing_price_per_kwh: int | None = Field(description="null: nothing would trade.")
    clearing_energy_wh: Wh


class PricePoint(Answer):
    """What a batch traded at."""

    period: PeriodInfo
    price_per_kwh: int
    energy_wh: Wh


class GridPrice(Answer):
    """What the grid asks and pays in a slot, and the fees among neighbours."""

    start: Time
    buy_per_kwh: int
    feed_in_per_kwh: int
    network_fee_per_kwh: int = Field(description="Of energy that is shared or traded.")
    protocol_fee_per_kwh: int = Field(description="Of energy that is traded.")


class Prices(Answer):
    """What energy costs in a region, past and known ahead."""

    region: str
    traded: list[PricePoint] = Field(description="Of all regions.")
    grid: list[GridPrice]


# Orders


class SignedOrderDocument(Request):
    """An order as its trader has signed it: what ``energy-grid order sign`` writes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    chain_id: Whole = Field(alias="chainId")
    contract: Address
    trader: Address
    side: Side
    amount_wh: Whole = Field(alias="amountWh")
    price_per_kwh: Whole = Field(alias="pricePerKwh")
    period: Kind
    delivery_start: Whole = Field(alias="deliveryStart", description="Unix seconds.")
    valid_until: Whole = Field(alias="validUntil", description="Unix seconds.")
    nonce: Whole
    signature: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2})*$", max_length=16_386)]
    by_contract: bool = Field(default=False, alias="byContract")


class Order(Answer):
    """An order, no further than the chain is."""

    id: str = Field(description="A signed order's hash, or the number of an on-chain order.")
    is_signed: bool = Field(description="Whether it lives off the chain.")
    trader: Address
    side: Side
    period: PeriodInfo
    amount_wh: Wh
    price_per_kwh: int
    valid_until: Time
    nonce: int | None
    state: OrderStateName
    reason: RefusalName | None
    filled_wh: Wh


class UnsignedCall(Answer):
    """A call that a wallet signs and sends; nothing happens until it does."""

    chain_id: int
    sender: Address = Field(alias="from")
    to: Address
    data: str
    value: Whole
    contract: str
    function: str
    gas: Whole | None = Field(default=None, description="null: it would revert now.")
    reverts: str | None = Field(default=None, description="Why it would revert now.")
    relay_typed_data: dict[str, Any] | None = Field(
        default=None,
        description="What a wallet signs (eth_signTypedData_v4) to have it relayed within an hour,"
        " as the account's next call; null: it cannot be relayed.",
    )


class Balancing(UnsignedCall):
    """The call that opens a balancing action."""

    transaction: Hash | None = Field(default=None, description="null: nothing was sent.")


class Cancellation(Answer):
    """What became of a cancellation."""

    order: Order
    call: UnsignedCall | None = Field(
        description="What makes the signature worthless on the chain as well."
    )


class QuoteRequest(Request):
    """An order that nobody has signed yet."""

    account: Address
    side: Side
    amount_wh: Annotated[int, Field(gt=0, le=2**53, strict=True)]
    price_per_kwh: Annotated[int, Field(ge=0, lt=2**32, strict=True)]
    period: Kind = "HOURLY"
    start: Time


class Quote(Answer):
    """What an order would bring, and how likely it is to trade.

    Money is what the account pays (below 0) or gets, after all fees; of what trades.
    """

    at_limit: Whole = Field(description="If all of it trades at its own limit: the worst case.")
    reserved: Whole = Field(description="What is held back of its money as long as it is open.")
    available: Whole | None = Field(
        description="What the account could reserve now; null unless it is signed in."
    )
    fills_now_wh: Wh = Field(description="What would trade if the book were cleared now.")
    price_now_per_kwh: int | None
    money_now: Whole = Field(description="For what would trade now.")
    grid_alone: Whole = Field(description="All of it with the grid instead of neighbours.")
    past_periods: int = Field(description="Periods of this hour that traded in 28 days.")
    past_within_limit: int = Field(description="How many of them had a price within the limit.")
    typed_data: dict[str, Any] = Field(
        description="What a wallet signs (eth_signTypedData_v4) to place it."
    )


class Trade(Answer):
    """What two orders have traded."""

    id: Whole
    period: PeriodInfo | None
    amount_wh: Wh
    price_per_kwh: int
    matched_at: Time
    transaction: Hash
    buy_order: str | None = Field(description="null: of others.")
    sell_order: str | None


class Batch(Answer):
    """Orders of a period that were traded at one price, in one transaction."""

    id: int
    period: PeriodInfo
    price_per_kwh: int
    energy_wh: Wh
    matches: int
    order_set: Hash = Field(description="The root of all orders that were considered.")
    settled_at: Time = Field(description="When it came into a block.")
    transaction: Hash


class Audit(Answer):
    """A batch cleared again from its published orders."""

    order_set: Hash
    orders: int
    is_optimal: bool
    volume_wh: Wh
    best_volume_wh: Wh
    welfare: Whole = Field(description="Sum of (bid limit - ask limit) * Wh.")
    optimum: Whole
    findings: list[str]


# The grid


class RegionLoad(Answer):
    """What the region's operators have reported last."""

    capacity_kw: int
    demand_kw: int
    percentage: int
    status: str
    reported_at: Time


class RegionStability(Answer):
    """Frequency and voltage as the region's operators have reported them last."""

    frequency_centihertz: int
    voltage_percent: int
    level: str
    reported_at: Time


class RegionBand(Answer):
    """Where the levels NORMAL, ALERT and EMERGENCY end, bounds included; beyond is CRITICAL."""

    normal_low: int
    normal_high: int
    alert_low: int
    alert_high: int
    emergency_low: int
    emergency_high: int


class RegionBands(Answer):
    """What is nominal in a region, and how far it may deviate."""

    nominal_frequency_centihertz: int
    nominal_voltage_decivolts: int
    frequency_centihertz: RegionBand
    voltage_percent: RegionBand


class CriticalVoice(Answer):
    """An operator's CRITICAL report or response, which waits for another voice."""

    operator: Address
    until: Time = Field(description="The last second at which it counts.")


class CriticalEvent(Answer):
    """A critical event of a region that is open."""

    event: int
    operator: Address = Field(description="Who opened it; the GridOracle where its load did.")
    confirmed_by: Address = Field(description="The other voice: an operator, or the GridOracle.")
    frequency_centihertz: int
    voltage_percent: int
    opened_at: Time


class RegionStatus(Answer):
    """A region now."""

    region: str
    buy_per_kwh: int = Field(description="What a deficit of the running slot costs.")
    capacity_wh: Wh = Field(description="Of a slot, as the oracle has it; 0 if it is not fresh.")
    load_wh: Wh
    available_wh: Wh
    declared_production_wh: Wh = Field(description="Of all regions.")
    is_oracle_fresh: bool
    condition: str
    is_in_emergency: bool
    emergency_until: Time | None = Field(description="It ends by itself; null: there is none.")
    protocol: str = Field(
        description="NONE, LOAD_SHEDDING (no purchases, half of the draw), ISLANDING (no trade"
        " across the region's border), GENERATION_CURTAILMENT (no sales, half of the production),"
        " or BLACK_START (all stopped; storages, producers and consumers return one after the"
        " other)."
    )
    voice: CriticalVoice | None
    critical_events: list[CriticalEvent] = Field(description="Those that are open.")
    open_actions: int = Field(description="Balancing actions that are open.")
    load: RegionLoad | None
    stability: RegionStability | None
    bands: RegionBands


class GridStatus(Answer):
    """The grid now."""

    time: Time
    regions: list[RegionStatus]


class PowerPoint(Answer):
    """Power at a moment, as oracle or operator had it."""

    time: Time
    power_kw: int
    source: Literal["oracle", "operator"]


class RecordedDay(Answer):
    """What the settlement meters of the whole grid have measured on a day, as its operator has
    recorded it."""

    recorded_at: Time = Field(description="After that day.")
    energy_wh: Wh
    peak_wh: Wh | None = Field(description="Of the slot with the most, of what was used.")


class PowerSeries(Answer):
    """Demand or supply of a region, and of the whole grid by day."""

    region: str
    points: list[PowerPoint]
    days: list[RecordedDay]


class BalanceRequest(Request):
    """A balancing action to be opened."""

    operator: Address
    region: str = Field(max_length=32)
    action: Literal[
        "INCREASE_GENERATION",
        "DECREASE_GENERATION",
        "SHED_LOAD",
        "RESTORE_LOAD",
        "RESERVE_ACTIVATION",
    ]
    target_kw: Annotated[int, Field(gt=0, lt=2**53, strict=True)]
    priority: Annotated[int, Field(ge=1, le=5, strict=True)]
    send: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="Whether the backend sends the call, with the operator's key: if it has it, and"
        " the operator is signed in.",
    )


class FeederBus(Answer):
    """Where cables meet and houses are connected."""

    bus: str
    longitude: float
    latitude: float
    meters: int
    drawn_w: int | None = Field(
        description="By its houses, less what they feed in; null: not measured."
    )
    voltage_decivolts: int | None


class FeederLine(Answer):
    """A cable, and what goes through it."""

    line: str
    upper_bus: str = Field(description="Nearer to the transformer.")
    lower_bus: str
    length_m: int
    rating_w: int
    power_w: int = Field(description="Towards the houses; below 0: they feed in.")


class FeederState(Answer):
    """A feeder in the newest slot that is measured: without losses and reactive power."""

    region: str
    start: Time
    end: Time
    station: str = Field(description="The bus of the transformer.")
    rating_w: int
    power_w: int = Field(description="Through the transformer, towards the houses.")
    lines: list[FeederLine]
    buses: list[FeederBus]
    meters: int
    measured: int = Field(description="So many of them have shown both ends of the slot.")


class FeederFlow(Answer):
    """What flows in a feeder in a slot, by a power flow of what its meters have read: with losses,
    without the reactive power of houses, as averages of the slot.

    Loads are basis points of what something can carry, voltages of the rated one.
    """

    start: Time
    end: Time
    measured: int = Field(description="So many meters have shown both ends of the slot.")
    meters: int
    supply_w: int = Field(description="Through the transformer; below 0: back into the grid.")
    losses_w: int
    transformer_bps: int
    cable: str = Field(description="The one with the highest load.")
    cable_bps: int
    lowest_bus: str
    lowest_bps: int
    highest_bus: str
    highest_bps: int
    is_broken: bool = Field(description="Whether a load or a voltage is out of its bounds.")


class FeederAhead(Answer):
    """What a feeder is to carry in an hour, by the forecasts of its houses.

    EXPECTED   all houses together draw and feed in what half of such hours are below
    LOADED     they draw what 90 of 100 hours are below, and feed in what 10 are
    SUNNY      they draw what 10 of 100 hours are below, and feed in what 90 are

    The other fields are those of `FeederFlow`.
    """

    case: Literal["EXPECTED", "LOADED", "SUNNY"]
    start: Time
    supply_w: int
    losses_w: int
    transformer_bps: int
    cable: str
    cable_bps: int
    lowest_bus: str
    lowest_bps: int
    highest_bus: str
    highest_bps: int
    is_broken: bool


class Alarm(Answer):
    """Something that its region's operator has to know.

    TRANSFORMER   the transformer carries more than it can
    LINE          a cable does
    VOLTAGE       a meter sees a voltage outside its region's ALERT band
    BUS_VOLTAGE   the voltage at a bus is out of its bounds, as far as it can be computed
    SILENT        a meter shows nothing any more
    QUARANTINED   readings of a meter that do not count
    """

    alarm: str = Field(description="Its name, for the acknowledgement.")
    kind: Literal["TRANSFORMER", "LINE", "VOLTAGE", "BUS_VOLTAGE", "SILENT", "QUARANTINED"]
    region: str
    subject: str = Field(description="The bus, the line, or the meter's address.")
    since: Time | None
    value: int | None = Field(description="W, decivolts, or so many readings.")
    limit: int | None = Field(description="W or decivolts.")
    acknowledged_by: Address | None
    acknowledged_at: Time | None


# Accounts


class Balances(Answer):
    """Everything that an account has, in the market and beside it."""

    account: Address
    number: int | None = Field(description="Of its settlement account; null: it has none.")
    is_contract: bool = Field(
        description="Whether it is a contract wallet, such as a Safe: its owners send for it."
    )
    native_wei: Whole = Field(description="For gas.")
    wallet: Whole = Field(description="Coins in the wallet, in the token's smallest unit.")
    balance: Whole = Field(description="In the market.")
    available: Whole = Field(description="Of that, what orders can take now.")
    debt: Whole
    receivable: Whole = Field(description="What the grid account owes it.")
    security: Whole = Field(description="For its meter.")
    credits_wh: Wh = Field(description="Energy credits.")
    carbon_grams: Whole = Field(description="Carbon credits: g of CO2e.")
    keeps_surplus: bool = Field(
        description="Whether its surplus from tomorrow on becomes energy credits."
    )


class AccountSlot(Answer):
    """A slot of an account, as the chain has read it."""

    start: Time
    is_read: bool = Field(description="Whether the registers at both its ends are on the chain.")
    net_wh: Wh = Field(description="Metered export less import.")
    traded_wh: Wh = Field(description="Bought less sold.")
    shared_taken_wh: Wh = Field(description="If the slot closed now; final once its day is.")
    shared_given_wh: Wh


class AccountDay(Answer):
    """A closed day of an account; energy in Wh."""

    day: str = Field(examples=["2024-01-01"])
    money_thousandths: Whole = Field(
        description="What the grid paid, below 0 what it charged; thousandths of a unit."
    )
    net_wh: Wh = Field(description="Metered export less import.")
    traded_wh: Wh = Field(description="Bought less sold.")
    shared_taken_wh: Wh = Field(description="Of the community.")
    shared_given_wh: Wh
    credits_drawn_wh: Wh
    credits_kept_wh: Wh
    from_grid_wh: Wh
    fed_in_wh: Wh


LineKind = Literal[
    "grid",
    "bank",
    "shared_taken",
    "shared_given",
    "bought",
    "sold",
    "fed_in",
    "kept",
    "network_fee",
    "protocol_fee",
    "late",
    "deemed",
    "redeemed",
    "spot_bought",
    "spot_sold",
    "tokens_in",
    "tokens_out",
    "reward",
    "aggregator_fee",
    "reward_budget",
    "budget_returned",
    "certificates_bought",
    "certificates_sold",
    "certificates_retired",
    "carbon_bought",
    "carbon_sold",
    "plant_revenue",
    "buyout_offered",
    "buyout_returned",
    "paid_for_others",
    "grid_funded",
    "fees_collected",
    "paid_in",
    "paid_out",
    "tax",
]


class StatementLine(Answer):
    """A line of a statement: energy or a fee at one price, or another payment."""

    kind: LineKind
    name: str | None = Field(description="Of a tax.")
    of_month: str | None = Field(
        description="Of a correction: the month whose statement was issued before."
    )
    price_per_kwh: Whole | None = Field(description="None: it was not the same all the time.")
    energy_wh: Wh | None
    money_thousandths: Whole = Field(
        description="What came in, below 0 what was paid; thousandths of a unit."
    )


class Statement(Answer):
    """A month of an account, or of the accounts of a community or a region together."""

    subject: str = Field(
        description="An account's address, community:NUMBER or region:NAME.",
        examples=["community:1"],
    )
    month: str = Field(examples=["2024-01"])
    number: str | None = Field(description="None as long as it is not issued.")
    issued_at: Time | None = Field(description="From then on it stays as it is.")
    accounts: int = Field(description="With closed days in it.")
    days: list[AccountDay] = Field(
        description="Of an account those that it has: of the month, and of months before it that"
        " were closed since their own statement."
    )
    sum: AccountDay = Field(description="Of all these days; its day is the month's last one.")
    open_days: int = Field(description="Of an account: over, and not closed by then.")
    unknown_wh: Wh = Field(
        description="Bought less sold in trades whose prices this backend does not know."
    )
    lines: list[StatementLine] = Field(description="What went through accounts of the market.")
    money_thousandths: Whole = Field(description="The sum of the lines.")
    transfers: list[StatementLine] = Field(
        default=[], description="What was paid into the account, and out of it."
    )
    transfers_thousandths: Whole = Field(
        default=0, description="With the sum of the lines: what the account has more than before."
    )
    wallet: list[StatementLine] = Field(
        description="What wallets paid and got beside the account: demand response, certificates,"
        " plants that several own."
    )
    wallet_thousandths: Whole
    taxes: list[StatementLine] = Field(description="As configured; the market collects none.")
    taxes_thousandths: Whole


class DayTotals(Answer):
    """A closed day of several accounts together; energy in Wh."""

    day: str = Field(examples=["2024-01-01"])
    accounts: int = Field(description="Whose day is closed.")
    bought_wh: Wh = Field(description="In trades.")
    sold_wh: Wh
    shared_taken_wh: Wh = Field(description="Of communities.")
    shared_given_wh: Wh
    credits_drawn_wh: Wh
    credits_kept_wh: Wh
    from_grid_wh: Wh
    fed_in_wh: Wh
    used_wh: Wh = Field(description="Taken from the street or bought: all of it.")
    not_from_grid_wh: Wh = Field(description="Of that, what the grid did not deliver.")
    made_wh: Wh = Field(description="Given to the street or sold: all of it.")
    not_fed_in_wh: Wh = Field(description="Of that, what the grid did not take.")
    money_thousandths: Whole = Field(
        description="What the grid paid, below 0 what it charged; thousandths of a unit."
    )


class DayMatching(Answer):
    """Hours of a day in which connections gave and took energy, together."""

    day: str = Field(examples=["2024-01-01"])
    accounts: int = Field(description="Whose meters were read in each hour of it.")
    import_wh: Wh = Field(description="What they took from the street.")
    export_wh: Wh = Field(description="What they gave to it.")
    matched_wh: Wh = Field(
        description="Hour by hour, so much of what was taken was given in the same hour."
    )


class HourMatching(Answer):
    """An hour of the day, of all these days together."""

    hour: int = Field(description="0 to 23, in UTC.")
    import_wh: Wh
    export_wh: Wh
    matched_wh: Wh


class Matching(Answer):
    """How much of what was taken was given nearby in the same hour."""

    days: list[DayMatching]
    hours: list[HourMatching]


class DayImbalance(Answer):
    """A closed day of several accounts that have traded on it: what they traded, and how far what
    their meters counted was from it."""

    day: str = Field(examples=["2024-01-01"])
    accounts: int
    bought_wh: Wh = Field(description="Bought less sold, of those who bought more.")
    sold_wh: Wh = Field(description="Sold less bought, of those who sold more.")
    spent_thousandths: Whole = Field(
        description="On trades to be delivered from this day on, without fees."
    )
    earned_thousandths: Whole
    trades_thousandths: Whole = Field(description="Earned less spent.")
    short_wh: Wh = Field(description="What was missing in slots: used above, or made below.")
    long_wh: Wh = Field(description="What was left over in slots.")
    money_thousandths: Whole = Field(
        description="What closing paid for that at the slots' prices, below 0 what it charged."
    )


class DayEmissions(Answer):
    """What energy from the grid stands for, at the factor that the market knows."""

    day: str = Field(examples=["2024-01-01"])
    accounts: int
    from_grid_wh: Wh
    grams_per_kwh: int | None = Field(
        description="CO2e that a clean kWh avoids, as governance has set it; null: nothing is set."
    )
    milligrams: Whole | None = Field(description="Wh times that factor.")


class DayCertified(Answer):
    """How much of what several accounts used on a closed day certificates were retired for."""

    day: str = Field(examples=["2024-01-01"])
    accounts: int
    taken_wh: Wh = Field(description="From the street, as `/analytics/days` has it.")
    own_wh: Wh = Field(
        description="Certified of plants behind the meter, and not given to the street."
    )
    retired_wh: Wh = Field(description="Certificates that were retired against both, so far.")
    used_wh: Wh = Field(description="Both: taken from the street, and of own plants.")


class DayWelfare(Answer):
    """What batches made of the orders of periods that begin on a day."""

    day: str = Field(examples=["2024-01-01"])
    clearings: int
    energy_wh: Wh = Field(description="That was traded.")
    welfare_thousandths: Whole = Field(description="Sum of (bid limit - ask limit) * Wh.")
    optimum_thousandths: Whole = Field(description="The most that the same orders allowed.")


class PriceLevel(Answer):
    """A price that the grid asked, and in how many slots."""

    buy_per_kwh: int
    slots: int


class DayGas(Answer):
    """Gas that this backend's services used on a day, by what it was for."""

    day: str = Field(examples=["2024-01-01"])
    households: int = Field(description="Meters that were registered for settlement by then.")
    batches: int
    settlement: int
    readings: int
    relay: int
    grid: int = Field(description="Oracles, and what operators report and do.")
    gas: int = Field(description="All of it.")


ForecastMethod = Literal["MODEL", "YESTERDAY", "LAST_WEEK", "WEEK_MEAN", "COMMUNITY", "DAYS_BEFORE"]


class ForecastHour(Answer):
    """What comes in an hour: 10, 50 and 90 of 100 hours are below."""

    start: Time
    low_wh: Wh
    median_wh: Wh
    high_wh: Wh


class MeasuredHour(Answer):
    """What came in an hour."""

    start: Time
    wh: Wh


class Forecast(Answer):
    """What is drawn or fed in during 48 hours.

    MODEL         trees that were trained on what meters have read
    YESTERDAY     the same hour of the day before
    LAST_WEEK     the same hour of the week before
    WEEK_MEAN     the mean of the same hour of the week before
    COMMUNITY     a new household's part of the forecast of its community
    DAYS_BEFORE   the same hour of the two weeks before, while there is no model
    """

    what: Literal["LOAD", "PRODUCTION"]
    origin: Time = Field(description="Nothing that was read later is in it.")
    method: ForecastMethod = Field(description="Of the median: that which erred least before.")
    version: str | None = Field(description="Of the models; the same readings make the same one.")
    trained_until: Time | None
    hours: list[ForecastHour]
    measured: list[MeasuredHour] = Field(description="From a day before the origin until now.")


class ForecastDay(Answer):
    """A day as it was forecast when it began, against what came."""

    day: str = Field(examples=["2024-01-01"])
    what: Literal["LOAD", "PRODUCTION"]
    hours: int = Field(description="That were measured.")
    came_wh: Wh
    missed_wh: Wh = Field(description="The sum of the hours' absolute errors.")
    baseline: ForecastMethod = Field(description="That which erred least in all days asked for.")
    baseline_missed_wh: Wh
    method: ForecastMethod
    version: str | None
    expected_bps: int | None = Field(
        description="The mean error of such series before the training, of what came."
    )


# What there is


class Community(Answer):
    """A community that shares energy."""

    id: int
    region: str
    manager: Address
    gateway: Address | None
    theta_bps: int = Field(description="Where between feed-in and buy the price of sharing is.")
    members: int
    created_at: Time


class Program(Answer):
    """A demand-response program."""

    id: int
    region: str
    operator: Address
    name: str
    target_reduction_kw: int
    incentive_rate: Whole
    ends_at: Time
    budget: Whole
    members: int
    closed_at: Time | None


class DemandEvent(Answer):
    """A demand-response event."""

    id: int
    program: int
    region: str
    operator: Address
    kind: EventKindName = Field(description="PRICE announces a price and pays nothing.")
    group: str = Field(description="Of the program, whom it is for; empty: all.")
    opt_in: bool = Field(description="Whether only those take part who opt in.")
    is_test: bool = Field(description="Whether it is measured and not paid.")
    target_reduction_kw: int
    reward_per_kw: Whole = Field(description="For the whole event; of a price: per kWh.")
    announced_at: Time = Field(description="Who enrolled earlier takes part.")
    starts_at: Time
    measured_from: Time = Field(description="After the ramp.")
    ends_at: Time
    budget: Whole
    completed_at: Time | None
    cancelled_at: Time | None


class OwnProgram(Program):
    """A program that an account can join, or has been in."""

    min_commitment_w: int = Field(description="The least that one can commit to.")
    committed_w: int = Field(description="What the account has committed to; 0: it is not in it.")
    reduced_w: int = Field(description="The sum of what its operator has reported.")
    claimable: Whole = Field(description="What it has earned and not been paid.")


class OwnEvent(DemandEvent):
    """An event that an account is asked in, and what came of it."""

    state: EventStateName
    takes_part: bool | None = Field(
        description="What the account chose, or what holds if it does not; null: it is not enrolled"
        " in time."
    )
    reduction_w: int | None = Field(
        description="Average W over what is measured, below 0 if it used more; null: nobody has"
        " shown it."
    )
    minimum_w: int = Field(description="What a reduction must reach by itself; 0 before that.")
    is_metered: bool = Field(description="Whether the meter has shown it.")
    verifiable_until: Time
    reward: Whole = Field(description="0 until it is completed.")
    is_paid: bool


class OwnDemandResponse(Answer):
    """What demand response is to an account."""

    is_consumer: bool = Field(
        description="Whether it is registered: without that its reductions do not count."
    )
    programs: list[OwnProgram] = Field(description="The newest first.")
    events: list[OwnEvent] = Field(description="Up to 50, the newest first.")


class Asset(Answer):
    """A production asset."""

    id: int
    kind: str
    capacity_w: int
    owner: Address
    is_in_service: bool
    shares: Address | None = Field(description="The contract of its shares, if it is divided.")


class Holding(Answer):
    """Shares of an asset that an account has, or of which it can claim revenue."""

    asset: int
    kind: str
    capacity_w: int
    shares: Address = Field(description="The contract of the shares.")
    held: int
    all_shares: int
    claimable: Whole = Field(description="Revenue, in the token's smallest unit.")


class CertificateDevice(Answer):
    """A device of an account: a meter whose production is certified."""

    device: int = Field(description="The number of its meter.")
    technology: str
    region: str
    earns_from: Time
    earns_until: Time | None = Field(description="None: it still earns.")
    issued_wh: Wh = Field(description="In all, before corrections.")
    owed_wh: Wh = Field(description="What its next production makes good.")


class CertificateDay(Answer):
    """What an account has of a device's certificates of a day."""

    day: str = Field(examples=["2024-01-01"])
    device: int
    technology: str
    issued_wh: Wh = Field(description="What the account's device earned, less corrections.")
    held_wh: Wh = Field(description="By the account, now.")
    retired_wh: Wh = Field(description="Against the consumption of the account.")


class CertificateOffer(Answer):
    """Certificates of a device and a range of slots that somebody sells."""

    id: int
    seller: Address
    device: int
    technology: str
    region: str
    begins_at: Time
    ends_at: Time = Field(description="Of the last slot.")
    amount_wh: Wh
    sold_wh: Wh
    available_wh: Wh = Field(description="What is left of it, as far as its seller has it.")
    price_per_kwh: Whole = Field(description="In the smallest unit of the currency.")
    currency: Address
    offered_at: Time
    cancelled_at: Time | None


class OwnCertificates(Answer):
    """What an account has to do with certificates of production."""

    devices: list[CertificateDevice]
    days: list[CertificateDay] = Field(description="Of production, the newest first.")
    held_wh: Wh = Field(description="Of all days.")
    retired_wh: Wh = Field(description="Of all days.")
    offers: list[CertificateOffer] = Field(description="Its own, the newest first; 50 at most.")
    may_sell: bool = Field(description="Whether the account lets the market move them.")


class CertificateSlot(Answer):
    """The certificate of a device and slot."""

    id: Whole = Field(description="Of the token.")
    start: Time
    held_wh: Wh = Field(description="By the account, or by the seller.")


class HeldCertificate(CertificateSlot):
    """One that an account has."""

    matchable_wh: Wh = Field(
        description="What the account could retire now: it used as much in the slot, and nothing is"
        " matched with that yet."
    )


class VenRequest(Request):
    """A program that speaks OpenADR, which is to have credentials."""

    name: str = Field(
        min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Heat pump"]
    )
    may_opt: bool = Field(
        default=False, description="Whether it may opt out of events for the account, and in again."
    )


class VenClient(Answer):
    """A program that speaks OpenADR for an account."""

    client_id: str
    name: str
    may_opt: bool
    created_at: Time


class VenCredentials(VenClient):
    """With what a program asks for tokens."""

    client_secret: str = Field(description="Shown this once: the market has only its hash.")


class VenTelemetry(Answer):
    """What a program has reported of an interval, beside what the meter shows of it."""

    event: int
    client_id: str
    resource: str
    starts_at: Time
    ends_at: Time
    reported_wh: int
    metered_wh: int | None = Field(
        description="Import less export of the account's settlement meters, which decides what is"
        " paid; null: they were not read at both ends."
    )
    received_at: Time


class Notice(Answer):
    """What has happened to an account, or what it should do."""

    id: str = Field(description="The same as long as it says the same.")
    kind: NoticeKind
    at: Time = Field(description="When it came to be, or from when on it can be acted upon.")
    needs_step: bool = Field(description="Whether the account should do something about it.")
    subject: str | None = Field(
        description="A meter's address, an event's number, a day, an order's id, a withdrawal's"
        " number, an invitation, or the contract of shares."
    )
    money_thousandths: Whole | None = Field(
        description="Of a day below 0 what it cost, above what it brought; thousandths of a unit."
    )
    energy_wh: Wh | None = Field(description="Of a trade.")
    count: int | None = Field(description="Of readings that do not count.")


class Proposal(Answer):
    """A proposal of governance."""

    id: Whole
    proposer: Address
    description: str
    vote_starts_at: Time
    vote_ends_at: Time
    queued_at: Time | None
    executed_at: Time | None
    canceled_at: Time | None
    predecessors: list[Whole] = Field(description="Proposals that must be executed before it.")


class GridOperator(Answer):
    """A grid operator."""

    operator: Address
    region: str
    name: str
    capacity_kw: int
    score: int
    status: str
    is_authorized: bool


class Retirement(Answer):
    """A certificate: clean production that was used up for somebody."""

    id: int
    beneficiary: str
    grams_co2e: Whole
    reason: str
    retired_at: Time


# Calls


class CallPart(Request):
    """A call without who makes it."""

    contract: str = Field(max_length=64, examples=["Settlement"])
    function: str = Field(max_length=300, examples=["deposit"])
    arguments: list[Any] = Field(
        max_length=64,
        description="As the function has them; whole numbers as text, bytes as 0x and digits.",
    )
    address: Address | None = Field(
        default=None, description="Of AssetShares, of which there are many: whose shares."
    )


class CallRequest(CallPart):
    """A call that is to be built."""

    sender: Address = Field(alias="from")
    value: Whole = 0


PermitSpender = Literal["Settlement", "CertificateMarket"]


class PermitRequest(Request):
    """An amount that a contract is to take from an account's wallet: a deposit, or the price of
    certificates."""

    account: Address
    amount: Natural
    spender: PermitSpender = "Settlement"


class Permit(Answer):
    """What lets the contract take it, without a transaction of its own (EIP-2612)."""

    typed_data: dict[str, Any] = Field(
        description="What the wallet signs (eth_signTypedData_v4); its deadline and the signature's"
        " v, r and s are arguments of Settlement.depositWithPermit and CertificateMarket.usePermit."
    )


# The Safes


class SafeInfo(Answer):
    """A Safe of the operators: an account that several owners sign for."""

    name: str = Field(description="Such as treasury; paths name it so.")
    safe: Address
    owners: list[Address]
    threshold: int = Field(description="So many of them must sign.")
    nonce: int = Field(description="Of its next transaction.")
    roles: list[str] = Field(description="What it may do in the market.")


class SafeRequest(Request):
    """Calls that a Safe is to make in one transaction: all of them, or none."""

    calls: list[CallPart] = Field(min_length=1, max_length=100)


class SafeSignature(Request):
    """What an owner has signed."""

    signature: Annotated[str, Field(pattern="^0x[0-9a-fA-F]{130}$")]


class SafeTransaction(Answer):
    """A transaction of a Safe that waits for its owners."""

    hash: Hash = Field(description="What is signed, as all tools for a Safe show it.")
    nonce: int
    to: Address
    value: Whole
    data: str
    operation: Literal["CALL", "DELEGATE_CALL"]
    effects: list[str] = Field(description="What each of its calls does, decoded from its data.")
    proposer: Address
    proposed_at: Time
    signed_by: list[Address]
    missing: int = Field(description="So many owners must sign before another one sends it.")
    is_next: bool = Field(description="Whether those before it are done.")
    reverts: str | None = Field(
        description="Why it would have no effect as the chain is now; null: it would."
    )
    typed_data: dict[str, Any] = Field(
        description="What an owner's wallet signs (eth_signTypedData_v4)."
    )


# What if


_Price = Annotated[int, Field(ge=0, lt=2**32, strict=True)]
_IntervalWh = Annotated[int, Field(ge=0, le=MAX_INTERVAL_WH, strict=True)]
_Factor = Annotated[int, Field(ge=FACTOR_ONE, lt=2**16, strict=True)]
_Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
# A year of quarter hours.
_MAX_INTERVALS = 366 * 96


class SimulatedHousehold(Request):
    """What a household used and made, in Wh, interval by interval."""

    name: str = Field(min_length=1, max_length=100)
    consumption_wh: list[_IntervalWh] = Field(
        min_length=1, max_length=_MAX_INTERVALS, examples=[[250, 310]]
    )
    production_wh: list[_IntervalWh] | None = Field(
        None, max_length=_MAX_INTERVALS, description="By its panels; left out: it has none."
    )


class SimulationData(Request):
    """Households, and what they used and made in the same intervals."""

    start: Time = Field(description="Of the first interval.", examples=["2024-06-01T00:00:00Z"])
    interval_seconds: Literal[900, 3600]
    households: list[SimulatedHousehold] = Field(min_length=1, max_length=MAX_MEMBERS)

    @model_validator(mode="after")
    def _require_whole(self) -> Self:
        if self.start.timestamp() % self.interval_seconds:
            raise ValueError(f"start begins no interval of {self.interval_seconds} s")
        names, length = set(), len(self.households[0].consumption_wh)
        for each in self.households:
            if each.name in names:
                raise ValueError(f"two households have the name {each.name!r}")
            names.add(each.name)
            for series in (each.consumption_wh, each.production_wh or each.consumption_wh):
                if len(series) != length:
                    raise ValueError(
                        f"{each.name!r} has {len(series)} intervals, and the first household"
                        f" {length}: all have the same"
                    )
        return self


class SimulationRequest(Request):
    """A community, and what energy costs it: one of week, csv and data."""

    week: Literal["summer", "winter"] | None = Field(
        None, description="Of the demo's village: 92 households, by the quarter hour."
    )
    csv: str | None = Field(
        None,
        max_length=MAX_TABLE,
        description="A row for each household and interval, with the columns time, household,"
        " consumption_wh and perhaps production_wh: what energy-grid simulate reads.",
        examples=["time,household,consumption_wh\n2024-06-01T12:00,Elm Street 4,250"],
    )
    data: SimulationData | None = None
    grid_price: _Price = Field(description="Of what the grid brings, per kWh.", examples=[300_000])
    feed_in: _Price = Field(description="For what the grid takes, per kWh.", examples=[80_000])
    network_fee: _Price = Field(0, description="Of what neighbours share, per kWh.")
    theta_bps: int = Field(
        5000,
        ge=0,
        le=10_000,
        strict=True,
        description="Where between feed-in and grid price the price of sharing is.",
    )
    key: Literal["dynamic", "static"] = Field(
        "dynamic", description="Of sharing: by what each needs, or equal parts."
    )
    factors_bps: list[_Factor] | None = Field(
        None,
        min_length=24,
        max_length=24,
        description="How many times the grid price each hour of a day (UTC) costs: 10000 and more.",
    )
    panels: _Percent | None = Field(
        None, description="Percent of the households that have panels; left out: as it is."
    )
    batteries: _Percent | None = Field(None, description="Percent that have a battery.")
    battery_wh: int | None = Field(
        None,
        gt=0,
        le=MAX_INTERVAL_WH,
        strict=True,
        description="Capacity of new batteries, with half as many W; left out: those that there"
        " are, in turn.",
    )
    slot_seconds: Literal[900, 3600] | None = Field(
        None, description="Left out: as long as the intervals."
    )

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if sum(each is not None for each in (self.week, self.csv, self.data)) != 1:
            raise ValueError("send one of week, csv and data")
        return self


class SimulatedBill(Answer):
    """What a household would have paid; money below 0 is income."""

    name: str
    panels: bool
    battery: bool
    used_wh: Wh
    generated_wh: Wh
    left_in_battery_wh: Wh = Field(description="More at the end than at the beginning.")
    taken_wh: Wh = Field(description="From neighbours.")
    given_wh: Wh = Field(description="To neighbours.")
    from_grid_wh: Wh
    fed_in_wh: Wh
    from_grid_alone_wh: Wh = Field(description="The same with the grid alone.")
    fed_in_alone_wh: Wh
    bill: Whole
    grid_alone: Whole = Field(description="The bill with the grid alone.")


class Simulation(Answer):
    """What a community would have paid, and what it pays with the grid alone."""

    start: Time
    end: Time
    slot_seconds: int
    days: int
    shared_price: int = Field(description="Among neighbours, per kWh.")
    used_wh: Wh
    generated_wh: Wh
    lost_in_batteries_wh: Wh
    left_in_batteries_wh: Wh
    shared_wh: Wh
    from_grid_wh: Wh
    fed_in_wh: Wh
    from_grid_alone_wh: Wh
    fed_in_alone_wh: Wh
    self_sufficiency_bps: int | None = Field(
        description="Of what was used, how much the grid did not bring; null: nothing was used."
    )
    self_sufficiency_alone_bps: int | None = Field(description="The same with the grid alone.")
    bill: Whole = Field(description="The sum of all bills.")
    grid_alone: Whole
    gas_per_household_and_day: int = Field(
        description="Of settling the day on the chain, as it was measured with 100 members."
    )
    households: list[SimulatedBill]


# Enrolment


class EnrolmentRequest(Request):
    """Households that are invited, a line each."""

    csv: str = Field(
        max_length=100_000,
        description="A first line with the columns: name (of the household, for people), meter (the"
        " address of its device's key), region, power_kw (the largest in either direction), and"
        " perhaps sub_meter (yes: it is behind the account's settlement meter).",
        examples=["name,meter,region,power_kw\nElm Street 4,0x…,home,10"],
    )


class DeviceProof(Request):
    """What a device has signed: that it is there, and what its registers show."""

    import_wh: int = Field(ge=0, lt=2**48)
    export_wh: int = Field(ge=0, lt=2**48)
    deadline: Time = Field(description="Until when it can be registered so: within 30 days.")
    proof: Annotated[str, Field(pattern="^0x[0-9a-fA-F]{130}$")]


class HolderConsent(Request):
    """What the account's holder has signed, or its contract wallet confirms."""

    consent: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2})*$", max_length=2000)]


class Enrolment(Answer):
    """A household on its way into the market.

    INVITED      nobody has accepted yet
    ACCEPTED     an account has; its device is to prove that it is there
    PROVEN       the device has; the account's holder is to agree
    AGREED       the holder has; the registrar is to register it
    REGISTERED   its meter is in the market
    """

    id: str = Field(description="Who knows it is invited: a part of the invitation's address.")
    name: str
    meter: Address
    region: str
    rated_power_w: int
    is_settlement: bool
    state: Literal["INVITED", "ACCEPTED", "PROVEN", "AGREED", "REGISTERED"]
    account: Address | None
    security: Whole = Field(
        description="What the account needs as free money: it stays the account's, and is free"
        " again when the meter is gone and all is paid."
    )
    import_wh: int | None
    export_wh: int | None
    deadline: Time | None
    typed_data: dict[str, Any] | None = Field(
        description="What the holder's wallet signs (eth_signTypedData_v4), once the device has."
    )
    registration: list[Any] | None = Field(
        description="The arguments of SmartMeter.registerMeter, once the holder has agreed."
    )
    reverts: str | None = Field(
        description="Why it could not be registered as the chain is now; told to the registrar."
    )


# The relay


class RelayRequest(Request):
    """A call that an account has signed for a relay (ERC-2771), or a permit (EIP-2612)."""

    sender: Address = Field(alias="from")
    to: Address
    value: Natural = 0
    gas: Natural = Field(description="That the call itself may take; 0 for a permit.")
    nonce: Natural = Field(
        description="Of the account at the forwarder; of a permit, at its token."
    )
    deadline: Natural = Field(description="Unix seconds.")
    data: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2})*$", max_length=10_000)]
    signature: Annotated[
        str,
        Field(
            pattern="^0x([0-9a-fA-F]{2})*$",
            max_length=200,
            description="0x for a permit, which has its signature in the data.",
        ),
    ]


class Relayed(Answer):
    """What has become of a relayed call."""

    id: str
    state: Literal["RECEIVED", "SENT", "DONE", "FAILED", "EXPIRED", "REFUSED"]
    transaction: Hash | None = Field(description="Of the relay, once it is in a block.")
    detail: str | None = Field(description="Why it had no effect, and what to do.")


# Meters


class ReadingDocument(Request):
    """What a meter has signed: ``energy-grid meter sign`` writes it, and devices publish it."""

    format: Literal[2] = 2
    chain_id: Annotated[int, Field(alias="chainId", ge=1, lt=2**63, strict=True)]
    contract: Address = Field(description="SmartMeter of the market.")
    meter: Address = Field(description="The address of the device's key.")
    timestamp: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = Field(
        description="Unix seconds; at a slot's end for a reading that counts energy."
    )
    import_wh: Annotated[int, Field(alias="importWh", ge=0, lt=2**48, strict=True)]
    export_wh: Annotated[int, Field(alias="exportWh", ge=0, lt=2**48, strict=True)]
    frequency_centihertz: Annotated[
        int, Field(alias="frequencyCentihertz", ge=0, lt=2**13, strict=True)
    ]
    voltage_decivolts: Annotated[int, Field(alias="voltageDecivolts", ge=0, lt=2**14, strict=True)]
    signature: Annotated[str, Field(pattern="^0x[0-9a-fA-F]{128}$")] = Field(
        description="r and vs (ERC-2098)."
    )


class ReadingReceipt(Answer):
    """What became of a reading: it is stored."""

    state: Literal["COUNTED", "DUPLICATE"]


class RegisterReading(Answer):
    """What a meter showed at a time."""

    time: Time
    import_wh: Wh = Field(description="The register of import (OBIS 1.8.0).")
    export_wh: Wh = Field(description="The register of export (OBIS 2.8.0).")
    voltage_decivolts: int
    frequency_centihertz: int


class QuarantinedReading(RegisterReading):
    """What does not count, and why."""

    received_at: Time
    reason: str
    why: str


class MeterSpan(Answer):
    """Energy between two readings at ends of slots; one slot, unless readings are missing."""

    start: Time
    end: Time
    energy_wh: Wh


class MeterEnergy(Answer):
    """What a meter has imported or exported."""

    meter: Address
    energy_wh: Wh = Field(description="Of all spans.")
    spans: list[MeterSpan]


class Meter(Answer):
    """A meter, and how its device is."""

    id: Address = Field(description="The address of the device's key.")
    number: int
    region: str
    rated_power_w: int
    is_settlement: bool = Field(description="Whether its account is billed by it.")
    registered_at: Time
    newest_at: Time | None = Field(description="Of its newest reading.")
    is_online: bool | None = Field(description="As its device says; null: it says nothing.")
    seen_at: Time | None = Field(description="When its device was heard last.")
    clock_offset_seconds: int | None = Field(description="How far its clock is behind.")
    quarantined: int = Field(description="Readings that do not count.")


class Erasure(Answer):
    """What was erased of a meter."""

    erased: int = Field(description="Readings.")
    oldest: Time | None = Field(description="Of the oldest reading that is still there.")


class Proof(Answer):
    """An account's leaf of an anchored day, as the chain takes it (CommunityDays)."""

    community: int
    day: str = Field(examples=["2024-01-01"])
    root: Hash
    record: str
    opening: str | None = Field(description="What opens a sealed leaf; a secret of its account.")
    proof: list[Hash]


# The stream


class NewBlock(Answer):
    """The newest block whose events are known (``block``)."""

    number: int


class OrderChange(Answer):
    """A signed order of the account has come to another state (``order``)."""

    id: str
    state: OrderStateName
    reason: RefusalName | None
    filled_wh: Wh


class ChainEvent(Answer):
    """An event of the chain (``account``, ``batch``, ``price``, ``grid``, ``community``,
    ``governance``)."""

    contract: str
    event: str
    block: int
    log_index: int
    time: Time
    transaction: Hash
    values: dict[str, Any] = Field(description="Whole numbers above 2^53 as text.")


class Void(Answer):
    """All that was told of these blocks is void, and what holds follows (``void``)."""

    first_block: int
    last_block: int


class Alive(Answer):
    """Nothing has happened for a while (``alive``)."""

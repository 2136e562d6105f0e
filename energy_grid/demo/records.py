"""What the contracts say of a market, read as of one block: views and events.

The check is in `audit`; what it means for a household is in `bills`. Energy in Wh, carbon in g
CO2e, money in base units of the settlement token; exact money is in thousandths of one. Slots are
keyed by (account address, slot number), days by (account address, day number).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.day_leaves import DayLeaves
from energy_grid.domain.enums import Reason
from energy_grid.market.day_audit import Difference
from energy_grid.market.days import ClosedDay

__all__ = [
    "AccountRecord",
    "AssetRecord",
    "CarbonRecord",
    "CreditRecord",
    "DayKey",
    "Escrow",
    "EventRecord",
    "GridRecord",
    "MarketRecords",
    "RevenueRecord",
    "RewardRecord",
    "SettledRecord",
    "SharesRecord",
    "SlotKey",
    "TokenRecord",
    "TradeRecord",
]

SlotKey = tuple[str, int]
DayKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One account: what it has now (views), what came in and went out (events).

    Attributes:
        cursor: the first day that is not closed (view).
        metered_from: the first slot that its meter speaks for (view).
        free, security, later: exact money: free, for the meter, and income and cover of its first
            open day (views).
        debt, receivable: exact money (views).
        credits: Wh of energy credits in the account (view).
        tokens: Wh of energy credits that were taken out as tokens, less those put in (events).
        redeemed, redeemed_for: Wh of credits, and the exact money that they became (events).
        wallet: money outside the settlement account (view).
        wallet_other: what transfers left there, without rewards and revenue (events).
    """

    address: str
    cursor: int
    metered_from: int
    free: int
    security: int
    later: int
    debt: int
    receivable: int
    credits: int
    tokens: int
    deposited: int
    withdrawn: int
    redeemed: int
    redeemed_for: int
    wallet: int
    wallet_other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRecord:
    """A day that a community's gateway has read, and that was settled.

    Attributes:
        root: what the gateway has anchored, 32 bytes (view).
        leaves: in the data of the transaction that settled it.
        closed: account numbers (event).
        passed_over: why the days of other accounts stayed open, by their numbers (events).
        differences: that the audit from calldata and state has found (`market.day_audit`).
    """

    community: int
    day: int
    root: bytes
    leaves: DayLeaves
    closed: tuple[int, ...]
    passed_over: Mapping[int, Reason]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """A trade (view): so many Wh in each of its slots, at a price per kWh."""

    buyer: str
    seller: str
    slots: range
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """An ERC-20: its supply, what was ever minted and burned, the sum of all balances."""

    supply: int
    minted: int
    burned: int
    balances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRecord:
    """The grid account, and what the settlement contract holds.

    Attributes:
        holding: money of the contract (view).
        cash, owed, protocol_fees: exact money (views).
        credits: Wh of all energy credits, in accounts and as tokens (view).
        funded, collected: money (events).
        queued: money of withdrawals that wait (view).
    """

    holding: int
    cash: int
    owed: int
    protocol_fees: int
    credits: int
    funded: int
    collected: int
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecord:
    """A household's part in a demand-response event: average W and its reward (views).

    Attributes:
        paid: what was paid of the reward (event).
        metered: whether the meters decided, and not the operator's word (event).
    """

    account: str
    baseline_w: int
    actual_w: int
    reduction_w: int
    minimum_w: int
    reward: int
    paid: int
    metered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """A demand-response event (view) with its participations.

    Attributes:
        slots: the numbers of the slots it covers, each of ``slot_seconds``.
        refunded: what went back to the operator (event).
    """

    id: int
    operator: str
    slots: range
    slot_seconds: int
    target_kw: int
    reward_per_kw: int
    budget: int
    refunded: int
    rewards: tuple[RewardRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escrow:
    """What demand response holds: of the token, and by its own account (views)."""

    holding: int
    escrowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRecord:
    """A plant as an asset (views).

    Attributes:
        owner: who owns it, or the contract of its shares.
        accounts: whose meters count for it.
        production: Wh of its meters by day.
        value: its assumed cost; ``book_value`` is its depreciated value.
    """

    id: int
    owner: str
    accounts: tuple[str, ...]
    capacity: int
    production: Mapping[int, int]
    value: int
    book_value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueRecord:
    """Money that came to shares (event, or view if it is not noticed yet), and who had how many of
    them then (events)."""

    amount: int
    holdings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesRecord:
    """The shares of an asset.

    Attributes:
        address: of their contract.
        steward: who divided the asset, or who came after.
        count: how many shares there are; ``holdings`` is who has them now (views).
        received: money that was sent here (transfers); ``revenues`` is what the contract knows of.
        claimed: what each account took (events), ``claimable`` what it could take now (views).
        holding: money that the contract has (view).
    """

    asset: int
    address: str
    steward: str
    count: int
    holdings: Mapping[str, int]
    received: int
    revenues: tuple[RevenueRecord, ...]
    claimed: Mapping[str, int]
    claimable: Mapping[str, int]
    holding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRecord:
    """A clean producer that retires certificates for what it uses itself.

    Attributes:
        certified: Wh of certificates that its devices were issued (events).
        retired: days and Wh of the certificates that it has retired (views).
        remainder: milligrams that are not a gram yet (view).
        issued, energy: g issued and Wh they were issued for (events).
        times: how many retirements were credited (events).
    """

    account: str
    certified: int
    retired: tuple[tuple[int, int], ...]
    remainder: int
    issued: int
    energy: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonRecord:
    """The carbon credits.

    Attributes:
        factors: g CO2e per kWh by day, of the days of retired certificates (view).
        issued, retired: grams by the contract's own count (views).
        supply, balances: what there is (view), and the sum of what accounts have (views).
    """

    producers: tuple[CreditRecord, ...]
    factors: Mapping[int, int]
    retirements: tuple[Retirement, ...]
    issued: int
    retired: int
    supply: int
    balances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRecords:
    """All of it.

    Attributes:
        slots: the numbers of the slots of the day that is reported.
        accounts: the first one has number 1.
        settled: days of communities, in their order.
        produced: registers of sub-meters at midnights, by day (events).
        nets: of the slots of days that were settled for the account, in their leaves.
        together: the community with which an account has closed a day.
        positions: of the slots of closed days in which a meter spoke (views).
        thetas: basis points by community and day (views).
        tariffs: of the home region by day (views).
        credit_values: money per kWh of credit by day (views).
        deficit_prices: by slot (views).
        keeps: whether an account kept credits on a day (views).
        closed: what closings have said of days (events).
    """

    slots: range
    day_slots: int
    accounts: tuple[AccountRecord, ...]
    settled: tuple[SettledRecord, ...]
    produced: Mapping[DayKey, int]
    nets: Mapping[SlotKey, int] = field(init=False)
    together: Mapping[DayKey, int] = field(init=False)
    positions: Mapping[SlotKey, int]
    thetas: Mapping[tuple[int, int], int]
    tariffs: Mapping[int, Tariff]
    credit_values: Mapping[int, int]
    deficit_prices: Mapping[int, int]
    keeps: Mapping[DayKey, bool]
    closed: tuple[ClosedDay, ...]
    trades: tuple[TradeRecord, ...]
    grid: GridRecord
    energy: TokenRecord
    money: TokenRecord
    events: tuple[EventRecord, ...]
    escrow: Escrow
    assets: tuple[AssetRecord, ...]
    shares: tuple[SharesRecord, ...]
    carbon: CarbonRecord

    def __post_init__(self) -> None:
        nets: dict[SlotKey, int] = {}
        together: dict[DayKey, int] = {}
        for one in self.settled:
            slots = self.slots_of(one.day)
            for leaf, row in zip(one.leaves.leaves, one.leaves.nets, strict=True):
                if leaf.number in one.closed:
                    account = self.accounts[leaf.number - 1].address
                    together[account, one.day] = one.community
                    nets |= {
                        (account, slot): int(net) for slot, net in zip(slots, row, strict=True)
                    }
        object.__setattr__(self, "nets", nets)
        object.__setattr__(self, "together", together)

    @property
    def day(self) -> int:
        """The day that is reported."""
        return self.slots.start // self.day_slots

    def slots_of(self, day: int) -> range:
        """The slots of a day."""
        return range(day * self.day_slots, (day + 1) * self.day_slots)

"""The SDK: one object for one market.

    with EnergyGrid.connect("http://127.0.0.1:8545", "deployments/local.json") as market:
        market.deposit_with_permit(account, market.coins("50")).execute()
        order = market.place_order(
            account, OrderType.BUY, energy=Energy.kwh("1.5"), price=market.price("0.25")
        ).execute()
        for matched in market.follow(events.EnergyTrading_OrdersMatched, buy_id=order.order_id):
            print(Energy(matched.amount), Price(matched.price, market.coin))

The wrappers of contracts have all views and functions: `EnergyGrid.plan` makes a plan of the calls
that they prepare. They take and give plain integers: energy in Wh, money in base units
of the settlement token, prices in money per kWh, times in Unix seconds; quantities (`Energy`,
`Money`, `Price`, `Power`) are such integers that know their unit.

A revert is an exception of `errors`, such as ``errors.Settlement_InDebt``, with its values as
attributes. An event is an object of `events`, such as ``events.Settlement_Deposited``. All
exceptions derive from `EnergyGridError` (`energy_grid.errors` draws the tree).
"""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, Contract, from_bytes32
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.event_log import EventLog
from energy_grid.chain.rpc.log_ranges import PartialAnswerError
from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.chain.tx.multisig import Actor, Multisig
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import FundsMissingError
from energy_grid.contracts import errors, events
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.quantities import (
    Coin,
    Energy,
    GridPower,
    MixedUnitsError,
    Money,
    Power,
    Price,
)
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import (
    ChainError,
    CheckFailedError,
    ContractError,
    DeploymentError,
    DomainError,
    EnergyGridError,
    InputError,
    MissingExtraError,
    NodeUnreachableError,
    ReorganisationError,
    TransactionFailedError,
    TransactionPendingError,
)
from energy_grid.market.carbon import Carbon
from energy_grid.market.certificates import Certificates
from energy_grid.market.credits import EnergyCredits
from energy_grid.market.delays import DelayedCalls, ScheduledCall
from energy_grid.market.demand_response import DemandResponses
from energy_grid.market.events import Events
from energy_grid.market.gateway import GatewayDays
from energy_grid.market.governance import Governance
from energy_grid.market.meters import MeterDraft, Meters
from energy_grid.market.migration import Export, Migration
from energy_grid.market.order_status import SignedOrderStatus
from energy_grid.market.relays import Relays, SignedCall
from energy_grid.market.safe import SafeOwners
from energy_grid.market.spot import Spot
from energy_grid.market.tariffs import RegionTariffs
from energy_grid.market.trading import Orders

__all__ = [
    "Account",
    "Actor",
    "Call",
    "ChainError",
    "CheckFailedError",
    "Coin",
    "Contract",
    "ContractError",
    "Deployment",
    "DeploymentError",
    "DomainError",
    "Energy",
    "EnergyGrid",
    "EnergyGridError",
    "EnergyType",
    "EventLog",
    "Export",
    "FundsMissingError",
    "GridPower",
    "InputError",
    "MeterDraft",
    "MeterReading",
    "MissingExtraError",
    "MixedUnitsError",
    "Money",
    "Multisig",
    "Node",
    "NodeUnreachableError",
    "OrderType",
    "PartialAnswerError",
    "Period",
    "PeriodKind",
    "Power",
    "Price",
    "Receipt",
    "ReorganisationError",
    "RpcError",
    "ScheduledCall",
    "SignedCall",
    "SignedOrder",
    "SignedOrderStatus",
    "SignedReading",
    "TransactionFailedError",
    "TransactionPendingError",
    "errors",
    "events",
    "from_bytes32",
]


class EnergyGrid(
    Orders,
    Meters,
    GatewayDays,
    RegionTariffs,
    EnergyCredits,
    Spot,
    Certificates,
    Carbon,
    DemandResponses,
    Governance,
    SafeOwners,
    DelayedCalls,
    Migration,
    Relays,
    Events,
):
    """A deployed market with its own sender; made by `connect`, and a context manager."""

"""The SDK's face: one object for one market.

    with EnergyGrid.connect("http://127.0.0.1:8545", "deployments/local.json") as market:
        market.deposit_with_permit(account, 50_000_000)
        order = market.place_order(account, OrderType.BUY, wh=1500, price=250_000)
        print(market.settlement.energy_of(account.address, market.slot()))

Energy in Wh, money in base units of the settlement token, prices in money per kWh, times in Unix
seconds. The contracts' wrappers do all the rest: reads answer at once, and what they prepare
`EnergyGrid.send` carries out. What a contract refuses arrives as an exception of `errors`, such as
``errors.Settlement_InDebt``, with its values as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.access import AccessManager
from energy_grid.adapters.chain.accounts import Account, refuse_well_known
from energy_grid.adapters.chain.balancing import BalancingCoordination
from energy_grid.adapters.chain.connection import Node
from energy_grid.adapters.chain.contract import Call, EventLog
from energy_grid.adapters.chain.demand_response import DemandResponse
from energy_grid.adapters.chain.deployments import Deployment
from energy_grid.adapters.chain.governance import (
    GovernanceToken,
    GridGovernor,
    TimelockController,
)
from energy_grid.adapters.chain.grid import GridManagement
from energy_grid.adapters.chain.load import LoadMonitoring
from energy_grid.adapters.chain.metering import SmartMeter
from energy_grid.adapters.chain.multisig import Actor, Multisig
from energy_grid.adapters.chain.operators import GridOperatorVerification
from energy_grid.adapters.chain.oracles import GridOracle, PriceOracle, WeatherOracle
from energy_grid.adapters.chain.receipts import Receipt
from energy_grid.adapters.chain.safe import Safe, signed_by
from energy_grid.adapters.chain.sender import Sender
from energy_grid.adapters.chain.settlement import Settlement
from energy_grid.adapters.chain.signing import (
    meter_domain,
    sign_permit,
    sign_reading,
    sign_registration,
)
from energy_grid.adapters.chain.stability import StabilityMaintenance
from energy_grid.adapters.chain.tokens import EnergyToken, SettlementToken
from energy_grid.adapters.chain.trading import EnergyTrading
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import Period, PeriodKind, slot_of
from energy_grid.domain.units import format_money, natural
from energy_grid.errors import ContractError, DeploymentError, DomainError
from energy_grid.services.ports import MeterReading, SignedReading

__all__ = [
    "Account",
    "Actor",
    "EnergyGrid",
    "MeterReading",
    "Multisig",
    "OrderType",
    "Period",
    "PeriodKind",
    "Receipt",
    "SignedReading",
    "errors",
]

# How tokens refuse to hand over more than they may: by the standard's error, by a text, or without
# a word.
_SHORT_ALLOWANCE = (
    errors.error_class("ERC20InsufficientAllowance"),
    errors.error_class("SafeERC20FailedOperation"),
    errors.RevertedWithText,
    errors.UnknownRefusal,
)
_PERMIT_SECONDS = 3600
# What an order has room for on the chain: 40 bits of Wh, 64 bits of price.
_MOST_WH, _HIGHEST_PRICE = 2**40 - 1, 2**64 - 1


class EnergyGrid:
    """A deployed market and a sender of one's own.

    Args:
        sender: who sends; by default one with a memory of its own, see `Sender`.
    """

    def __init__(self, node: Node, deployment: Deployment, sender: Sender | None = None) -> None:
        self.node = node
        self.deployment = deployment
        self.sender = sender or Sender(node)
        self.settlement = Settlement(node, deployment.address("Settlement"))
        self.trading = EnergyTrading(node, deployment.address("EnergyTrading"))
        self.meters = SmartMeter(node, deployment.address("SmartMeter"))
        self.grid = GridManagement(node, deployment.address("GridManagement"))
        self.operators = GridOperatorVerification(
            node, deployment.address("GridOperatorVerification")
        )
        self.load = LoadMonitoring(node, deployment.address("LoadMonitoring"))
        self.balancing = BalancingCoordination(node, deployment.address("BalancingCoordination"))
        self.stability = StabilityMaintenance(node, deployment.address("StabilityMaintenance"))
        self.demand_response = DemandResponse(node, deployment.address("DemandResponse"))
        self.price_oracle = PriceOracle(node, deployment.address("PriceOracle"))
        self.weather_oracle = WeatherOracle(node, deployment.address("WeatherOracle"))
        self.grid_oracle = GridOracle(node, deployment.address("GridOracle"))
        self.energy_token = EnergyToken(node, deployment.address("EnergyToken"))
        self.access = AccessManager(node, deployment.address("AccessManager"))
        self.money = SettlementToken(node, deployment.token)
        self.votes = GovernanceToken(node, deployment.address("GovernanceToken"))
        self.governor = GridGovernor(node, deployment.address("GridGovernor"))
        self.timelock = TimelockController(node, deployment.address("TimelockController"))
        self.safe = None if deployment.safe is None else Safe(node, deployment.safe.address)
        self.meter_domain = meter_domain(node.chain_id, self.meters.address)
        self._slot_length = self.settlement.slot_length()

    @classmethod
    def connect(cls, rpc_url: str, deployment: Deployment | Path | str) -> EnergyGrid:
        """A market by its node's address and its deployment file.

        Raises:
            DeploymentError: the file is not of this node's chain, or not of this package.
            NodeUnreachableError: no node answers.
        """
        if not isinstance(deployment, Deployment):
            deployment = Deployment.load(Path(deployment))
        node = Node(rpc_url)
        try:
            deployment.verify(node)
            return cls(node, deployment)
        except BaseException:
            node.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.node.close()

    def send(self, account: Actor, call: Call) -> Receipt:
        """Carry out a call of an account, or of the Safe (`acting_safe`).

        Raises:
            ContractError: the contract refuses.
            InputError: the account's key is public knowledge, and this is no local chain.
        """
        return self.sender.send(account, call)

    def acting_safe(self, owners: Sequence[Account]) -> Multisig:
        """The operators' Safe as somebody who acts, by the keys of enough of its owners.

        Raises:
            InputError: they are too few, one is no owner, or everybody knows its key.
            DeploymentError: this market has no Safe.
        """
        if self.safe is None:
            raise DeploymentError(f"{self.deployment.network} was deployed without a Safe")
        refuse_well_known([owner.address for owner in owners], self.node.chain_id)
        return signed_by(self.safe, owners, self.deployment.address("MultiSendCallOnly"))

    def slot(self, time: int | None = None) -> int:
        """The number of the slot at a time, by default that of the newest block."""
        return slot_of(self.node.time if time is None else time, self._slot_length)

    def deposit_with_permit(self, account: Account, amount: int) -> Receipt:
        """Pay money into the vault in one transaction; the token must know EIP-2612.

        Raises:
            ContractError: too little of the token, or deposits are stopped.
        """
        return self.send(account, self.prepare_deposit_with_permit(account, amount))

    def prepare_deposit_with_permit(self, account: Account, amount: int) -> Call:
        """The call of `deposit_with_permit`, signed for the account's next permit."""
        deadline = self.node.time + _PERMIT_SECONDS
        nonce = self.money.nonces(account.address)
        vault, domain = self.settlement.address, self.money.domain()
        signature = sign_permit(account, vault, amount, nonce, deadline, domain)
        r, s = (number.to_bytes(32, "big") for number in (signature.r, signature.s))
        return self.settlement.deposit_with_permit(amount, deadline, signature.v, r, s)

    def place_order(
        self,
        account: Actor,
        order_type: OrderType,
        *,
        wh: int,
        price: int,
        period: Period | None = None,
    ) -> int:
        """Place an order for a period, by default the hour now running; gives its number.

        Args:
            wh: energy in Wh, a whole number from 1 to 2**40 - 1 (1.1 TWh).
            price: money base units per kWh, a whole number from 1 to 2**64 - 1: the most a buyer
                pays, the least a seller takes.

        Raises:
            DomainError: energy or price is none of these; nothing was sent.
            ContractError: as `EnergyTrading.create_order`.
        """
        call = self.trading.create_order(
            order_type,
            amount=_from_one_to("wh", wh, _MOST_WH),
            price=_from_one_to("price", price, _HIGHEST_PRICE),
            period=period,
        )
        receipt = self.send(account, call)
        return int(self.trading.events(receipt.logs, "OrderCreated")[0]["order_id"])

    def register_meter(
        self, registrar: Actor, meter: Account, owner: str, *, region: str, rated_power: int
    ) -> int:
        """Register a meter (power in W) for an owner; gives its number.

        Raises:
            ContractError: as `SmartMeter.register_meter`.
        """
        proof = sign_registration(meter, owner, region, rated_power, self.meter_domain)
        call = self.meters.register_meter(meter.address, owner, region, rated_power, proof)
        receipt = self.send(registrar, call)
        return int(self.meters.events(receipt.logs, "MeterRegistered")[0]["number"])

    def sign_reading(self, meter: Account, reading: MeterReading) -> SignedReading:
        """A reading signed by its meter, for anybody to submit."""
        return sign_reading(meter, reading, self.meter_domain)

    def submit_readings(self, account: Actor, readings: Sequence[SignedReading]) -> Receipt:
        """Bring signed readings in: all of them or, if one is refused, none.

        Raises:
            ContractError: as `SmartMeter`.
        """
        return self.send(account, self.meters.submit_signed_readings(readings))

    def approve_budget(self, account: Actor, call: Call, amount: int) -> Receipt | None:
        """Let DemandResponse take exactly ``amount``, the budget of a call of it, if it may not.

        Nothing is approved, and None given, where the allowance is enough, or where the call would
        be refused for another reason: it then says so when it is sent.
        Raises:
            DomainError: the account has less than that; nothing was approved.
        """
        spender = self.demand_response
        if self.money.allowance(account.address, spender.address) >= amount:
            return None
        try:
            spender.simulate(call, account.address)
        except _SHORT_ALLOWANCE:
            pass
        except ContractError:
            return None
        held = self.money.balance_of(account.address)
        if held < amount:
            coin = self.money.decimals(), self.money.symbol()
            raise DomainError(
                f"{account.address} has {format_money(held, *coin)}, and the budget is"
                f" {format_money(amount, *coin)}"
            )
        return self.send(account, self.money.approve(spender.address, amount))

    def events(self, logs: Iterable[Mapping[str, Any]]) -> list[EventLog]:
        """The market's events among logs, such as a receipt's, in their order."""
        logs = list(logs)
        contracts = (
            self.settlement,
            self.trading,
            self.meters,
            self.grid,
            self.operators,
            self.load,
            self.balancing,
            self.stability,
            self.demand_response,
            self.price_oracle,
            self.weather_oracle,
            self.grid_oracle,
            self.energy_token,
            self.money,
            self.access,
            self.votes,
            self.governor,
            self.timelock,
            *((self.safe,) if self.safe else ()),
        )
        decoded = [event for contract in contracts for event in contract.events(logs)]
        return sorted(decoded, key=lambda event: (event.block, event.index))


def _from_one_to(name: str, value: int, most: int) -> int:
    number = natural(name, value)
    if not 1 <= number <= most:
        raise DomainError(f"{name} must be from 1 to {most}, not {number}")
    return number

"""What every part of the client stands on: the node, the deployment, the contracts, the sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from inspect import get_annotations
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from energy_grid.chain.abi import snake_case
from energy_grid.chain.contract import Call, Contract, EventLog
from energy_grid.chain.deployments import Deployment, deployment_beside, located
from energy_grid.chain.rpc.node import Node
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import Sender
from energy_grid.chain.web3_objects import node_through, web3_contract, web3_of
from energy_grid.domain.periods import slot_of
from energy_grid.domain.quantities import Coin, MixedUnitsError, Money, Price, whole
from energy_grid.domain.signed_orders import trading_domain
from energy_grid.domain.units import MONEY_DECIMALS
from energy_grid.errors import ChainError, DeploymentError
from energy_grid.market.plan import Plan, Step
from energy_grid.market.signing import meter_domain

if TYPE_CHECKING:
    from web3 import Web3
    from web3.contract import Contract as Web3Contract
    from web3.providers import BaseProvider

    from energy_grid.contracts.access_manager import AccessManager
    from energy_grid.contracts.balancing_coordination import BalancingCoordination
    from energy_grid.contracts.carbon_credits import CarbonCredits
    from energy_grid.contracts.certificate_market import CertificateMarket
    from energy_grid.contracts.communities import Communities
    from energy_grid.contracts.community_days import CommunityDays
    from energy_grid.contracts.demand_baselines import DemandBaselines
    from energy_grid.contracts.demand_enrolments import DemandEnrolments
    from energy_grid.contracts.demand_response import DemandResponse
    from energy_grid.contracts.energy_accounts import EnergyAccounts
    from energy_grid.contracts.energy_asset_nft import EnergyAssetNFT
    from energy_grid.contracts.energy_certificates import EnergyCertificates
    from energy_grid.contracts.energy_token import EnergyToken
    from energy_grid.contracts.energy_trading import EnergyTrading
    from energy_grid.contracts.erc2771_forwarder import ERC2771Forwarder
    from energy_grid.contracts.governance_token import GovernanceToken
    from energy_grid.contracts.grid_bands import GridBands
    from energy_grid.contracts.grid_governor import GridGovernor
    from energy_grid.contracts.grid_management import GridManagement
    from energy_grid.contracts.grid_operator_verification import GridOperatorVerification
    from energy_grid.contracts.grid_oracle import GridOracle
    from energy_grid.contracts.load_monitoring import LoadMonitoring
    from energy_grid.contracts.peer_to_peer_trading import PeerToPeerTrading
    from energy_grid.contracts.price_oracle import PriceOracle
    from energy_grid.contracts.safe import Safe
    from energy_grid.contracts.settlement import Settlement
    from energy_grid.contracts.smart_meter import SmartMeter
    from energy_grid.contracts.stability_maintenance import StabilityMaintenance
    from energy_grid.contracts.tariffs import Tariffs
    from energy_grid.contracts.test_dollar import TestDollar
    from energy_grid.contracts.timelock_controller import TimelockController
    from energy_grid.contracts.weather_oracle import WeatherOracle

__all__ = ["Market"]

Kind = TypeVar("Kind", bound=EventLog)


class Market:
    """A deployed market and a sender of one's own.

    Args:
        sender: who sends; by default one with a memory of its own, see `Sender`.
    """

    # Made when they are first used: importing all takes a tenth of a second, and programs use few.
    settlement: Settlement
    energy_accounts: EnergyAccounts
    tariffs: Tariffs
    communities: Communities
    community_days: CommunityDays
    trading: EnergyTrading
    meters: SmartMeter
    grid: GridManagement
    bands: GridBands
    operators: GridOperatorVerification
    load: LoadMonitoring
    balancing: BalancingCoordination
    stability: StabilityMaintenance
    demand_response: DemandResponse
    demand_enrolments: DemandEnrolments
    demand_baselines: DemandBaselines
    price_oracle: PriceOracle
    weather_oracle: WeatherOracle
    grid_oracle: GridOracle
    spot: PeerToPeerTrading
    assets: EnergyAssetNFT
    certificates: EnergyCertificates
    certificate_market: CertificateMarket
    carbon: CarbonCredits
    energy_token: EnergyToken
    access: AccessManager
    money: TestDollar
    votes: GovernanceToken
    governor: GridGovernor
    timelock: TimelockController
    forwarder: ERC2771Forwarder

    def __init__(self, node: Node, deployment: Deployment, sender: Sender | None = None) -> None:
        self.node = node
        self.deployment = deployment
        self.sender = sender or Sender(node)
        self.meter_domain = meter_domain(node.chain_id, deployment.address("SmartMeter"))
        self.trading_domain = trading_domain(node.chain_id, deployment.address("EnergyTrading"))
        self._slot_length = self.settlement.slot_length()

    # Type checkers go by the annotations.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Contract:
            if name not in _WRAPPERS:
                raise AttributeError(f"{type(self).__name__} has no attribute {name}")
            kind = _WRAPPERS[name]
            place = self.deployment.token if name == "money" else self.deployment.address(kind)
            module = import_module(f"energy_grid.contracts.{snake_case(kind)}")
            found = getattr(module, kind)(self.node, place)
            setattr(self, name, found)
            return found

    @cached_property
    def safes(self) -> Mapping[str, Safe]:
        """The Safes of the operators that were deployed with the market, by their names."""
        from energy_grid.contracts.safe import Safe

        return {name: Safe(self.node, one.address) for name, one in self.deployment.safes.items()}

    @classmethod
    def connect(
        cls,
        place: str | Web3 | BaseProvider,
        deployment: Deployment | Path | str | None = None,
        *,
        rpc: str | None = None,
    ) -> Self:
        """A market by the name of its network, or by its node and its deployment file.

        Args:
            place: ``"volta"``, or another name of `networks.NETWORKS`; ``"http://..."``; or a
                `Web3` or provider of web3.py, whose provider and middleware then carry every
                request.
            deployment: by default ``deployments/<network>.json``, from the working directory.
            rpc: a node of the network; by default the one in ENERGY_GRID_RPC, else a public one.

        Raises:
            InputError: no network has this name, or a node comes without a file.
            DeploymentError: the file is not of this network or node, or not of this package.
            NodeUnreachableError: no node answers.
        """
        if isinstance(place, str):
            url, found = located(place, deployment, rpc)
            node = Node(url)
        else:
            found = deployment_beside(deployment, rpc)
            node = node_through(place)
        try:
            found.verify(node)
            return cls(node, found)
        except BaseException:
            node.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and the sender's journal."""
        self.sender.close()
        self.node.close()

    def plan(self, who: Actor | str, *calls: Call | Step) -> Plan[list[Receipt]]:
        """Calls of an account, of the Safe (`acting_safe`), or of an address alone, as a plan.

        The result is the receipts. Use cases with a method of their own check more, and give more.
        """
        steps = [Step(call=each) if isinstance(each, Call) else each for each in calls]
        return Plan(self.sender, who, steps, list)

    def _emitted(
        self, who: Actor | str, contract: Contract, event: type[Kind], *calls: Call | Step
    ) -> Plan[Kind]:
        """A plan whose result is the first event of a kind that its calls emit."""

        def first(found: list[Kind]) -> Kind:
            if not found:
                raise ChainError(f"the receipt has no event {event.__name__}")
            return found[0]

        return self._all_emitted(who, contract, event, *calls).then(first)

    def _all_emitted(
        self, who: Actor | str, contract: Contract, event: type[Kind], *calls: Call | Step
    ) -> Plan[list[Kind]]:
        """A plan whose result is all events of a kind that its calls emit."""
        return self.plan(who, *calls).then(
            lambda receipts: contract.events((log for one in receipts for log in one.logs), event)
        )

    def remember_in(self, folder: Path) -> None:
        """Remember what is sent in a file of this chain, so that a key of a `Step` counts in later
        processes too.

        Raises:
            InputError: another process uses the file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        genesis = str(self.node.block(0)["hash"])
        path = folder / f"journal-{self.node.chain_id}-{genesis[2:10]}.jsonl"
        self.sender = Sender(self.node, policy=self.sender.policy, journal=Journal(path))

    def require_safe(self, name: str) -> Safe:
        """A Safe of the operators by its name, such as ``treasury``.

        Raises:
            DeploymentError: this market has no such Safe.
        """
        if name not in self.safes:
            there = ", ".join(self.safes) or "none"
            raise DeploymentError(
                f"{self.deployment.network} has no Safe of the name {name}: it has {there}"
            )
        return self.safes[name]

    def safe_at(self, address: str) -> Safe | None:
        """The Safe of the operators at an address; None where there is none."""
        return next((safe for safe in self.safes.values() if safe.address == address), None)

    def shutdown_of(self, contract: str) -> Call:
        """The call that shuts a contract down for good; for governance alone.

        Raises:
            DeploymentError: there is no such contract.
        """
        from energy_grid.contracts.emergency_stop import EmergencyStop

        return EmergencyStop(self.node, self.deployment.address(contract), contract).shutdown()

    def slot(self, time: int | None = None) -> int:
        """The number of the slot at a time, by default that of the newest block."""
        return slot_of(self.node.time if time is None else time, self._slot_length)

    def time_of(self, slot: int) -> int:
        """When a slot begins."""
        return slot * self._slot_length

    def contract(self, name: str) -> Contract:
        """The wrapper of a contract by its name; of one without a wrapper, its base.

        Raises:
            DeploymentError: this market has no such contract.
        """
        for attribute, kind in _WRAPPERS.items():
            if name == kind:
                found: Contract = getattr(self, attribute)
                return found
        return Contract(self.node, self.deployment.address(name), name)

    def contracts(self) -> list[Contract]:
        """The wrappers that are attributes; shares of assets are not, see `Assets.shares`."""
        found = [getattr(self, name) for name in _WRAPPERS]
        return [*found, *self.safes.values()]

    @cached_property
    def w3(self) -> Web3:
        """A `Web3` on the same node: the one that `connect` got, else a new one."""
        return web3_of(self.node)

    def web3_contract(self, contract: str | Contract) -> Web3Contract:
        """A contract, or that of a name, as an object of web3.py with its ABI and its address.

        Raises:
            DeploymentError: this market has no such contract.
        """
        found = self.contract(contract) if isinstance(contract, str) else contract
        return web3_contract(self.w3, found)

    @cached_property
    def coin(self) -> Coin:
        """What money of the market is counted in: at most six decimals; asked for once."""
        return replace(self.token_coin, decimals=min(self.token_coin.decimals, MONEY_DECIMALS))

    @cached_property
    def token_coin(self) -> Coin:
        """What the settlement token itself is counted in: in wallets, by shares of plants, and for
        rewards; asked for once."""
        return Coin(decimals=self.money.decimals(), symbol=self.money.symbol())

    @cached_property
    def token_units(self) -> int:
        """The token's smallest units in a base unit of the market's money: mostly 1."""
        return int(10 ** (self.token_coin.decimals - self.coin.decimals))

    def coins(self, number: str | int) -> Money:
        """Money in whole coins: ``market.coins("12.5")``.

        Raises:
            InputError: not a plain decimal number, or finer than the token counts.
            DomainError: a float, which is not exact.
        """
        return Money.coins(number, self.coin)

    def price(self, number: str | int) -> Price:
        """A price in whole coins per kWh: ``market.price("0.25")``.

        Raises:
            InputError: not a plain decimal number, or finer than the token counts.
            DomainError: a float, which is not exact.
        """
        return Price.per_kwh(number, self.coin)

    def base_units(
        self, name: str, value: int, kind: type[Money] | type[Price], coin: Coin | None = None
    ) -> int:
        """The plain number of money or of a price, for the contracts.

        Args:
            coin: what it must be counted in; by default what the market's money is counted in.

        Raises:
            MixedUnitsError: it is another quantity, or in another coin.
            DomainError: not an integer.
        """
        number = whole(name, value, kind)
        # Plain integers are taken as they are: only quantities ask the chain for its coin.
        if isinstance(value, kind):
            wanted = coin or self.coin
            if value.coin != wanted:
                raise MixedUnitsError(f"{name} {value!r} is not in this market's {wanted}")
        return number


# The contract of each attribute that is a wrapper.
_WRAPPERS: Mapping[str, str] = get_annotations(Market)

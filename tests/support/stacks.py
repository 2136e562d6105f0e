"""A market of its own on any settlement token, beside the one that the scripts deployed.

It is wired as the product is: Settlement comes first and names the others, so where they will be
is computed from the deployer's nonce. The AccessManager and the holders of roles are shared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import PERMISSIONS, Role
from tests.support.market import Market, actor

__all__ = ["StackParameters", "create_address", "deploy_stack", "give_role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParameters:
    """What a deployment fixes: seconds, money in base units, prices per kWh, decivolts."""

    slot_length: int = 3600
    grace: int = 3600
    outflow_window: int = 3600
    withdrawal_delay: int = 86_400
    max_grid_fee_per_kwh: int = 100_000
    outflow_limit: int = 100_000_000_000
    base_price: int = 300_000
    collateral_per_kwh: int = 30_000
    order_burst: int = 100
    order_refill: int = 60
    min_reading_interval: int = 60
    nominal_voltage: int = 2_300
    action_lifetime: int = 3600
    verification_time: int = 3600
    min_reduction: int = 100
    baseline_days: int = 10
    baseline_highest: int = 10
    oracle_quorum: int = 3
    oracle_max_age: int = 7200
    price_decimals: int = 6
    price_deviation_bps: int = 2_000
    emission_factor: int = 380

    @property
    def of_settlement(self) -> tuple[int, int, int, int, int]:
        """Settlement's `Parameters`."""
        return (
            self.slot_length,
            self.grace,
            self.outflow_window,
            self.withdrawal_delay,
            self.max_grid_fee_per_kwh,
        )

    @property
    def of_demand_response(self) -> tuple[int, int, int, int]:
        """DemandResponse's `Parameters`."""
        return (
            self.verification_time,
            self.min_reduction,
            self.baseline_days,
            self.baseline_highest,
        )

    @property
    def of_oracles(self) -> tuple[int, int]:
        """The oracles' `OracleParameters`."""
        return (self.oracle_quorum, self.oracle_max_age)


def deploy_stack(
    market: Market, token: Contract, parameters: StackParameters | None = None
) -> Market:
    """Deploy a market whose money is `token`, which its `dollar` then is.

    Raises:
        ContractError: a constructor refused.
    """
    given = parameters or StackParameters()
    deployer = actor("deployer of another market").address
    nonce = market.node.nonce(deployer)
    planned = [create_address(deployer, nonce + later) for later in range(17)]
    _, energy_token, grid, trading, meters, operators, load, balancing, stability = planned[:9]
    price_oracle, weather_oracle, grid_oracle, spot, assets, shares, _ = planned[10:]
    authority = market.access.address
    modules = (trading, spot, meters, grid, energy_token)

    def deploy(name: str, *arguments: Any) -> Contract:
        return market.deploy(name, *arguments, sender=deployer)

    settlement = deploy(
        "Settlement", authority, token.address, modules, given.of_settlement, given.outflow_limit
    )
    settlement_address = settlement.address
    trade = (given.collateral_per_kwh, given.order_burst, given.order_refill)
    contracts = {
        "Settlement": settlement,
        "EnergyToken": deploy("EnergyToken", settlement_address),
        "GridManagement": deploy(
            "GridManagement",
            authority,
            settlement_address,
            meters,
            (stability, price_oracle, weather_oracle, grid_oracle),
            given.base_price,
        ),
        "EnergyTrading": deploy("EnergyTrading", authority, settlement_address, trade),
        "SmartMeter": deploy(
            "SmartMeter",
            authority,
            settlement_address,
            (given.min_reading_interval, given.nominal_voltage),
        ),
        "GridOperatorVerification": deploy("GridOperatorVerification", authority, balancing),
        "LoadMonitoring": deploy("LoadMonitoring", operators),
        "BalancingCoordination": deploy(
            "BalancingCoordination", operators, load, stability, given.action_lifetime
        ),
        "StabilityMaintenance": deploy("StabilityMaintenance", operators, balancing, grid),
        "DemandResponse": deploy(
            "DemandResponse",
            authority,
            token.address,
            (operators, meters, settlement_address),
            given.of_demand_response,
        ),
        "PriceOracle": deploy(
            "PriceOracle",
            authority,
            given.of_oracles,
            given.price_decimals,
            given.price_deviation_bps,
        ),
        "WeatherOracle": deploy("WeatherOracle", authority, given.of_oracles),
        "GridOracle": deploy("GridOracle", authority, given.of_oracles),
        "PeerToPeerTrading": deploy("PeerToPeerTrading", authority, settlement_address),
        "EnergyAssetNFT": deploy("EnergyAssetNFT", authority, meters, shares),
        "AssetShares": deploy("AssetShares", assets, token.address),
        "CarbonCredits": deploy(
            "CarbonCredits", authority, settlement_address, given.emission_factor
        ),
    }
    assert [contract.address for contract in contracts.values()] == planned
    _assign_functions(market, contracts)
    return replace(
        market,
        contracts={**market.contracts, **contracts, "TestDollar": token},
        slot_length=given.slot_length,
        grace=given.grace,
    )


def create_address(deployer: str, nonce: int) -> str:
    """Where a deployer's transaction of this nonce puts its contract."""
    return to_checksum_address(keccak(rlp.encode([bytes.fromhex(deployer[2:]), nonce]))[12:])


def give_role(market: Market, role: Role, account: str) -> None:
    """Governance gives an account a role, without delay."""
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", role, account, 0)


def _assign_functions(market: Market, contracts: dict[str, Contract]) -> None:
    for role, targets in PERMISSIONS.items():
        for name, functions in targets.items():
            if name not in contracts:  # governance is shared
                continue
            contract = contracts[name]
            selectors = [
                function.selector
                for function in contract.abi.functions.values()
                if function.name in functions
            ]
            market.do(
                market.roles[Role.ADMIN],
                market.access,
                *("setTargetFunctionRole", contract.address, selectors, role),
            )

"""The market's contracts as one deployment has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from energy_grid.adapters.chain.connection import Node
from energy_grid.adapters.chain.grid import GridManagement
from energy_grid.adapters.chain.metering import SmartMeter
from energy_grid.adapters.chain.settlement import Settlement
from energy_grid.adapters.chain.tokens import EnergyToken, SettlementToken
from energy_grid.adapters.chain.trading import EnergyTrading

__all__ = ["Contracts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """One wrapper per contract."""

    settlement: Settlement
    trading: EnergyTrading
    meters: SmartMeter
    grid: GridManagement
    money: SettlementToken
    energy: EnergyToken

    @classmethod
    def of_deployment(cls, node: Node, file: Path) -> Contracts:
        """The contracts that a deployment file names."""
        entries = json.loads(file.read_text(encoding="utf-8"))["contracts"]
        return cls(
            settlement=Settlement(node, entries["Settlement"]["address"]),
            trading=EnergyTrading(node, entries["EnergyTrading"]["address"]),
            meters=SmartMeter(node, entries["SmartMeter"]["address"]),
            grid=GridManagement(node, entries["GridManagement"]["address"]),
            money=SettlementToken(node, entries["SettlementToken"]["address"]),
            energy=EnergyToken(node, entries["EnergyToken"]["address"]),
        )

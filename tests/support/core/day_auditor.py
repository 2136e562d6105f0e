"""Audits of days in this process: the records and states that a node would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.rpc.node import Node, Request, RpcError
from energy_grid.client import EnergyGrid
from energy_grid.contracts.communities import Communities
from energy_grid.contracts.community_days import CommunityDays
from energy_grid.contracts.energy_accounts import EnergyAccounts
from energy_grid.contracts.settlement import Settlement
from energy_grid.contracts.smart_meter import SmartMeter
from energy_grid.contracts.tariffs import Tariffs
from energy_grid.domain.enums import Reason
from energy_grid.market.day_audit import DayRecord, DayState, read_state
from energy_grid.market.days import settled_words
from tests.support.core.chain import Chain
from tests.support.core.full_market import FullMarket

__all__ = ["DayAuditor"]

_KINDS = {
    "settlement": Settlement,
    "energy_accounts": EnergyAccounts,
    "communities": Communities,
    "community_days": CommunityDays,
    "meters": SmartMeter,
    "tariffs": Tariffs,
}


class ProcessNode(Node):
    """Answers `eth_call` from a chain in this process."""

    def __init__(self, chain: Chain, *, forgets: bool = False) -> None:
        self._chain, self._forgets = chain, forgets

    def rpc(self, method: str, *params: Any) -> Any:
        found = self.rpc_batch([(method, params)])[0]
        if isinstance(found, RpcError):
            raise found
        return found

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        return [self._answer(*params) for _, params in calls]

    def _answer(self, request: dict[str, str], block: str) -> Any:
        if self._forgets and block != "latest":
            return RpcError("eth_call", -32000, "missing trie node")
        data = bytes.fromhex(request["data"][2:])
        return "0x" + self._chain.send(self._chain.deployer, request["to"], data, static=True).hex()


class DayAuditor:
    """Reads what an audit needs from a market in this process, as a node would say it.

    Args:
        forgets: the node has no state of any block but the newest.
    """

    def __init__(self, market: FullMarket, *, forgets: bool = False) -> None:
        self._chain, self._days = market.chain, market["CommunityDays"]
        self._market = EnergyGrid.__new__(EnergyGrid)
        self._market.node = node = ProcessNode(market.chain, forgets=forgets)
        for name, kind in _KINDS.items():
            setattr(self._market, name, kind(node, market[kind.NAME].address))

    def state(self, community: int, day: int, numbers: Sequence[int]) -> DayState:
        """Of the newest block, which the day has not been settled in yet."""
        return read_state(self._market, community, day, numbers, self._chain.number)

    def record(self, community: int, day: int, leaves: bytes) -> DayRecord:
        """Of the last call, which has settled the day with these leaves."""
        own = self._days.address.lower()
        logs = [(name, values) for at, name, values in self._chain.logs if at.lower() == own]
        passed = [values for name, values in logs if name == "MemberPassedOver"]
        (words,) = (values["words"] for name, values in logs if name == "DaySettled")
        root, *_, contradicted = self._days.dayOf(community, day)
        return DayRecord(
            community=community,
            day=day,
            transaction="0x" + 64 * "0",
            block=self._chain.number,
            index=0,
            root=root,
            leaves=leaves,
            words=settled_words(words),
            passed_over={each["number"]: Reason(each["reason"]) for each in passed},
            contradicted=contradicted,
        )

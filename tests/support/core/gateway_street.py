"""Households whose community's gateway reads their meters, on all contracts of the market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.domain.day_leaves import Absent, DayLeaves, Leaf, Measured, Registers
from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain
from tests.support.core.full_market import CHALLENGE, FullMarket
from tests.support.core.meter_suite import REGISTRAR

__all__ = ["GATEWAY", "GatewayDays", "GatewayStreet"]

GATEWAY = "0x" + 40 * "9"
_ROLE, _MONEY = 41, 10**9
_GRACE = 900


class GatewayDays:
    """The days of one community as its gateway makes them: registers go on, by account number.

    ``numbers`` are its accounts, ascending, and ``measured`` those of the newest day.
    """

    def __init__(self, market: FullMarket, slot: int, *, is_static: bool = False) -> None:
        self.market, self.chain, self.slot = market, market.chain, slot
        self.contract = market["CommunityDays"]
        anchor = self.contract.abi.function("anchor").selector
        manager = market.manager
        manager.setTargetFunctionRole(self.contract.address, [anchor], _ROLE, by=REGISTRAR)
        manager.grantRole(_ROLE, GATEWAY, 0, by=REGISTRAR)
        self.community: int = market["Communities"].createWithGateway(
            market.meters_home, 5000, market.supplier, GATEWAY, is_static, by=REGISTRAR
        )
        self.numbers: list[int] = []
        self.registers: dict[int, Registers] = {}
        self.measured: set[int] = set()

    def begin(self, numbers: Sequence[int]) -> None:
        """With registers of 0."""
        self.numbers = sorted(numbers)
        self.registers = {number: Registers(0, 0) for number in numbers}

    def leaves(self, curves: Mapping[int, Sequence[int]]) -> DayLeaves:
        """The next day's: nets by account number; other accounts are absent."""
        leaves: list[Leaf] = []
        nets = np.zeros((len(self.numbers), DAY // self.slot), dtype=np.int32)
        for place, number in enumerate(self.numbers):
            first, continues = self.registers[number], number in self.measured
            if number not in curves:
                leaves.append(Absent(number=number, first=first if continues else None))
                continue
            nets[place] = curves[number]
            last = Registers(
                first.imported - int(nets[place][nets[place] < 0].sum()),
                first.exported + int(nets[place][nets[place] > 0].sum()),
            )
            leaves.append(Measured(number=number, first=first, last=last, continues=continues))
            self.registers[number] = last
        self.measured = set(curves)
        return DayLeaves(slot_seconds=self.slot, leaves=tuple(leaves), nets=nets)

    def anchor(self, day: int, leaves: DayLeaves) -> None:
        """Once the day is over."""
        self.chain.set_time(max(self.chain.now, (day + 1) * DAY))
        root = leaf_tree(leaves.records()).root
        self.contract.anchor(self.community, day, root, by=GATEWAY)

    def settle(self, day: int, leaves: DayLeaves) -> None:
        """After the challenge time."""
        self.chain.set_time(self.chain.now + CHALLENGE)
        self.contract.settleDay(self.community, day, leaves.encode(), by=GATEWAY)

    def run(self, day: int, curves: Mapping[int, Sequence[int]]) -> DayLeaves:
        """A day, anchored and settled."""
        leaves = self.leaves(curves)
        self.anchor(day, leaves)
        self.settle(day, leaves)
        return leaves


class GatewayStreet:
    """Homes of a community whose gateway reads from `first_day` on; what was before is closed."""

    def __init__(
        self,
        chain: Chain,
        tariff: Tariff,
        *,
        homes: int,
        slot: int = 3600,
        rated: int = 10_000,
        is_static: bool = False,
        money: int = _MONEY,
        credit: int = 0,
    ) -> None:
        self.chain, self.slot = chain, slot
        self.market = FullMarket(chain, tariff, slot=slot, grace=_GRACE, credit=credit)
        self.settlement, self.energy = self.market["Settlement"], self.market["EnergyAccounts"]
        self.days = GatewayDays(self.market, slot, is_static=is_static)
        keys = [Account(keccak(text=f"home {number}")) for number in range(2 * homes)]
        self.holders, self.devices = keys[:homes], keys[homes:]
        self.market.fund(10**10)
        for holder, device in zip(self.holders, self.devices, strict=True):
            self.market.household(holder, device, money=money, rated=rated)
            self.market["Communities"].join(self.days.community, by=holder.address)
        self.numbers = [self.settlement.numberOf(each.address) for each in self.holders]
        self.days.begin(self.numbers)
        self.first_day = chain.now // DAY + 1
        # The last own boundary, at which the gateway begins.
        chain.set_time(self.first_day * DAY + _GRACE)
        meters = self.market.meters
        boundary = meters.reading(self.first_day * DAY, (0, 0))
        meters.read_many(*(meters.sign_reading(device, boundary) for device in self.devices))
        everybody = [each.address for each in self.holders]
        self.settlement.closeThrough(everybody, self.first_day - 1, by=REGISTRAR)

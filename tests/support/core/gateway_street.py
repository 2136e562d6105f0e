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

__all__ = ["GATEWAY", "GatewayStreet", "signed_lanes"]

GATEWAY = "0x" + 40 * "9"
_ROLE, _MONEY = 41, 10**9
_GRACE = 900


class GatewayStreet:
    """Homes of one community, the first with account number ``numbers[0]``; registers go on in
    `registers`, by number."""

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
        self.chain, self.slot, self.homes = chain, slot, homes
        self.market = FullMarket(chain, tariff, slot=slot, grace=_GRACE, credit=credit)
        self.days = self.market["CommunityDays"]
        self.settlement, self.energy = self.market["Settlement"], self.market["EnergyAccounts"]
        keys = [Account(keccak(text=f"home {number}")) for number in range(2 * homes)]
        self.holders, self.devices = keys[:homes], keys[homes:]
        manager = self.market.manager
        manager.setTargetFunctionRole(
            self.days.address, [self.days.abi.function("anchor").selector], _ROLE, by=REGISTRAR
        )
        manager.grantRole(_ROLE, GATEWAY, 0, by=REGISTRAR)
        self.market.fund(10**10)
        communities = self.market["Communities"]
        self.community = communities.createWithGateway(
            self.market.meters_home, 5000, self.market.supplier, GATEWAY, is_static, by=REGISTRAR
        )
        for holder, device in zip(self.holders, self.devices, strict=True):
            self.market.household(holder, device, money=money, rated=rated)
        self.numbers = [self.settlement.numberOf(each.address) for each in self.holders]
        self.registers = {number: Registers(0, 0) for number in self.numbers}
        self.measured: set[int] = set()
        for holder in self.holders:
            communities.join(self.community, by=holder.address)
        self.first_day = chain.now // DAY + 1
        # The last own boundary, at which the gateway begins.
        chain.set_time(self.first_day * DAY)
        meters = self.market.meters
        boundary = meters.reading(self.first_day * DAY, (0, 0))
        meters.read_many(*(meters.sign_reading(device, boundary) for device in self.devices))
        chain.set_time(self.first_day * DAY + _GRACE)
        everybody = [each.address for each in self.holders]
        self.settlement.closeThrough(everybody, self.first_day - 1, by=REGISTRAR)

    @property
    def day_slots(self) -> int:
        """Slots of a day."""
        return DAY // self.slot

    def leaves(self, curves: Mapping[int, Sequence[int]]) -> DayLeaves:
        """The next day's leaves: nets by account number; others of the day before are absent."""
        leaves: list[Leaf] = []
        nets = np.zeros((len(self.numbers), self.day_slots), dtype=np.int32)
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

    def anchor(self, day: int, leaves: DayLeaves) -> bytes:
        """After the day is over; gives the bytes."""
        self.chain.set_time(max(self.chain.now, (day + 1) * DAY))
        root = leaf_tree(leaves.records()).root
        self.days.anchor(self.community, day, root, by=GATEWAY)
        return leaves.encode()

    def settle(self, day: int, data: bytes) -> None:
        """After the challenge time."""
        self.chain.set_time(self.chain.now + CHALLENGE)
        self.days.settleDay(self.community, day, data, by=GATEWAY)

    def run(self, day: int, curves: Mapping[int, Sequence[int]]) -> DayLeaves:
        """A day, anchored and settled."""
        leaves = self.leaves(curves)
        self.settle(day, self.anchor(day, leaves))
        return leaves


def signed_lanes(word: int) -> list[int]:
    """Eight numbers of 32 bits in two's complement, the first lowest."""
    lanes = [word >> 32 * place & 0xFFFFFFFF for place in range(8)]
    return [lane - (1 << 32) if lane >> 31 else lane for lane in lanes]

"""DemandResponse where energy accounts say what they are told: a consumer with a settlement meter,
and an event of two hours.

Power in W, energy in Wh, the rewards of 5 kW in tUSD base units.
"""

from __future__ import annotations

from typing import Any

from energy_grid.chain.contract import structure
from energy_grid.contracts.demand_response import DemandResponseEvent, ParticipationRecord
from tests.support.core.chain import Deployed
from tests.support.core.grid_suite import ADMIN, DAY, GridWorld, name

__all__ = [
    "CONSUMER",
    "NUMBER",
    "OPERATOR",
    "RATE",
    "SLOT",
    "SLOTS",
    "STRANGER",
    "TARGET",
    "DemandWorld",
]

CONSUMER = "0x" + 39 * "0" + "3"
STRANGER = "0x" + 39 * "0" + "9"
OPERATOR = "0x" + 39 * "0" + "b"
NUMBER = 6
"""Of the consumer's account."""
SLOT = 900
SLOTS = 8
"""Of the event: two hours."""
TARGET, RATE = 5, 1_000_003
FUNDS = 10**10
_UNREAD = -(2**255)


class DemandWorld(GridWorld):
    """The event has been announced, and begins with the next slot.

    Args:
        similar_days, highest: the baseline's rule.
        days: similar days before, on each of which every slot of the event's time has a net of
            1,000 Wh of import.
    """

    def __init__(self, *, similar_days: int = 5, highest: int = 3, days: int = 0) -> None:
        super().__init__()
        self.similar_days, self.highest = similar_days, highest
        chain, manager = self.chain, self.chain.deploy("AccessManager", ADMIN).address
        self.double.setModules(self.grid.address, self.tariffs.address)
        operators = chain.deploy("GridOperatorVerification", manager, OPERATOR)
        operators.registerOperator("Home", name("home"), 1_000, by=OPERATOR)
        operators.verifyOperator(OPERATOR, by=ADMIN)
        operators.setOperatorScore(OPERATOR, 100, by=ADMIN)
        self.token = chain.deploy("TestDollar", "0x" + 40 * "0")
        self.token.faucet(FUNDS, by=OPERATOR)
        parameters = (7 * DAY, 100, similar_days, highest)
        modules = operators.address, self.double.address
        self.demand: Deployed = chain.deploy(
            "DemandResponse", manager, self.token.address, modules, parameters
        )
        self.demand.registerGridOperator(OPERATOR, by=ADMIN)
        self.register(CONSUMER)
        self.token.approve(self.demand.address, 2**200, by=OPERATOR)
        self.double.setAccount(CONSUMER, NUMBER, 0, 0, 0)
        self.first = self.running - 60 * 96
        self.speak(self.first)
        self.nets: dict[int, int | None] = {}
        self.event = self.announce()
        for back in range(1, 40):
            if self.is_similar(back) and days > 0:
                days -= 1
                self.draw(-1_000, back)

    def announce(self, program: int = 0) -> int:
        """An event from the next slot on, by its operator; its number."""
        self.start = self.running + 1
        event = (
            self.demand.startProgramEvent(program, 1, SLOTS * SLOT, by=OPERATOR)
            if program
            else self.demand.startEvent(TARGET, RATE, SLOTS * SLOT, by=OPERATOR)
        )
        return int(event)

    def register(self, consumer: str) -> None:
        """By itself."""
        self.demand.registerConsumer(consumer, by=consumer)

    def speak(self, since: int, until: int = 2**32 - 1, region: int = 1) -> None:
        """The slots that the consumer's settlement meter is billed for."""
        self.double.setMetered(NUMBER, region, since, until)

    def read(self, slot: int, net: int | None) -> None:
        """Export less import; None: it is not read."""
        self.nets[slot] = net
        self.double.setNet(NUMBER, slot, _UNREAD if net is None else net)

    def window(self, back: int) -> range:
        """The event's slots, days before."""
        return range(self.start - back * 96, self.start - back * 96 + SLOTS)

    def draw(self, net: int | None, back: int = 0) -> None:
        """The same in each slot of a window."""
        for slot in self.window(back):
            self.read(slot, net)

    def is_similar(self, back: int) -> bool:
        """Whether the day so many days before is a weekday or weekend like the event's."""
        today = self.start // 96
        return ((today - back + 3) % 7 > 4) == ((today + 3) % 7 > 4)

    @property
    def final_at(self) -> int:
        """The second at which the event's last slot is final."""
        return (self.start + SLOTS) * SLOT + 900

    def hold(self, net: int | None) -> None:
        """The event is over and final, and each of its slots has this net."""
        self.draw(net)
        self.chain.set_time(self.final_at)

    # Findings

    def verify(self, baseline: int = 2**256 - 1, *, by: str = STRANGER) -> dict[str, Any]:
        """From the meter; the values of the contract's event."""
        self.demand.verifyFromMeter(self.event, CONSUMER, baseline, by=by)
        return self.log("ReductionVerified")

    def say(self, consumer: str, reduction: int, wh: int = 800) -> None:
        """The operator's word that a consumer drew `wh`, and so much (W) less than usual."""
        actual = wh // 2
        finding = consumer, actual + reduction, actual, 5, 5 + wh
        self.demand.verifyReduction(self.event, *finding, by=OPERATOR)

    def complete(self) -> None:
        """At the first second at which that is possible."""
        self.chain.set_time(self.known.verifiable_until + 1)
        self.demand.completeEvent(self.event, by=STRANGER)

    def log(self, event: str) -> dict[str, Any]:
        """The values of an event of the last call."""
        return next(values for _, each, values in self.chain.logs if each == event)

    @property
    def known(self) -> DemandResponseEvent:
        """What the contract says of the event."""
        return structure(DemandResponseEvent, self.demand.getEvent(self.event))

    def participation(self, consumer: str = CONSUMER) -> ParticipationRecord:
        """What the contract says of a consumer in it."""
        return structure(ParticipationRecord, self.demand.getParticipation(self.event, consumer))

    def wallet(self, account: str) -> int:
        """Base units."""
        return int(self.token.balanceOf(account))

    # Baselines

    def baseline(self) -> int:
        """Of the event."""
        return int(self.demand.baselineFromMeter(CONSUMER, self.start, self.start + SLOTS))

    def expected(self) -> tuple[int, int]:
        """The rule again: W, and known days."""
        energies = []
        similar = [back for back in range(1, 40) if self.is_similar(back)]
        for back in similar[: self.similar_days]:
            nets = [self.nets.get(slot) for slot in self.window(back)]
            if None not in nets and self.window(back)[0] >= self.first:
                energies.append(sum(max(0, -(net or 0)) for net in nets))
        highest = sorted(energies)[-self.highest :]
        return sum(highest) * 3_600 // (self.highest * SLOTS * SLOT), len(energies)

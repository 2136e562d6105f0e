"""DemandResponse where energy accounts say what they are told: a consumer with a settlement meter,
and an event of two hours.

Power in W, energy in Wh, the rewards of 5 kW in tUSD base units.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from energy_grid.chain.contract import structure
from energy_grid.contracts.demand_enrolments import Enrolment
from energy_grid.contracts.demand_response import (
    DemandResponseEvent,
    EventTerms,
    ParticipationRecord,
)
from energy_grid.domain.baselines import Baseline, Morning, actual_of, baseline_of, taken_of
from energy_grid.domain.enums import EventKind
from tests.support.core.chain import Deployed
from tests.support.core.grid_suite import ADMIN, DAY, FORWARDER, GridWorld, name

__all__ = [
    "CONSUMER",
    "MORNING",
    "NUMBER",
    "OPERATOR",
    "RATE",
    "RATED",
    "SLOT",
    "SLOTS",
    "STRANGER",
    "TARGET",
    "UNREAD",
    "VERIFICATION",
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
MORNING = 12
"""Slots before the announcement: three hours."""
VERIFICATION = 7 * DAY
UNREAD = VERIFICATION // 24
RATED = 17_250
"""W of the consumer's meter."""
TARGET, RATE = 5, 1_000_003
FUNDS = 10**10
_UNREAD = -(2**255)


class DemandWorld(GridWorld):
    """The event has been announced, and begins with the next slot.

    Args:
        similar_days, known: the baseline's rule.
        days: similar days before, on each of which every slot of the event's time has a net of
            1,000 Wh of import, and every one of the three hours before.
        noise: percent of the days' spread that a reduction must reach.
        token: the contract of the money, and its arguments.
    """

    def __init__(
        self,
        *,
        similar_days: int = 5,
        known: int = 3,
        days: int = 0,
        noise: int = 200,
        token: tuple[Any, ...] = ("TestDollar", "0x" + 40 * "0"),
    ) -> None:
        super().__init__()
        # In the late morning: the three hours before are of the same day.
        self.chain.set_time(self.now + 36_000)
        self.similar_days, self.least_known, self.noise = similar_days, known, noise
        chain, manager = self.chain, self.chain.deploy("AccessManager", ADMIN).address
        self.double.setModules(self.grid.address, self.tariffs.address)
        self.operators = chain.deploy("GridOperatorVerification", manager, OPERATOR)
        self.token = chain.deploy(*token)
        self.baselines: Deployed = chain.deploy(
            "DemandBaselines", (self.double.address,), (100, similar_days, known, noise)
        )
        self.enrolments: Deployed = chain.deploy(
            "DemandEnrolments", chain.address_after(1), FORWARDER
        )
        modules = self.operators.address, self.baselines.address, self.enrolments.address, FORWARDER
        self.demand: Deployed = chain.deploy(
            "DemandResponse", manager, self.token.address, modules, (VERIFICATION,)
        )
        self.admit(OPERATOR, "home")
        self.register(CONSUMER)
        self.first = self.running - 60 * 96
        self.add_meter(CONSUMER, NUMBER)
        self.nets: dict[tuple[int, int], int | None] = {}
        self.chain.set_time(self.now + 1)
        self.event = self.announce()
        for back in range(1, 40):
            if self.is_similar(back) and days > 0:
                days -= 1
                self.draw(-1_000, back)
                self.spend_morning(-1_000, back)

    # Who takes part

    def admit(self, operator: str, region: str) -> None:
        """An operator of a region, with money."""
        self.operators.registerOperator("Operator", name(region), 1_000, by=operator)
        self.operators.verifyOperator(operator, by=ADMIN)
        self.operators.setOperatorScore(operator, 100, by=ADMIN)
        self.demand.registerGridOperator(operator, by=ADMIN)
        self.token.faucet(FUNDS, by=operator)
        self.token.approve(self.demand.address, 2**200, by=operator)

    def register(self, consumer: str) -> None:
        """By itself."""
        self.demand.registerConsumer(consumer, by=consumer)

    def add_meter(self, consumer: str, number: int) -> None:
        """An account with a settlement meter since `first`."""
        self.double.setAccount(consumer, number, 0, 0, 0)
        self.double.setRatedPower(number, RATED)
        self.speak(self.first, number=number)

    def program(self, target: int = TARGET, rate: int = RATE, duration: int = 30 * DAY) -> int:
        """A new one of the operator; its number."""
        terms = "Evening peak", 0, name("home"), target, rate, duration
        return int(self.demand.createDemandProgram(*terms, by=OPERATOR))

    def enrolment(self, consumer: str = CONSUMER) -> Enrolment:
        """What the contract says of it."""
        return structure(Enrolment, self.enrolments.getEnrolment(consumer))

    # Events

    def announce(self, program: int = 0, **terms: Any) -> int:
        """An event from the next slot on, by its operator, with further terms; its number."""
        self.start = self.running + 1
        given = EventTerms(
            program_id=program,
            kind=terms.get("kind", EventKind.CAPACITY),
            target_reduction_kw=terms.get("target", TARGET),
            reward_per_kw=terms.get("reward", 0 if program else RATE),
            start_time=terms.get("start", self.start * SLOT),
            duration=terms.get("duration", SLOTS * SLOT),
            ramp=terms.get("ramp", 0),
            group=terms.get("group", ""),
            opt_in=terms.get("opt_in", False),
            is_test=terms.get("is_test", False),
        )
        values = tuple(
            name(value) if isinstance(value := getattr(given, each), str) else value
            for each in EventTerms.__slots__
        )
        number = int(self.demand.scheduleEvent(values, by=terms.get("by", OPERATOR)))
        self.start = given.start_time // SLOT
        self.measured = (given.start_time + given.ramp) // SLOT
        self.end = (given.start_time + given.duration) // SLOT
        self.announced = self.running
        return number

    def speak(
        self, since: int, until: int = 2**32 - 1, region: int = 1, number: int = NUMBER
    ) -> None:
        """The slots that a consumer's settlement meter is billed for."""
        self.double.setMetered(number, region, since, until)

    def read(self, slot: int, net: int | None, number: int = NUMBER) -> None:
        """Export less import; None: it is not read."""
        self.nets[number, slot] = net
        self.double.setNet(number, slot, _UNREAD if net is None else net)

    def window(self, back: int = 0) -> range:
        """The event's measured slots, days before."""
        return range(self.measured - back * 96, self.end - back * 96)

    def morning(self, back: int = 0) -> range:
        """The three hours before the announcement, days before; none if it was too early."""
        before = self.announced - MORNING
        if before < self.start - self.start % 96:
            before = self.announced
        return range(before - back * 96, self.announced - back * 96)

    def draw(self, net: int | None, back: int = 0, number: int = NUMBER) -> None:
        """The same in each slot of a window."""
        for slot in self.window(back):
            self.read(slot, net, number)

    def spend_morning(self, net: int | None, back: int = 0, number: int = NUMBER) -> None:
        """The same in each slot of a morning."""
        for slot in self.morning(back):
            self.read(slot, net, number)

    def is_similar(self, back: int) -> bool:
        """Whether the day so many days before is a weekday or weekend like the event's."""
        today = self.start // 96
        return ((today - back + 3) % 7 > 4) == ((today + 3) % 7 > 4)

    @property
    def unread_from(self) -> int:
        """The second from which it is verified with slots that are not read."""
        return self.final_at + VERIFICATION - UNREAD

    @property
    def final_at(self) -> int:
        """The second at which the event's last slot is final."""
        return self.end * SLOT + 900

    def hold(self, net: int | None, number: int = NUMBER) -> None:
        """The event is over and final, and each of its slots has this net; its morning was as on
        the days before."""
        self.spend_morning(-1_000, number=number)
        self.draw(net, number=number)
        self.chain.set_time(max(self.now, self.final_at))

    # Findings

    def verify(self, consumer: str = CONSUMER, *, by: str = STRANGER) -> dict[str, Any]:
        """From the meter; the values of the contract's event."""
        self.demand.verifyFromMeter(self.event, consumer, by=by)
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

    def baseline(self, consumer: str = CONSUMER) -> Baseline:
        """Of the event."""
        slots = self.measured, self.end
        announced = self.known.announced_at
        return Baseline(*self.baselines.baselineOf(consumer, announced, *slots))

    def similar(self, number: int = NUMBER) -> Iterator[tuple[int, int]]:
        """Wh of the window and of the morning, on the known ones of the last similar days."""
        similar = [back for back in range(1, 40) if self.is_similar(back)]
        for back in similar[: self.similar_days]:
            window, morning = self.window(back), self.morning(back)
            taken = taken_of([self.nets.get((number, slot)) for slot in window])
            before = taken_of([self.nets.get((number, slot)) for slot in morning])
            since = min(window.start, morning.start) if morning else window.start
            if taken is not None and before is not None and since >= self.first:
                yield taken, before

    def known_days(self) -> int:
        """How many of the last similar days are known."""
        return len(list(self.similar()))

    def expected(self, number: int = NUMBER) -> Baseline:
        """The rule again."""
        days, mornings = zip(*self.similar(number), strict=True)
        today = [self.nets.get((number, slot)) for slot in self.morning()]
        morning = Morning(mornings, taken_of(today), len(today) * SLOT) if today else None
        return baseline_of(
            days, len(self.window()) * SLOT, noise_percent=self.noise, least=100, morning=morning
        )

    def actual(self, committed: int, number: int = NUMBER) -> int:
        """W that were taken in it, by the rule again."""
        nets = [self.nets.get((number, slot)) for slot in self.window()]
        expected = self.expected(number)
        return actual_of(nets, SLOT, expected, committed=committed, rated_power=RATED)

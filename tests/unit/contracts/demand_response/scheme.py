"""A demand-response scheme on a market: its operator and its consumers.

Targets in kW, a consumer's power in W, money in base units, registers in Wh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract, structure, to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts.demand_response import (
    DemandResponseEvent,
    ParticipationRecord,
    Program,
    ProgramParticipant,
)
from energy_grid.domain.demand_response import average_up
from energy_grid.domain.enums import EventKind, ProgramType
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.stacks import deploy_stack

__all__ = [
    "BUDGET",
    "DAY",
    "FUNDS",
    "HOUR",
    "NORTH",
    "RATE",
    "SLOT",
    "SOUTH",
    "TARGET",
    "Scheme",
    "open_scheme",
    "open_stack",
]

HOUR, DAY = 3600, 86_400
SLOT = MONDAY // HOUR
NORTH, SOUTH = to_bytes32("NORTH"), to_bytes32("SOUTH")
# 10 kW at 2.000003 dollars each: most shares of it are no whole units.
TARGET, RATE = 10, 2_000_003
BUDGET = TARGET * RATE
FUNDS = 10_000_000_000
_UNLIMITED = 2**256 - 1


@dataclass
class Scheme:
    """DemandResponse with an operator of the NORTH that has money and is registered."""

    market: Market
    operator: LocalAccount

    @property
    def contract(self) -> Contract:
        return self.market.demand_response

    @property
    def enrolments(self) -> Contract:
        return self.market.contracts["DemandEnrolments"]

    @property
    def dollar(self) -> Contract:
        return self.market.dollar

    def do(self, sender: LocalAccount | str, function: str, *arguments: Any) -> Receipt:
        return self.market.do(sender, self.contract, function, *arguments)

    def view(self, function: str, *arguments: Any) -> Any:
        return self.contract.call(function, *arguments)

    def logged(self, receipt: Receipt, event: str) -> list[dict[str, Any]]:
        """The contracts' events of one name, by the names of their values."""
        names = {each.name for each in self.contract.abi.events.values()}
        contract = self.contract if event in names else self.enrolments
        return [dict(one.arguments) for one in self.market.events(receipt, contract, event)]

    def at(self, timestamp: int) -> Scheme:
        """What comes next happens at exactly this second."""
        self.market.at(timestamp)
        return self

    # Who takes part

    def as_authority(self, contract: Contract, function: str, *arguments: Any) -> Receipt:
        role = self.market.roles[Role.GRID_AUTHORITY]
        return self.market.do(role, contract, function, *arguments)

    def verified(self, name: str, region: bytes = NORTH) -> LocalAccount:
        """An operator whom the authority has verified, and demand response does not know."""
        operators = self.market.operators
        self.market.do(actor(name), operators, "registerOperator", name, region, 1000)
        self.as_authority(operators, "verifyOperator", actor(name).address)
        self.as_authority(operators, "setOperatorScore", actor(name).address, 100)
        return actor(name)

    def registered(self, name: str, region: bytes = NORTH) -> LocalAccount:
        """An operator with money that it lets the contract take."""
        operator = self.verified(name, region)
        self.as_authority(self.contract, "registerGridOperator", operator.address)
        self.fund(operator)
        return operator

    def fund(self, account: LocalAccount, amount: int = FUNDS) -> None:
        """Money in a wallet, which the contract may take."""
        self.market.node.rpc("anvil_dealERC20", account.address, self.dollar.address, hex(amount))
        self.market.do(account, self.dollar, "approve", self.contract.address, _UNLIMITED)

    def consumer(self, name: str) -> LocalAccount:
        """A registered consumer."""
        account = actor(name)
        self.do(account, "registerConsumer", account.address)
        return account

    def lower_score(self, operator: LocalAccount, score: int = 49) -> None:
        """Below 50, an operator may only report."""
        self.as_authority(self.market.operators, "setOperatorScore", operator.address, score)

    def revoke(self, operator: LocalAccount) -> None:
        self.as_authority(self.market.operators, "revokeOperator", operator.address)

    # Programs and events

    def create(
        self,
        *,
        target: int = TARGET,
        rate: int = RATE,
        duration: int = 30 * DAY,
        sender: LocalAccount | None = None,
        name: str = "Evening peak",
        kind: ProgramType = ProgramType.PEAK_SHAVING,
        region: bytes = NORTH,
    ) -> int:
        """Open a program; its number."""
        arguments = (name, kind, region, target, rate, duration)
        self.do(sender or self.operator, "createDemandProgram", *arguments)
        return int(self.view("programCount"))

    def join(self, program: int, consumer: LocalAccount, watts: int = 1000) -> Receipt:
        return self.do(consumer, "joinProgram", program, watts)

    def start(self, target: int = TARGET, rate: int = RATE, duration: int = HOUR) -> int:
        """Announce an event of its own; its number."""
        self.do(self.operator, "startEvent", target, rate, duration)
        return int(self.view("eventCount"))

    def start_in(self, program: int, target: int = 1, duration: int = HOUR, **terms: Any) -> int:
        """Announce an event within a program, from the next slot on; its number."""
        return self.schedule(program, target=target, duration=duration, reward=0, **terms)

    def schedule(
        self,
        program: int = 0,
        *,
        target: int = TARGET,
        reward: int = RATE,
        duration: int = HOUR,
        start: int | None = None,
        sender: LocalAccount | None = None,
        kind: EventKind = EventKind.CAPACITY,
        ramp: int = 0,
        group: bytes = bytes(32),
        opt_in: bool = False,
        is_test: bool = False,
    ) -> int:
        """Announce an event with all its terms, by default from the next slot on; its number."""
        # The transaction is in the next second.
        begins = (self.market.now + 1) // HOUR * HOUR + HOUR if start is None else start
        terms = program, kind, target, reward, begins, duration, ramp, group, opt_in, is_test
        self.do(sender or self.operator, "scheduleEvent", terms)
        return int(self.view("eventCount"))

    def verify(
        self,
        event: int,
        consumer: LocalAccount,
        reduction: int,
        *,
        wh: int = 700,
        sender: LocalAccount | None = None,
    ) -> Receipt:
        """The operator's word that a consumer drew `wh`, and so much (W) less than usual."""
        known = self.event(event)
        actual = average_up(wh, known.end_time - known.start_time)
        return self.do(
            sender or self.operator,
            *("verifyReduction", event, consumer.address, actual + reduction, actual, 5, 5 + wh),
        )

    def go_to_end(self, event: int) -> None:
        """The next transaction comes no earlier than the first second at which the operator can
        verify."""
        self.market.go_to(max(self.market.now, self.event(event).end_time - 1))

    def complete(self, event: int) -> Receipt:
        """At the first second at which that is possible."""
        return self.at(self.event(event).verifiable_until + 1).do(
            actor("keeper"), "completeEvent", event
        )

    def completed(self, *reductions: int, target: int = TARGET, rate: int = RATE) -> int:
        """An event that consumers with these reductions (W) were verified for by word."""
        for number in range(len(reductions)):
            if not self.enrolments.call("isConsumer", actor(f"saver {number}").address):
                self.consumer(f"saver {number}")
        event = self.start(target, rate)
        self.go_to_end(event)
        for number, reduction in enumerate(reductions):
            name = f"saver {number}"
            self.verify(event, actor(name), reduction)
        self.complete(event)
        return event

    # What is known

    def event(self, event: int) -> DemandResponseEvent:
        return structure(DemandResponseEvent, self.view("getEvent", event))

    def program(self, program: int) -> Program:
        return structure(Program, self.view("getProgram", program))

    def participant(self, program: int, consumer: LocalAccount) -> ProgramParticipant:
        known = self.view("getProgramParticipant", program, consumer.address)
        return structure(ProgramParticipant, known)

    def participation(self, event: int, consumer: LocalAccount) -> ParticipationRecord:
        known = self.view("getParticipation", event, consumer.address)
        return structure(ParticipationRecord, known)

    def wallet(self, account: LocalAccount | str) -> int:
        address = account if isinstance(account, str) else account.address
        return int(self.dollar.call("balanceOf", address))

    @property
    def holdings(self) -> int:
        return self.wallet(self.contract.address)

    @property
    def escrowed(self) -> int:
        return int(self.view("escrowed"))


def open_scheme(market: Market) -> Scheme:
    """On a market that has no operators yet, and gets a tariff for the NORTH."""
    market.add_region(NORTH)
    scheme = Scheme(market, actor("operator"))
    scheme.registered("operator")
    return scheme


def open_stack(market: Market, token: str, *arguments: Any, **parameters: int) -> Scheme:
    """A scheme whose money is a token of its own, with the parameters of a deployment."""
    return open_scheme(deploy_stack(market, market.deploy(token, *arguments), **parameters))

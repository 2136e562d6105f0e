"""Demand response on the chain and in the model, driven at random together; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.domain.demand_response import EventStatus, Reduction
from energy_grid.errors import ContractError, DomainError
from tests.model.demand_response import DemandEvent, DemandProgram, Enrolments
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.support.stacks import deploy_stack

NAMES = ("saver", "neighbour", "factory", "school")
OPERATOR = actor("operator")
HOUR = 3600
FUNDS = 10**15
REGION = b"NORTH".ljust(32, b"\0")

names = st.sampled_from(NAMES)
watts = st.sampled_from([100, 101, 333, 999, 1000, 2500, 7001])
targets = st.integers(1, 6)
rates = st.sampled_from([1, 7, 999, 1001, 2_000_003])


class DemandResponseOnChain(ChainMachine):
    """One machine for both; `market` is set by the test. Its money is a token with a blacklist."""

    @initialize()
    def open(self) -> None:
        market = self.market
        self.undo = rewound(market)
        self.undo.__enter__()
        self.programs: list[DemandProgram] = []
        self.events: list[DemandEvent] = []
        # Of each event: its announcement, its start and end, and until when it can be verified.
        self.times: list[tuple[int, int, int, int]] = []
        self.within: list[int] = []
        self.tests: set[int] = set()
        self.listed: set[str] = set()
        self.enrolments = Enrolments()
        self.said: dict[str, int] = {}
        self.wallets = dict.fromkeys(NAMES, 0)
        self.operator_s = FUNDS
        self.now = MONDAY + 1000
        authority = market.roles[Role.GRID_AUTHORITY]
        response, token = market.demand_response, market.dollar
        market.do(OPERATOR, market.operators, "registerOperator", "operator", REGION, 1)
        market.do(authority, market.operators, "verifyOperator", OPERATOR.address)
        market.do(authority, market.operators, "setOperatorScore", OPERATOR.address, 100)
        market.do(authority, response, "registerGridOperator", OPERATOR.address)
        market.node.rpc("anvil_dealERC20", OPERATOR.address, token.address, hex(FUNDS))
        market.do(OPERATOR, token, "approve", response.address, 2**256 - 1)
        for name in NAMES:
            self.now += 1
            self.market.at(self.now).do(
                actor(name), response, "registerConsumer", actor(name).address
            )
            self.enrolments.join(name, 0, 100, self.now)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def both(
        self,
        model: Callable[[], Any],
        sender: LocalAccount,
        function: str,
        *arguments: Any,
        allowed: bool = True,
    ) -> Any:
        """Do it in the model (unless the clock or the token does not allow it) and, at the same
        second, on the chain; what the model gave, None where both refuse."""
        self.now += 1
        given = in_model = on_chain = None
        if allowed:
            try:
                given = model()
            except DomainError as refusal:
                in_model = refusal
        try:
            response = self.market.demand_response
            self.market.at(self.now).do(sender, response, function, *arguments)
        except ContractError as refusal:
            on_chain = refusal
        expected = allowed and in_model is None
        assert expected == (on_chain is None), f"{function}: {in_model!r} / {on_chain!r}"
        return given if expected else None

    def event(self, data: st.DataObject) -> int:
        """The index of one of the events, mostly of the last ones."""
        return len(self.events) - 1 - data.draw(st.integers(0, min(3, len(self.events) - 1)))

    def program(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.programs) - 1))

    # Time, and the token

    @rule(seconds=st.sampled_from([60, HOUR, 3 * HOUR]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(name=names)
    def list_or_not(self, name: str) -> None:
        """The token refuses this payee from now on, or no longer."""
        self.listed ^= {name}
        self.now += 1
        token = self.market.dollar
        arguments = (actor(name).address, name in self.listed)
        self.market.at(self.now).do(OPERATOR, token, "setListed", *arguments)

    # Programs

    @precondition(lambda self: len(self.programs) < 3)
    @rule(kw=targets, rate=rates)
    def create(self, kw: int, rate: int) -> None:
        program = DemandProgram(kw, rate)
        arguments = ("program", 0, REGION, kw, rate, 366 * 86_400)
        self.both(lambda: None, OPERATOR, "createDemandProgram", *arguments)
        self.operator_s -= program.budget
        self.programs.append(program)

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), name=names, committed=watts)
    def join(self, data: st.DataObject, name: str, committed: int) -> None:
        at = self.program(data)
        arguments = (at + 1, committed)
        free = self.enrolments.may_join(name, at + 1, self.now + 1)

        def join() -> bool:
            self.programs[at].join(name, committed)
            return True

        if self.both(join, actor(name), "joinProgram", *arguments, allowed=free):
            self.enrolments.join(name, at + 1, committed, self.now)

    @rule(name=names)
    def join_what_is_outside_programs(self, name: str) -> None:
        free = self.enrolments.may_join(name, 0, self.now + 1)
        joined = self.both(lambda: True, actor(name), "joinProgram", 0, 700, allowed=free)
        if joined:
            self.enrolments.join(name, 0, 700, self.now)

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), name=names)
    def leave(self, data: st.DataObject, name: str) -> None:
        at = self.program(data)

        def leave() -> bool:
            self.programs[at].leave(name)
            return True

        if self.both(leave, actor(name), "leaveProgram", at + 1):
            self.enrolments.leave(name, self.now)

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), name=names, reduction=watts)
    def report(self, data: st.DataObject, name: str, reduction: int) -> None:
        at = self.program(data)
        arguments = (at + 1, actor(name).address, reduction)
        report = self.programs[at].report
        self.both(lambda: report(name, reduction), OPERATOR, "reportReduction", *arguments)

    @precondition(lambda self: self.programs)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        at = self.program(data)
        arguments = (at + 1, OPERATOR.address)
        refund = self.both(self.programs[at].close, OPERATOR, "closeProgram", *arguments)
        self.operator_s += refund or 0

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), name=names)
    def claim_of_program(self, data: st.DataObject, name: str) -> None:
        at, claimant = self.program(data), actor(name)
        amount = self.both(
            lambda: self.programs[at].claim(name),
            *(claimant, "claimProgramReward", at + 1, claimant.address),
            allowed=name not in self.listed,
        )
        self.wallets[name] += amount or 0

    # Events

    def announced(self, event: DemandEvent, program: int, start: int) -> None:
        end = start + HOUR
        until = end + self.market.grace + self.market.demand_response.call("VERIFICATION_TIME")
        self.events.append(event)
        self.times.append((self.now, start, end, until))
        self.within.append(program)
        self.enrolments.occupy(program, end, until)

    @rule(kw=targets, rate=rates)
    def start(self, kw: int, rate: int) -> None:
        start = ((self.now + 1) // HOUR + 1) * HOUR
        free = self.enrolments.may_occupy(0, start)
        event = self.both(
            lambda: DemandEvent(kw, rate), OPERATOR, "startEvent", kw, rate, HOUR, allowed=free
        )
        if event is not None:
            self.operator_s -= event.budget
            self.announced(event, 0, start)

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), kw=targets, ahead=st.integers(1, 4), is_test=st.booleans())
    def schedule(self, data: st.DataObject, kw: int, ahead: int, is_test: bool) -> None:
        at = self.program(data)
        start = ((self.now + 1) // HOUR + ahead) * HOUR
        terms = at + 1, 0, kw, 0, start, HOUR, 0, bytes(32), False, is_test
        program = self.programs[at]
        event = self.both(
            lambda: program.start_event(kw, is_test=is_test),
            *(OPERATOR, "scheduleEvent", terms),
            allowed=self.enrolments.may_occupy(at + 1, start),
        )
        if event is not None:
            if is_test:
                self.tests.add(len(self.events))
            self.announced(event, at + 1, start)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        at = self.event(data)
        _, start, end, _ = self.times[at]
        event = self.events[at]

        def cancel() -> bool:
            event.cancel()
            return True

        begun = self.now + 1 >= start
        if self.both(cancel, OPERATOR, "cancelEvent", at + 1, allowed=not begun):
            self.enrolments.vacate(self.within[at], start, end)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), name=names, reduction=watts)
    def verify(self, data: st.DataObject, name: str, reduction: int) -> None:
        self.verify_at(self.event(data), name, reduction)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), found=st.lists(st.tuples(names, watts), min_size=1, max_size=4))
    def the_event_is_held(self, data: st.DataObject, found: list[tuple[str, int]]) -> None:
        """The ordinary course of things: it ends, is verified, completed and paid in part."""
        at = len(self.events) - 1
        self.now = max(self.now, self.times[at][2])
        for name, reduction in found:
            self.verify_at(at, name, reduction)
        self.now = max(self.now, self.times[at][3])
        self.complete_at(at)
        self.distribute_at(at, data.draw(st.integers(1, 4)))

    def verify_at(self, at: int, name: str, reduction: int) -> None:
        program = self.within[at]
        announced, start, end, until = self.times[at]
        part = self.enrolments.takes_part(name, program, announced)
        committed = self.enrolments.people[name].committed
        missed = 2 * reduction < committed

        def verify() -> bool:
            counted = 0 if missed else reduction
            self.events[at].verify(name, Reduction(counted, metered=False))
            return True

        verified = self.both(
            verify,
            *(OPERATOR, "verifyReduction", at + 1),
            *(actor(name).address, 50 + reduction, 50, 0, 50),
            allowed=part and end <= self.now + 1 <= until and start >= self.said.get(name, 0),
        )
        if not verified:
            return
        self.said[name] = end
        is_fair = at not in self.tests and start - announced >= HOUR
        judged = {"until": until, "missed": missed, "at": self.now}
        if is_fair and self.enrolments.count(name, **judged):
            self.enrolments.leave(name, self.now)
            if program:
                self.programs[program - 1].leave(name)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        self.complete_at(self.event(data))

    def complete_at(self, at: int) -> None:
        late = self.now + 1 > self.times[at][3]
        complete = self.events[at].complete
        self.both(complete, actor("keeper"), "completeEvent", at + 1, allowed=late)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def distribute(self, data: st.DataObject, steps: int) -> None:
        self.distribute_at(self.event(data), steps)

    def distribute_at(self, at: int, steps: int) -> None:
        refusing = frozenset(self.listed)
        paid = self.both(
            lambda: self.events[at].distribute(steps, refusing=refusing),
            *(actor("keeper"), "distributeRewards", at + 1, steps),
        )
        for name, amount in (paid or {}).items():
            self.wallets[name] += amount

    @precondition(lambda self: self.events)
    @rule(data=st.data(), name=names)
    def claim(self, data: st.DataObject, name: str) -> None:
        at, claimant = self.event(data), actor(name)
        amount = self.both(
            lambda: self.events[at].claim(name),
            *(claimant, "claimReward", at + 1, claimant.address),
            allowed=name not in self.listed,
        )
        self.wallets[name] += amount or 0

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def reclaim(self, data: st.DataObject) -> None:
        at = self.event(data)
        arguments = (at + 1, OPERATOR.address)
        amount = self.both(self.events[at].reclaim, OPERATOR, "reclaimBudget", *arguments)
        program = self.within[at]
        if program and not self.programs[program - 1].closed:
            self.programs[program - 1].take_back(amount or 0)
        else:
            self.operator_s += amount or 0

    # Invariants

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if not hasattr(self, "undo"):
            return
        response, token = self.market.demand_response, self.market.dollar
        reads = [(response, "escrowed", ()), (token, "balanceOf", (response.address,))]
        reads += [(token, "balanceOf", (actor(name).address,)) for name in (*NAMES, "operator")]
        reads += [(response, "getProgram", (at + 1,)) for at in range(len(self.programs))]
        reads += [(response, "getEvent", (at + 1,)) for at in range(len(self.events))]
        functions = [contract.abi.function(name) for contract, name, _ in reads]
        answers = self.market.node.rpc_batch(
            [
                ("eth_call", [call_parameter(contract.address, found.encode(given)), "latest"])
                for (contract, _, given), found in zip(reads, functions, strict=True)
            ]
        )
        values = iter(
            found.decode(bytes.fromhex(answer[2:]))
            for found, answer in zip(functions, answers, strict=True)
        )
        owed = sum(one.owed for one in (*self.programs, *self.events))
        escrowed, held = next(values), next(values)
        assert escrowed == owed
        assert held >= escrowed
        assert [next(values) for _ in NAMES] == list(self.wallets.values())
        assert next(values) == self.operator_s
        assert owed + self.operator_s + sum(self.wallets.values()) == FUNDS
        for program in self.programs:
            known = next(values)
            committed = sum(program.committed.values())
            assert known[8:12] == (committed, len(program.committed), program.budget, program.spent)
            assert sum(program.claimed.values()) <= sum(program.earned.values()) <= program.spent
            assert program.spent <= program.budget
        for event in self.events:
            known = next(values)
            assert known[15] == event.state
            assert known[16:18] == (len(event.reductions), event.total(metered=False))
            assert known[19:22] == (event.budget, event.paid, event.refunded)
            assert event.paid + event.refunded <= event.budget
            if event.state is not EventStatus.COMPLETED:
                assert event.paid == 0


def test_demand_response__driven_at_random__agrees_with_the_model_and_keeps_its_invariants(
    market: Market, drive: Drive
) -> None:
    stack = deploy_stack(market, market.deploy("BlacklistToken"))
    drive(DemandResponseOnChain, stack, examples=15, steps=35)

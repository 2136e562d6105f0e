"""Carbon credits on the chain and in the model, driven at random together; see README.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
)

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.errors import ContractError, DomainError
from tests.model.carbon import CarbonRegister, EmissionFactors
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import DAY, MONDAY, Market, Receipt, actor

PRODUCERS = ("roof", "turbine")
PEOPLE = (*PRODUCERS, "bakery")

producers = st.sampled_from(PRODUCERS)
people = st.sampled_from(PEOPLE)
# How many days before the running one, which is not over.
ages = st.lists(st.integers(0, 9), max_size=6)
energy = st.one_of(st.just(0), st.integers(1, 9999))
factors = st.sampled_from([0, 1, 380, 999, 1000, 2000, 2001])
amounts = st.sampled_from([0, 1, 7, 500, 2999])


class CarbonOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize()
    def open(self) -> None:
        market = self.market
        self.undo = rewound(market)
        self.undo.__enter__()
        market.go_to(MONDAY + 3600)
        # The production of each day, and the emission factor in force then.
        self.produced: dict[str, dict[int, int]] = {name: defaultdict(int) for name in PRODUCERS}
        first, factor = market.carbon.call("emissionFactorAt", 0)
        self.in_force = {first: factor}
        self.model = CarbonRegister(EmissionFactors(first, factor))
        # Grams and days by what the contract's events say.
        self.logged = dict.fromkeys(PRODUCERS, 0)
        self.counted = dict.fromkeys(PRODUCERS, 0)
        self.inactive: set[str] = set()
        self.registers = dict.fromkeys(PRODUCERS, 0)
        for name in PRODUCERS:
            producer, meter = actor(name), actor(f"meter of the {name}")
            market.do(producer, market.grid, "registerProducer", 10_000, 0)
            authority = market.roles[Role.GRID_AUTHORITY]
            market.do(authority, market.grid, "confirmParticipant", producer.address, True)
            market.register_meter(producer, meter, rated_power=100_000, settlement=False)
            number = market.meters.call("getMeter", meter.address)[0]
            registrar, carbon = market.roles[Role.REGISTRAR], market.carbon
            market.do(registrar, carbon, "setProductionMeters", producer.address, [number])
            self.now = market.now
            self.register(name)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    @property
    def running(self) -> int:
        """The day on which the next transaction is."""
        return (self.now + 1) // DAY

    def both(
        self,
        model: Callable[[], Any],
        sender: str,
        contract: Contract,
        function: str,
        *arguments: Any,
        refusal: str | None = None,
    ) -> Receipt | None:
        """Do it in the model (unless it is refused for what the model does not know) and, at the
        same second, on the chain, which gives the same reason; None where both refuse."""
        self.now += 1
        expected, found, receipt = refusal, None, None
        if refusal is None:
            try:
                model()
            except DomainError as in_model:
                expected = type(in_model).__name__.removesuffix("Error")
        try:
            receipt = self.market.at(self.now).do(sender, contract, function, *arguments)
        except ContractError as on_chain:
            found = on_chain.name.removeprefix("CarbonCredits_").removeprefix("ERC20")
        assert found == expected, f"{function}{arguments}: {found} / {expected}"
        return receipt

    # Time and meters

    @rule(days=st.sampled_from([1, 1, 2, 3]))
    def wait(self, days: int) -> None:
        """At each midnight the meters say what the day has brought."""
        market = self.market
        for _ in range(days):
            midnight = (self.running + 1) * DAY
            market.go_to(midnight)
            for name in PRODUCERS:
                self.registers[name] += self.produced[name][midnight // DAY - 1]
                meter, produced = actor(f"meter of the {name}"), self.registers[name]
                market.read_meter(meter, timestamp=midnight, produced=produced)
            self.now = market.now

    @rule(name=producers, wh=energy)
    def produce(self, name: str, wh: int) -> None:
        """Today."""
        self.produced[name][self.running] += wh

    @rule(
        name=producers,
        wh=st.lists(st.integers(1, 9999), min_size=1, max_size=4),
        cut=st.integers(0, 2),
        factor=factors,
    )
    def a_few_days_pass(self, name: str, wh: list[int], cut: int, factor: int) -> None:
        """The ordinary course of things: days of a clean producer are metered one by one, a factor
        changes, and when all are over they are issued in two calls, the last ones first."""
        if name in self.inactive:
            self.deactivate_or_reactivate(name)
        if self.model.producers[name].until_day is not None:
            self.register(name)
        self.wait(1)
        days = []
        for produced in wh:
            days.append(self.running)
            self.produce(name, produced)
            self.wait(1)
        self.change_factor(factor)
        for part in (days[cut:], days[:cut]):
            self.issue(name, [self.running - day for day in part])
        self.transfer(name, "bakery", 1 + cut)
        self.retire("bakery", name, 1 + cut, "bread")

    # Privileged

    def as_registrar(self, model: Callable[[], Any], function: str, name: str, **how: Any) -> None:
        registrar = self.market.roles[Role.REGISTRAR]
        self.both(model, registrar, self.market.carbon, function, actor(name).address, **how)

    @rule(name=producers)
    def register(self, name: str) -> None:
        running = self.running
        self.as_registrar(
            lambda: self.model.register(name, running),
            *("registerCleanEnergyProducer", name),
            refusal="InactiveProducer" if name in self.inactive else None,
        )

    @rule(name=producers)
    def deregister(self, name: str) -> None:
        running = self.running
        self.as_registrar(
            lambda: self.model.deregister(name, running), "deregisterCleanEnergyProducer", name
        )

    @rule(name=producers)
    def deactivate_or_reactivate(self, name: str) -> None:
        market, inactive = self.market, name in self.inactive
        function = "reactivateParticipant" if inactive else "deactivateParticipant"
        authority = market.roles[Role.GRID_AUTHORITY]
        self.both(lambda: None, authority, market.grid, function, actor(name).address, True)
        self.inactive ^= {name}

    @rule(factor=factors)
    def change_factor(self, factor: int) -> None:
        running, carbon = self.running, self.market.carbon
        governance = self.market.roles[Role.ADMIN]
        arguments = (governance, carbon, "setEmissionFactor", factor)
        if self.both(lambda: self.model.factors.change(running, factor), *arguments):
            self.in_force[running + 1] = factor

    # Credits

    @rule(name=producers, back=ages)
    def issue(self, name: str, back: list[int]) -> None:
        running = self.running
        days = [running - age for age in back]
        receipt = self.both(
            lambda: self.model.issue(name, days, self.produced[name], running),
            *(actor("anybody").address, self.market.carbon, "issueCarbonCredits"),
            *(actor(name).address, days),
            refusal="InactiveProducer" if name in self.inactive else None,
        )
        if receipt:
            event = self.market.events(receipt, self.market.carbon, "CarbonCreditsIssued")[0]
            self.logged[name] += event["grams"]
            self.counted[name] += event["days"]

    @rule(name=producers)
    def issue_all(self, name: str) -> None:
        """All that is over since the first day that counts, at most three weeks of it."""
        known = self.model.producers[name]
        until = self.running if known.until_day is None else known.until_day
        self.issue(name, [self.running - day for day in range(known.from_day, until)][-21:])

    @rule(sender=people, to=people, amount=amounts)
    def transfer(self, sender: str, to: str, amount: int) -> None:
        self.both(
            lambda: self.model.transfer(sender, to, amount),
            *(actor(sender).address, self.market.carbon, "transferCarbonCredits"),
            *(actor(to).address, amount),
        )

    @rule(account=people, beneficiary=people, amount=amounts, reason=st.sampled_from(["", "why"]))
    def retire(self, account: str, beneficiary: str, amount: int, reason: str) -> None:
        self.both(
            lambda: self.model.retire(account, amount, beneficiary, reason),
            *(actor(account).address, self.market.carbon, "retire"),
            *(amount, actor(beneficiary).address, reason),
        )

    # Invariants

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if not hasattr(self, "undo"):
            return
        model = self.model
        expected: list[tuple[str, tuple[Any, ...], Any]] = [
            ("totalSupply", (), model.total_supply),
            ("totalRetired", (), model.total_retired),
            ("totalIssued", (), sum(self.logged.values())),
            ("retirementCount", (), len(model.retirements)),
            ("emissionFactorCount", (), len(model.factors.history)),
        ]
        for name in PEOPLE:
            address = actor(name).address
            expected.append(("balanceOf", (address,), model.balances[name]))
            expected.append(("retiredFor", (address,), model.retired_for(name)))
        for name in PRODUCERS:
            address, known = actor(name).address, model.producers[name]
            fields = (known.from_day, known.until_day or 0, known.remainder)
            expected.append(("cleanProducer", (address,), fields))
            clean = known.until_day is None and name not in self.inactive
            expected.append(("isCleanEnergyProducer", (address,), clean))
        assert self.read([one[:2] for one in expected]) == [one[2] for one in expected]
        assert model.total_issued == sum(self.logged.values())

    @invariant()
    def no_day_earns_more_than_it_produced(self) -> None:
        if not hasattr(self, "undo"):
            return
        for name in PRODUCERS:
            days = list(self.produced[name])
            address = actor(name).address
            marked = self.read([("isCredited", (address, day)) for day in days])
            credited = [day for day, is_marked in zip(days, marked, strict=True) if is_marked]
            # Recomputed from the days alone, by what was set on the days before each.
            earned = sum(self.produced[name][day] * self.factor_of(day) for day in credited)
            assert self.logged[name] * 1000 + self.model.producers[name].remainder == earned
            assert self.counted[name] == len(credited)

    def factor_of(self, day: int) -> int:
        return self.in_force[max(begin for begin in self.in_force if begin <= day)]

    def read(self, reads: list[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        """Views, asked at once."""
        carbon = self.market.carbon
        functions = [carbon.abi.function(name) for name, _ in reads]
        answers = self.market.node.rpc_batch(
            [
                ("eth_call", [call_parameter(carbon.address, found.encode(given)), "latest"])
                for found, (_, given) in zip(functions, reads, strict=True)
            ]
        )
        return [
            found.decode(bytes.fromhex(answer[2:]))
            for found, answer in zip(functions, answers, strict=True)
        ]


def test_carbon__driven_at_random__agrees_with_the_model_and_keeps_its_invariants(
    hourly_market: Market, drive: Drive
) -> None:
    drive(CarbonOnChain, hourly_market, examples=12, steps=40)

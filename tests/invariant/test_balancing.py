"""Two regions on the chain and in the model, balanced at random together; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
)

from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.balancing import ActionType
from tests.model.balancing import BalancingError, Capacity, RegionBalance
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.operators.operators import set_score, verified_operator

REGIONS = ("NORTH", "SOUTH")
LIFETIME = 3600

# Nearly always NORTH: SOUTH is there to be left alone.
regions = st.sampled_from(("NORTH", "NORTH", "NORTH", "SOUTH"))
action_types = st.sampled_from(ActionType)
amounts = st.sampled_from([0, 1, 7, 30, 100, 250, 1000])
priorities = st.sampled_from([0, 1, 2, 3, 5, 6])
powers = st.sampled_from([0, 1, 99, 250, 400, 600])


class BalancedRegions(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize(current=powers, reserve=powers, demand=powers)
    def open(self, current: int, reserve: int, demand: int) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        self.models = {name: RegionBalance(LIFETIME) for name in REGIONS}
        self.operators = {
            name: verified_operator(self.market, f"of {name}", name) for name in REGIONS
        }
        # Numbers of the chain, in the order of the model's.
        self.ids: dict[str, list[int]] = {name: [] for name in REGIONS}
        self.now = MONDAY + 100
        self.set_capacity("NORTH", 1000, current, reserve // 2)
        self.report_load("NORTH", demand)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def both(
        self, model: Callable[[], Any], region: str, sender: str, function: str, *arguments: Any
    ) -> Any:
        """Do it in the model and, at the same second, on the chain; what the model gives."""
        self.now += 1
        given = expected = refused = None
        try:
            given = model()
        except BalancingError as refusal:
            expected = type(refusal).__name__.removesuffix("Error")
        try:
            self.market.at(self.now).do(sender, self.market.balancing, function, *arguments)
        except DecodedError as refusal:
            refused = refusal.name.partition("_")[2]
        assert refused == expected, f"{region}: {function}{arguments}"
        return given

    def operate(self, model: Callable[[], Any], region: str, function: str, *arguments: Any) -> Any:
        return self.both(model, region, self.operators[region].address, function, *arguments)

    # Time and what is known

    @rule(seconds=st.sampled_from([600, LIFETIME - 1, LIFETIME, 2 * LIFETIME]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(region=regions, demand=powers)
    def report_load(self, region: str, demand: int) -> None:
        self.now += 1
        operator, word = self.operators[region], to_bytes32(region)
        self.market.at(self.now).do(operator, self.market.load, "reportLoad", word, 1, demand)
        self.models[region].report_demand(demand, self.now)

    @rule(region=regions, maximum=st.sampled_from([0, 500, 1000]), current=powers, reserve=powers)
    def set_capacity(self, region: str, maximum: int, current: int, reserve: int) -> None:
        self.operate(
            lambda: self.models[region].set_capacity(maximum, current, reserve),
            *(region, "setRegionCapacity", to_bytes32(region), maximum, current, reserve),
        )

    # Actions

    @rule(region=regions, action_type=action_types, power=amounts, priority=priorities)
    def initiate(self, region: str, action_type: ActionType, power: int, priority: int) -> None:
        action = self.operate(
            lambda: self.models[region].initiate(action_type, power, priority, self.now),
            *(region, "initiateBalancingAction"),
            *(to_bytes32(region), action_type, power, priority),
        )
        self.number(region, action)

    @rule(action_type=action_types, share=st.sampled_from([1, 1, 2, 3]))
    def initiate_possible(self, action_type: ActionType, share: int) -> None:
        """A part of what NORTH can give, or all of it."""
        left = self.models["NORTH"].available_for(action_type, self.now + 1)
        self.initiate("NORTH", action_type, -(-left // share), 3)

    @rule(region=regions, action_type=action_types, power=amounts)
    def automate(self, region: str, action_type: ActionType, power: int) -> None:
        action = self.both(
            lambda: self.models[region].initiate_automated(action_type, power, 1, self.now),
            *(region, self.market.stability.address, "initiateAutomatedAction"),
            *(to_bytes32(region), action_type, power, 1, actor("reporter").address),
        )
        self.number(region, action)

    def number(self, region: str, action: Any) -> None:
        if action is not None:
            self.ids[region].append(sum(map(len, self.ids.values())) + 1)

    @rule(data=st.data(), region=regions, how=st.sampled_from(["complete", "complete", "cancel"]))
    def close(self, data: st.DataObject, region: str, how: str) -> None:
        action = data.draw(st.integers(1, len(self.ids[region]) or 1))
        self.close_one(region, action, how)

    @rule(how=st.sampled_from(["complete", "cancel", "expire"]))
    def close_oldest(self, how: str) -> None:
        """Of those that are open in NORTH."""
        open_ids = [one.id for one in self.models["NORTH"].open_actions()]
        if open_ids:
            self.close_one("NORTH", min(open_ids), how)

    @rule()
    def expire_all(self) -> None:
        for region in REGIONS:
            for action in self.models[region].open_actions():
                self.close_one(region, action.id, "expire")

    def close_one(self, region: str, action: int, how: str) -> None:
        model, ids = self.models[region], self.ids[region]
        steps: dict[str, Callable[[], None]] = {
            "complete": lambda: model.complete(action, self.now),
            "cancel": lambda: model.cancel(action, self.now),
            "expire": lambda: model.expire(action, self.now),
        }
        # A number that nobody has, where there is none yet.
        number = ids[action - 1] if action <= len(ids) else 10**6
        self.operate(steps[how], region, f"{how}BalancingAction", number)
        if how != "complete":
            # What was missed or cancelled must not keep the operator from going on.
            self.now += 1
            set_score(self.market.at(self.now), self.operators[region], 100)

    # Invariants

    @invariant()
    def the_chain_equals_the_model(self) -> None:
        if not hasattr(self, "ids"):
            return
        # Views see the time of the newest block.
        now = self.market.now
        for region, model in self.models.items():
            answers = self.views(region)
            capacity, listed, available = answers[0], answers[1], answers[2:]
            maximum, current, reserve, shed = capacity
            has = model.capacity or Capacity()
            assert capacity == (has.maximum, has.current, has.reserve, has.shed)
            assert current + reserve <= maximum
            ids = self.ids[region]
            assert [(one[0], one[7], one[9]) for one in listed] == [
                (ids[one.id - 1], one.target, one.deadline) for one in model.open_actions()
            ]
            assert list(available) == [model.available_for(one, now) for one in ActionType]
            committed = {one: model.committed(one) for one in ActionType}
            assert committed[ActionType.INCREASE_GENERATION] <= maximum - current - reserve
            assert committed[ActionType.DECREASE_GENERATION] <= current
            assert committed[ActionType.RESTORE_LOAD] <= shed
            assert committed[ActionType.RESERVE_ACTIVATION] <= reserve

    def views(self, region: str) -> list[Any]:
        """Capacity, open actions and what is available, in one round trip."""
        balancing: Contract = self.market.balancing
        word = to_bytes32(region)
        calls: list[tuple[str, tuple[Any, ...]]] = [
            ("getRegionCapacity", (word,)),
            ("getOpenActions", (word,)),
            *(("availableFor", (word, one)) for one in ActionType),
        ]
        functions = [(balancing.abi.function(name), arguments) for name, arguments in calls]
        answers = self.market.node.rpc_batch(
            [
                ("eth_call", [call_parameter(balancing.address, one.encode(arguments)), "latest"])
                for one, arguments in functions
            ]
        )
        return [
            one.decode(bytes.fromhex(answer[2:]))
            for (one, _), answer in zip(functions, answers, strict=True)
        ]


def test_balancing__driven_at_random__agrees_with_the_model_and_keeps_its_invariants(
    hourly_market: Market, drive: Drive
) -> None:
    drive(BalancedRegions, hourly_market, examples=15, steps=40)

"""The grid's side of the demo on a chain: its operator's wallet, and what it sends.

`energy_grid.demo.operator_day.Region` on the contracts of a development node.
"""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import Actor
from energy_grid.client import EnergyGrid
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.feeder_report import FeederHistory
from energy_grid.demo.gateway import KEEPER, Gateway
from energy_grid.demo.opening import home_region, operators_safe
from energy_grid.demo.operator_day import Claim
from energy_grid.demo.residents import Resident
from energy_grid.demo.seeded_random import draw_bytes
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.errors import CheckFailedError

__all__ = ["REWARD_PER_KW", "ChainRegion", "begin_operating", "operator_of"]

# 3 dollars for each kW over three hours: a dollar per kWh, some three times the grid's price.
REWARD_PER_KW = 3_000_000
_NAME = "Feeder LV2.101"
_ETHER = 10**18
# Made up, as the dip is that calls for it.
_RESERVE_KW = 5
_PRIORITY = 1
_NOMINAL_VOLTAGE, _PHASE_ANGLE = 100, 0
_PAGE, _REWARDS = 100, 50
# A metered verification reads the slots of many days; a report can open several actions.
_VERIFICATION_GAS, _RESPONSE_GAS = 2_000_000, 1_000_000


def operator_of(seed: int) -> Account:
    """The operator's wallet, drawn from the seed."""
    return Account(draw_bytes(seed, "operator"))


def begin_operating(
    contracts: EnergyGrid,
    sender: GasCountingSender,
    operator: Account,
    rating_kw: int,
    trigger: Trigger,
) -> None:
    """Make an account the verified operator of the home region, with a reserve that answers a
    trigger by itself."""
    authority, region = operators_safe(contracts, "authority"), home_region(contracts)
    operators = contracts.operators
    steps: list[list[tuple[Actor, Call]]] = [
        [(operator, operators.register_operator(_NAME, region, rating_kw))],
        [
            (authority, operators.verify_operator(operator.address)),
            (authority, operators.set_operator_score(operator.address, 100)),
        ],
        [
            (
                operator,
                contracts.balancing.set_region_capacity(
                    region,
                    max_generation=_RESERVE_KW,
                    current_generation=0,
                    reserve_capacity=_RESERVE_KW,
                ),
            ),
            (
                operator,
                contracts.stability.configure_automated_response(
                    trigger, ActionType.RESERVE_ACTIVATION, _RESERVE_KW, _PRIORITY
                ),
            ),
        ],
    ]
    # Only calls of one account are mined in their order, and each step needs the one before.
    for step in steps:
        sender.send(Operation.OPERATOR, step)


class ChainRegion:
    """The operator's region on the chain."""

    def __init__(
        self,
        node: DevNode,
        contracts: EnergyGrid,
        sender: GasCountingSender,
        market: ChainMarket,
        people: Sequence[Resident],
        operator: Account,
        gateway: Gateway,
    ) -> None:
        self._node = node
        self._contracts = contracts
        self._sender = sender
        self._market = market
        self._people = {person.household.number: person for person in people}
        self._operator = operator
        self._gateway = gateway
        self._region = home_region(contracts)

    def open(self, rating_kw: int, event: EventPlan | None) -> None:
        """Register the operator and have it verified; set a reserve that answers by itself when
        the frequency is low; for an event, admit operator and households, and find the money."""
        contracts, operator = self._contracts, self._operator
        self._node.set_balance(operator.address, _ETHER)
        begin_operating(contracts, self._sender, operator, rating_kw, Trigger.LOW_FREQUENCY)
        if event is not None:
            work = self._admissions(event, operators_safe(contracts, "authority"))
            self._sender.send(Operation.OPERATOR, work)

    def _admissions(self, event: EventPlan, authority: Actor) -> list[tuple[Actor, Call]]:
        """Into demand response: the operator, with its budget, and those who take part."""
        response, money = self._contracts.demand_response, self._contracts.money
        operator, budget = self._operator, event.target_kw * REWARD_PER_KW
        return [
            (authority, response.register_grid_operator(operator.address)),
            (operator, money.faucet(budget)),
            (operator, money.approve(response.address, budget)),
            *(
                (person.wallet, response.register_consumer(person.wallet.address))
                for person in (self._people[one.household.number] for one in event.participants)
            ),
        ]

    def advance_to(self, timestamp: int) -> None:
        """Set the chain's clock forward to a Unix second; nothing if it is past."""
        self._market.advance_to(timestamp)

    def report_load(self, capacity_kw: int, demand_kw: int) -> None:
        """Report the feeder's load."""
        call = self._contracts.load.report_load(self._region, capacity_kw, demand_kw)
        self._sender.send(Operation.LOAD, [(self._operator, call)])

    def announce(self, event: EventPlan) -> int:
        """Start the event, which begins with the next slot; gives its number."""
        response = self._contracts.demand_response
        call = response.start_event(event.target_kw, REWARD_PER_KW, event.end - event.start)
        (receipt,) = self._sender.send(Operation.EVENT, [(self._operator, call)])
        (started,) = response.events(receipt.logs, "EventStarted")
        if (started["start_time"], started["end_time"]) != (event.start, event.end):
            raise CheckFailedError(
                f"event {started['event_id']} goes from {started['start_time']}"
                f" to {started['end_time']}, not from {event.start} to {event.end}"
            )
        return int(started["event_id"])

    def verify(self, event: EventPlan, event_id: int, claims: Sequence[Claim]) -> None:
        """Have reductions verified by the meters.

        What the gateway has read is proven first: the event's slots, and those of the baseline.
        """
        for claim in claims:
            account = self._people[claim.household].wallet.address
            for slots in event.measured_slots:
                self._gateway.prove(account, slots)
        self._sender.send(
            Operation.VERIFY,
            [self._verification(event_id, claim) for claim in claims],
            limit=_VERIFICATION_GAS,
        )

    def pay_out(self, event_id: int) -> None:
        """Wait until the event can be completed, distribute its rewards, take back what is left."""
        response = self._contracts.demand_response
        event = response.get_event(event_id)
        self.advance_to(event.verifiable_until + 1)
        self._sender.send(Operation.EVENT, [(KEEPER, response.complete_event(event_id))])
        for _ in range(0, event.total_participants, _REWARDS):
            self._sender.send(
                Operation.REWARD,
                [(KEEPER, response.distribute_rewards(event_id, _REWARDS))],
                sizes=[min(_REWARDS, event.total_participants)],
            )
        if self._contracts.demand_response.escrowed():
            call = response.reclaim_budget(event_id, self._operator.address)
            self._sender.send(Operation.EVENT, [(self._operator, call)])

    def report_frequency(self, centihertz: int) -> list[int]:
        """Report the frequency; gives the balancing actions that this opened by itself."""
        stability = self._contracts.stability
        call = stability.report_stability_metrics(
            self._region, centihertz, _NOMINAL_VOLTAGE, _PHASE_ANGLE
        )
        (receipt,) = self._sender.send(
            Operation.FREQUENCY, [(self._operator, call)], limit=_RESPONSE_GAS
        )
        opened = stability.events(receipt.logs, "AutomatedActionOpened")
        return [int(log["action_id"]) for log in opened]

    def complete_action(self, action_id: int) -> None:
        """Say that a balancing action is carried out."""
        call = self._contracts.balancing.complete_balancing_action(action_id)
        self._sender.send(Operation.BALANCE, [(self._operator, call)])

    def history(self) -> FeederHistory:
        """What the chain has on record, the oldest first."""
        contracts = self._contracts
        return FeederHistory(
            operator=self._operator.address,
            region=self._region,
            loads=tuple(contracts.load.get_load_history(self._region, 0, _PAGE)[::-1]),
            frequencies=tuple(
                contracts.stability.get_stability_history(self._region, 0, _PAGE)[::-1]
            ),
            actions=tuple(contracts.balancing.get_balancing_actions(self._region, 0, _PAGE)[::-1]),
        )

    def _verification(self, event_id: int, claim: Claim) -> tuple[Account, Call]:
        response = self._contracts.demand_response
        address = self._people[claim.household].wallet.address
        return KEEPER, response.verify_from_meter(event_id, address)

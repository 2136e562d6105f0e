"""The operator's region on the reference model instead of a chain: what demand response and the
grid's modules would keep, by the rules in their interfaces."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.contracts.balancing_coordination import BalancingAction
from energy_grid.contracts.load_monitoring import LoadReport
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.feeder_report import FeederHistory
from energy_grid.demo.operator_day import NOMINAL_CENTIHERTZ, Claim
from energy_grid.demo.records import EventRecord, RewardRecord
from energy_grid.demo.trading_day import Reading
from energy_grid.domain.balancing import ActionStatus, ActionType
from energy_grid.domain.grid_levels import LoadStatus, StabilityLevel
from tests.model.grid_levels import load_percentage, load_status
from tests.support.model_market import ModelMarket, account_of

__all__ = ["REWARD_PER_KW", "ModelRegion"]

REWARD_PER_KW = 3_000_000
_OPERATOR, _REGION, _RESERVE_KW = "operator", "LV2.101", 5
_W_PER_KW = 1000


class ModelRegion:
    """`energy_grid.demo.operator_day.Region` on a `ModelMarket`."""

    def __init__(self, market: ModelMarket) -> None:
        self._market = market
        self._event: EventPlan | None = None
        self._claims: Sequence[Claim] = ()
        self._loads: list[LoadReport] = []
        self._frequencies: list[StabilityReport] = []
        self._actions: list[BalancingAction] = []

    def advance_to(self, timestamp: int) -> None:
        self._market.advance_to(timestamp)

    def report_load(self, capacity_kw: int, demand_kw: int) -> None:
        percentage = load_percentage(demand_kw, capacity_kw)
        self._loads.append(
            LoadReport(
                capacity=capacity_kw,
                demand=demand_kw,
                percentage=percentage,
                timestamp=self._market.now,
                status=LoadStatus(load_status(percentage)),
            )
        )

    def announce(self, event: EventPlan) -> int:
        slot = self._market.now // event.slot_seconds
        assert event.slots.start == slot + 1, "an event begins with the next slot"
        self._event = event
        return 1

    def verify(self, event_id: int, claims: Sequence[Claim]) -> None:
        assert event_id == 1
        self._claims = claims

    def pay_out(self, event_id: int) -> None:
        assert event_id == 1
        self._market.pay_rewards(self.events())

    def report_frequency(self, centihertz: int) -> list[int]:
        low = centihertz < NOMINAL_CENTIHERTZ
        self._frequencies.append(
            StabilityReport(
                frequency=centihertz,
                voltage=100,
                phase_angle=0,
                timestamp=self._market.now,
                level=StabilityLevel.ALERT if low else StabilityLevel.NORMAL,
            )
        )
        if not low:
            return []
        self._actions.append(self._action(ActionStatus.OPEN))
        return [1]

    def complete_action(self, action_id: int) -> None:
        assert action_id == 1
        self._actions = [self._action(ActionStatus.COMPLETED)]

    def report_early(self, readings: Sequence[Reading]) -> None:
        self._market.report(readings)

    def close_early(self, slots: Sequence[int], households: Sequence[int]) -> None:
        for slot in slots:
            self._market.close(slot, households)

    def history(self) -> FeederHistory:
        return FeederHistory(
            operator=_OPERATOR,
            region=_REGION,
            loads=tuple(self._loads),
            frequencies=tuple(self._frequencies),
            actions=tuple(self._actions),
        )

    def events(self) -> tuple[EventRecord, ...]:
        event = self._event
        if event is None:
            return ()
        budget = event.target_kw * REWARD_PER_KW
        together = sum(claim.baseline_w - claim.actual_w for claim in self._claims)
        rewards = []
        for claim in self._claims:
            reduction = claim.baseline_w - claim.actual_w
            reward = budget * reduction // max(event.target_kw * _W_PER_KW, together)
            rewards.append(
                RewardRecord(
                    account=account_of(claim.household),
                    baseline_w=claim.baseline_w,
                    actual_w=claim.actual_w,
                    reduction_w=reduction,
                    reward=reward,
                    paid=reward,
                    metered=claim.registers is None,
                )
            )
        return (
            EventRecord(
                id=1,
                operator=_OPERATOR,
                slots=event.slots,
                slot_seconds=event.slot_seconds,
                target_kw=event.target_kw,
                reward_per_kw=REWARD_PER_KW,
                budget=budget,
                refunded=budget - sum(part.paid for part in rewards),
                rewards=tuple(rewards),
            ),
        )

    def _action(self, status: ActionStatus) -> BalancingAction:
        return BalancingAction(
            id=1,
            region=_REGION,
            operator=_OPERATOR,
            action_type=ActionType.RESERVE_ACTIVATION,
            status=status,
            priority=1,
            automated=True,
            target=_RESERVE_KW,
            created_at=self._frequencies[0].timestamp,
            deadline=self._frequencies[0].timestamp + 3600,
        )

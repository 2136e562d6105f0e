"""DemandResponse: programs, events and rewards (contracts/interfaces/IDemandResponse.sol).

Targets in kW, rates in money per kW, a consumer's power in W, registers in Wh, durations in
seconds. Regions are plain text here.
"""

from __future__ import annotations

from energy_grid.chain.contract import Call, regional, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Stoppable
from energy_grid.contracts.grid_records import (
    DemandResponseEvent,
    ParticipationRecord,
    Program,
    ProgramParticipant,
)
from energy_grid.domain.enums import ProgramType

__all__ = ["DemandResponse"]


class DemandResponse(Stoppable):
    """The wrapper of DemandResponse.

    Who is not registered is refused with GridOperatorNotRegistered or ConsumerNotRegistered, an
    operator without its level in the region with GridOperatorVerification_NotAuthorized or
    GridOperatorVerification_LevelTooLow, another one's matters with DemandResponse_NotOperator;
    what does not exist with DemandResponse_NoSuchProgram or EventNotFound, and what is over with
    DemandResponse_ProgramNotActive, DemandResponse_ProgramEnded or EventNotActive. New programs,
    participations and events are refused while stopped.
    """

    NAME = "DemandResponse"

    # Registration

    def register_grid_operator(self, grid_operator: str) -> Call:
        """Admit a verified operator to demand response. Role: GRID_AUTHORITY.

        Raises: DemandResponse_AlreadyRegistered.
        """
        return self.prepare("registerGridOperator", grid_operator)

    def register_consumer(self, consumer: str) -> Call:
        """Register a consumer: itself, or by a registered operator.

        Raises: DemandResponse_AlreadyRegistered, DemandResponse_NotOperator.
        """
        return self.prepare("registerConsumer", consumer)

    # Consumers

    def join_program(self, program_id: int, committed: int) -> Call:
        """Join a program with so many W, at most its target, until it ends.

        Raises: AlreadyParticipating, InsufficientReduction, DemandResponse_BadParameter,
            EmergencyStop_Stopped.
        """
        return self.prepare("joinProgram", program_id, committed)

    def leave_program(self, program_id: int) -> Call:
        """Leave a program; what was earned stays. Raises: DemandResponse_NotParticipating."""
        return self.prepare("leaveProgram", program_id)

    def claim_reward(self, event_id: int, to: str) -> Call:
        """Pay out the sender's reward of a completed event; gives the amount.

        Raises: DemandResponse_NothingToClaim, DemandResponse_BadRecipient,
            RewardDistributionFailed.
        """
        return self.prepare("claimReward", event_id, to)

    def claim_program_reward(self, program_id: int, to: str) -> Call:
        """Pay out what the sender has earned in a program; gives the amount.

        Raises: DemandResponse_NothingToClaim, DemandResponse_BadRecipient,
            RewardDistributionFailed.
        """
        return self.prepare("claimProgramReward", program_id, to)

    # Grid operators, registered and of level OPERATE

    def create_demand_program(
        self,
        name: str,
        program_type: ProgramType,
        region: str,
        *,
        target_reduction_kw: int,
        incentive_rate: int,
        duration: int,
    ) -> Call:
        """Open a program; takes target times rate out of the sender's allowance; gives its number.

        Raises: DemandResponse_BadParameter, DemandResponse_EscrowShort, ERC20InsufficientAllowance,
            ERC20InsufficientBalance, EmergencyStop_Stopped.
        """
        return self.prepare(
            "createDemandProgram",
            name,
            program_type,
            to_bytes32(region),
            target_reduction_kw,
            incentive_rate,
            duration,
        )

    def report_reduction(self, program_id: int, participant: str, actual: int) -> Call:
        """Report what a participant reduced, at most what it committed, in W.

        Raises: DemandResponse_NotParticipating, DemandResponse_AboveCommitment,
            DemandResponse_BudgetExceeded.
        """
        return self.prepare("reportReduction", program_id, participant, actual)

    def close_program(self, program_id: int, to: str) -> Call:
        """End a program; what is left goes back: by its operator at any time, to whom it likes;
        by anybody after its end, to the operator.

        Raises: DemandResponse_NotOperator, DemandResponse_BadRecipient,
            RewardDistributionFailed.
        """
        return self.prepare("closeProgram", program_id, to)

    def start_event(self, target_reduction: int, reward_per_kw: int, duration: int) -> Call:
        """Announce an event; takes target times reward out of the allowance; gives its number.

        ``duration`` is whole slots, at most a day.
        Raises: DemandResponse_BadParameter, DemandResponse_EscrowShort, ERC20InsufficientAllowance,
            ERC20InsufficientBalance, EmergencyStop_Stopped.
        """
        return self.prepare("startEvent", target_reduction, reward_per_kw, duration)

    def start_program_event(self, program_id: int, target_reduction: int, duration: int) -> Call:
        """As `start_event` for a program's participants, at its rate and out of its budget.

        Raises: DemandResponse_BadParameter, DemandResponse_BudgetExceeded, EmergencyStop_Stopped.
        """
        return self.prepare("startProgramEvent", program_id, target_reduction, duration)

    def verify_reduction(
        self,
        event_id: int,
        consumer: str,
        *,
        baseline: int,
        actual: int,
        meter_start: int,
        meter_end: int,
    ) -> Call:
        """Verify a reduction by the operator's word; gives the participation's number.

        Raises: DemandResponse_TooEarly, EventExpired, AlreadyParticipating, InvalidMeterReading,
            InsufficientReduction, DemandResponse_NotParticipating.
        """
        return self.prepare(
            "verifyReduction", event_id, consumer, baseline, actual, meter_start, meter_end
        )

    def cancel_event(self, event_id: int) -> Call:
        """Take back an event before it starts. Raises: DemandResponse_AlreadyStarted."""
        return self.prepare("cancelEvent", event_id)

    def reclaim_budget(self, event_id: int, to: str) -> Call:
        """Take back what a completed or cancelled event does not need; gives the amount.

        Raises: DemandResponse_NothingToClaim, DemandResponse_BadRecipient,
            RewardDistributionFailed.
        """
        return self.prepare("reclaimBudget", event_id, to)

    # Anyone

    def verify_from_meter(self, event_id: int, consumer: str, baseline: int) -> Call:
        """Verify a reduction by the consumer's meters; gives the participation's number.

        Raises: DemandResponse_TooEarly, EventExpired, AlreadyParticipating, InsufficientReduction,
            DemandResponse_IncompleteReadings, DemandResponse_TooFewDays,
            DemandResponse_BaselineTooLow, DemandResponse_NotParticipating.
        """
        return self.prepare("verifyFromMeter", event_id, consumer, baseline)

    def complete_event(self, event_id: int) -> Call:
        """End an event that can no longer be verified. Raises: DemandResponse_TooEarly."""
        return self.prepare("completeEvent", event_id)

    def distribute_rewards(self, event_id: int, most: int) -> Call:
        """Pay the next 1 to 100 participants of a completed event; gives whether all are done.

        Raises: DemandResponse_BadPage.
        """
        return self.prepare("distributeRewards", event_id, most)

    # Views

    def is_grid_operator(self, account: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether an operator was admitted."""
        return bool(self.call("isGridOperator", account, block_identifier=block_identifier))

    def is_consumer(self, account: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether a consumer is registered."""
        return bool(self.call("isConsumer", account, block_identifier=block_identifier))

    def get_program(self, program_id: int, *, block_identifier: BlockId = "latest") -> Program:
        """A program."""
        values = self.call("getProgram", program_id, block_identifier=block_identifier)
        return regional(Program, values)

    def get_program_participant(
        self, program_id: int, participant: str, *, block_identifier: BlockId = "latest"
    ) -> ProgramParticipant:
        """A consumer's part in a program; zeros for who never joined."""
        values = self.call(
            "getProgramParticipant", program_id, participant, block_identifier=block_identifier
        )
        return structure(ProgramParticipant, values)

    def program_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many programs there ever were; they are numbered from 1."""
        return self._number("programCount", block_identifier=block_identifier)

    def get_event(
        self, event_id: int, *, block_identifier: BlockId = "latest"
    ) -> DemandResponseEvent:
        """An event."""
        values = self.call("getEvent", event_id, block_identifier=block_identifier)
        return regional(DemandResponseEvent, values)

    def event_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many events there ever were; they are numbered from 1."""
        return self._number("eventCount", block_identifier=block_identifier)

    def get_participation(
        self, event_id: int, consumer: str, *, block_identifier: BlockId = "latest"
    ) -> ParticipationRecord:
        """A consumer's part in an event; zeros and PENDING before it is verified."""
        values = self.call(
            "getParticipation", event_id, consumer, block_identifier=block_identifier
        )
        return structure(ParticipationRecord, values)

    def get_consumer_participations(
        self, consumer: str, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[ParticipationRecord]:
        """A page of 1 to 100 of a consumer's participations, oldest first, after ``offset``.

        Raises: DemandResponse_BadPage.
        """
        page = self.call(
            "getConsumerParticipations", consumer, offset, limit, block_identifier=block_identifier
        )
        return [structure(ParticipationRecord, values) for values in page]

    def get_event_participations(
        self, event_id: int, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[ParticipationRecord]:
        """A page of 1 to 100 of an event's participations, oldest first, after ``offset``.

        Raises: DemandResponse_BadPage.
        """
        page = self.call(
            "getEventParticipations", event_id, offset, limit, block_identifier=block_identifier
        )
        return [structure(ParticipationRecord, values) for values in page]

    def baseline_from_meter(
        self,
        consumer: str,
        from_slot: int,
        to_slot: int,
        *,
        block_identifier: BlockId = "latest",
    ) -> int:
        """Average W that a consumer usually draws in these slots, ``to_slot`` exclusive.

        Raises: DemandResponse_TooFewDays, DemandResponse_BadSlots.
        """
        return self._number(
            "baselineFromMeter", consumer, from_slot, to_slot, block_identifier=block_identifier
        )

    def escrowed(self, *, block_identifier: BlockId = "latest") -> int:
        """Reward money that the contract holds for rewards and refunds."""
        return self._number("escrowed", block_identifier=block_identifier)

    # Fixed at deployment

    def reward_token(self) -> str:
        """Address of the token that rewards are paid in."""
        return str(self.call("REWARD_TOKEN"))

    def operators(self) -> str:
        """Address of GridOperatorVerification."""
        return str(self.call("OPERATORS"))

    def meter(self) -> str:
        """Address of SmartMeter."""
        return str(self.call("METER"))

    def settlement(self) -> str:
        """Address of Settlement."""
        return str(self.call("SETTLEMENT"))

    def verification_time(self) -> int:
        """Seconds in which an event can be verified, once its readings are final."""
        return self._number("VERIFICATION_TIME")

    def min_reduction(self) -> int:
        """The least reduction that counts, in W."""
        return self._number("MIN_REDUCTION")

    def baseline_days(self) -> int:
        """Similar days that a metered baseline looks at..."""
        return self._number("BASELINE_DAYS")

    def baseline_highest(self) -> int:
        """...and how many of them, the highest, it averages."""
        return self._number("BASELINE_HIGHEST")

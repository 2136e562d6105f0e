"""What `ape run governance_drill` does: a change by vote, a pause by the Safe, and all refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.accounts import LOCAL_CHAINS, Account
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.contract import Call
from energy_grid.adapters.chain.multisig import Operation, SafeTransaction, joined
from energy_grid.client import Actor, EnergyGrid
from energy_grid.domain.units import format_decimal, format_duration, format_money, format_time
from energy_grid.errors import CheckFailedError, ContractError, DeploymentError, InputError
from energy_grid.services.governance_ports import ProposalState, Support
from energy_grid.services.ports import StopLevel

__all__ = ["drill"]

Say = Callable[[str], object]
_LOCAL_ACCOUNTS = 20
_MOST_BPS, _STEP_BPS = 100, 25


def drill(*, url: str, file: Path, say: Say) -> None:
    """Go through it all, a line for each step.

    Raises:
        InputError: this is no local chain, whose clock can be set and whose keys are known.
        DeploymentError: the market has no Safe, or no local account has a part in its governance.
        CheckFailedError: what must be refused was carried out, or the other way round.
    """
    with EnergyGrid.connect(url, file) as market, DevNode(url) as clock:
        if market.node.chain_id not in LOCAL_CHAINS:
            raise InputError(f"a drill is for a local chain, and this is {market.node.chain_id}")
        stage = _Stage(market, clock, say)
        stage.change_a_tariff()
        stage.pause_and_go_on()
        say("Nobody could do alone what is for many, or at once what has to wait.")


class _Stage:
    """The market, its people, and the clock."""

    def __init__(self, market: EnergyGrid, clock: DevNode, say: Say) -> None:
        self._market, self._clock, self._say = market, clock, say
        local = [Account.local(index) for index in range(_LOCAL_ACCOUNTS)]
        holdings = market.votes.balances_of(one.address for one in local)
        self._voters = [one for one, held in zip(local, holdings, strict=True) if held]
        owners = market.deployment.safe.owners if market.deployment.safe else ()
        self._owners = [one for one in local if one.address in owners]
        if not self._voters or not self._owners:
            raise DeploymentError("no local account has a part in this market's governance")

    def change_a_tariff(self) -> None:
        """From a proposal through vote, queue and delay to another protocol fee."""
        market, governor = self._market, self._market.governor
        settlement, proposer = market.settlement, self._voters[0]
        before = settlement.protocol_fee_bps()
        after = (before + _STEP_BPS) % (_MOST_BPS + 1)
        change = settlement.set_fees(after, settlement.grid_fee_per_kwh())
        words = f"the protocol fee from {_percent(before)} to {_percent(after)}"
        self._say(f"A tariff is to change: {words}")
        self._refused("one key alone", proposer, change)
        for voter in self._voters:
            market.send(voter, market.votes.delegate(voter.address))
        self._did(f"{len(self._voters)} holders of votes make theirs count")
        # They count from the second after.
        self._clock.set_time(self._clock.time + 1)

        number = governor.proposal_count() + 1
        text = f"Drill {number}: {words}. #proposer={proposer.address}"
        market.send(proposer, governor.propose([change], text))
        made = governor.proposal(number)
        self._did(f"proposal {number} is made, to be voted on after {format_time(made.vote_start)}")
        self._refused("a vote too early", proposer, governor.cast_vote(made.id, Support.FOR))

        self._go_to(made.vote_start + 1)
        for voter in self._voters:
            market.send(voter, governor.cast_vote(made.id, Support.FOR))
            tally = governor.proposal_votes(made.id)
            counted = format_money(tally.for_votes, market.votes.decimals(), market.votes.symbol())
            self._did(f"{_short(voter)} votes for it: now {counted}")
        needed = governor.quorum(made.vote_start)
        self._check(governor.proposal_votes(made.id).for_votes >= needed, "there is no quorum")
        self._refused("queueing before the vote ends", proposer, governor.queue(made.id))

        self._go_to(made.vote_end + 1)
        market.send(proposer, governor.queue(made.id))
        eta = governor.proposal(number).eta
        waits = format_duration(market.timelock.get_min_delay())
        self._did(f"the vote is over; it is queued, and has to wait {waits}")
        self._refused("executing before the delay is over", proposer, governor.execute(made.id))
        self._check(settlement.protocol_fee_bps() == before, "the fee has changed too early")

        self._go_to(eta)
        market.send(proposer, governor.execute(made.id))
        self._check(governor.state(made.id) is ProposalState.EXECUTED, "it is not executed")
        self._check(settlement.protocol_fee_bps() == after, "the fee has not changed")
        self._did(f"it is executed: the protocol fee is {_percent(after)}")
        self._refused("executing it twice", proposer, governor.execute(made.id))

    def pause_and_go_on(self) -> None:
        """The Safe, which is guardian, pauses the vault and starts it again."""
        market, settlement, owner = self._market, self._market.settlement, self._owners[0]
        safe = market.acting_safe(self._owners)
        enough = f"{len(safe.owners)} of {len(self._owners)} owners"
        self._say(f"The vault is to be paused by the Safe, for which {enough} sign")
        self._refused("an owner in its own name", owner, settlement.pause())
        self._refused("one signature", owner, self._signed_by_one(settlement.pause()))

        market.send(safe, settlement.pause())
        self._check(settlement.stop_level() is StopLevel.PAUSED, "the vault is not paused")
        self._did("signed by enough owners: the vault is paused")
        self._refused("a deposit while it is paused", owner, settlement.deposit(1))
        self._refused("one signature to go on", owner, self._signed_by_one(settlement.unpause()))

        market.send(safe, settlement.unpause())
        self._check(settlement.stop_level() is StopLevel.RUNNING, "the vault is still paused")
        self._did("signed by enough owners: the vault is open again")

    def _signed_by_one(self, call: Call) -> Call:
        """What one owner alone can make the Safe be asked for."""
        market, owner = self._market, self._owners[0]
        safe = market.acting_safe(self._owners)
        contract = market.safe
        if contract is None:
            raise DeploymentError("this market has no Safe")
        transaction = SafeTransaction(
            to=call.to,
            value=call.value,
            data=call.data,
            operation=Operation.CALL,
            nonce=contract.nonce(),
        )
        digest = transaction.digest(safe.address, market.node.chain_id)
        signature = {owner.address: owner.sign(digest).long}
        return contract.exec_transaction(transaction, joined(signature))

    def _go_to(self, timestamp: int) -> None:
        if int(self._clock.block("pending")["timestamp"], 16) < timestamp:
            self._clock.set_time(timestamp)
            self._did(f"the chain's clock goes to {format_time(timestamp)}")

    def _refused(self, what: str, actor: Actor, call: Call) -> None:
        """Try what must be refused."""
        try:
            self._market.send(actor, call)
        except ContractError as refusal:
            self._say(f"  refused: {what} ({_why(refusal)})")
            return
        raise CheckFailedError(f"{what} was not refused")

    def _did(self, what: str) -> None:
        self._say(f"  ok       {what}")

    @staticmethod
    def _check(holds: bool, otherwise: str) -> None:
        if not holds:
            raise CheckFailedError(otherwise)


def _why(refusal: ContractError) -> str:
    """In words, where the governor and the timelock answer with numbers and bitmaps."""
    if isinstance(refusal, errors.GovernorUnexpectedProposalState):
        return f"GridGovernor: the proposal is {ProposalState(refusal.current).name.lower()}"
    if isinstance(refusal, errors.TimelockUnexpectedOperationState):
        return "TimelockController: the delay is not over"
    return str(refusal)


def _percent(basis_points: int) -> str:
    return f"{format_decimal(basis_points, 2)} %"


def _short(account: Account) -> str:
    return f"{account.address[:6]}…{account.address[-4:]}"
